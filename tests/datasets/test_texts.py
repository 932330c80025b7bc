"""Texts to predict the next word of: their splits and their vocabulary."""

from collections import Counter

import pytest

from mmbook.datasets.texts import HELD_OUT_SCENES, load_texts


@pytest.mark.parametrize("seed", [0, 1])
def test_no_scene_is_in_two_splits_and_words_come_from_training(seed: int) -> None:
    text = load_texts("mini", 2, seed)["captions"]
    sizes = [len(rows) for rows in (text.train, text.validation, text.test)]
    held_out = 3 * HELD_OUT_SCENES
    assert sizes == [144 - 2 * held_out, held_out, held_out]
    rows = [{tuple(row) for row in part} for part in (text.train, text.validation, text.test)]
    assert not rows[0] & rows[2] and not rows[1] & rows[2]
    counts = Counter(word for row in text.train for word in row)
    assert min(counts[i] for i in range(4, len(text.vocabulary))) >= 2
    assert text.choices == len(text.vocabulary) - 2


def test_a_seed_chooses_the_scenes() -> None:
    one, two = (load_texts("mini", 2, seed)["captions"] for seed in (0, 1))
    assert one.vocabulary.words != two.vocabulary.words
    assert one.digest != two.digest
    assert one.digest == load_texts("mini", 2, 0)["captions"].digest
