from collections import Counter

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from mmbook.datasets.blind import question_only_accuracy
from mmbook.datasets.collections import QuestionedImages
from mmbook.datasets.scenes.checking import answer_question, check_caption
from mmbook.datasets.scenes.collection import (
    SORT_OF_CLEVR,
    SORT_OF_CLEVR_KINDS,
    SceneConfig,
    SceneQuestions,
    load_scenes,
)
from mmbook.datasets.scenes.words import say

SCENES = load_scenes("validation", size=32, count=60)


@settings(max_examples=20)
@given(
    st.sampled_from(["train", "validation", "test"]),
    st.integers(16, 256),
    st.integers(0, 500),
    st.integers(0, 3),
)
def test_the_same_scene_at_any_size(split, size, start, seed):
    large = load_scenes(split, size=size, count=2, start=start, seed=seed)
    small = load_scenes(split, size=16, count=4, start=start, seed=seed)
    assert large.images.shape == (2, 3, size, size)
    assert large.images.dtype == torch.uint8
    assert large.objects == small.objects[:2]
    assert large.names == small.names[:2]
    assert large.captions == small[:2].captions
    assert large.questions().questions == small[:2].questions().questions


def test_everything_belongs_together():
    for language in ("en", "zh"):
        for (caption,), scene in zip(SCENES.captions[language], SCENES.objects, strict=True):
            assert check_caption(caption, scene, language).complete
        asked = SCENES.questions(language=language, each=2)
        for row in range(len(asked)):
            scene = SCENES.objects[int(asked.image_rows[row])]
            answer = say(answer_question(asked.questions[row], scene, language), language)
            assert answer == asked.answers[row] == asked.classes[int(asked.answer_ids[row])]


def test_both_languages_ask_the_same():
    english, chinese = (SCENES.questions(language=language) for language in ("en", "zh"))
    assert torch.equal(english.answer_ids, chinese.answer_ids)
    assert english.kinds == chinese.kinds
    assert len(english.classes) == len(chinese.classes)


def test_rows_are_picked_with_all_that_belongs_to_them():
    rows = [5, 2]
    few = SCENES[rows]
    assert len(few) == 2
    assert torch.equal(few.images, SCENES.images[rows])
    assert few.objects == (SCENES.objects[5], SCENES.objects[2])
    assert few.config == SCENES.config
    asked = SCENES.questions()
    relational = asked[asked.relational]
    assert isinstance(relational, SceneQuestions)
    assert {"closest shape", "relation"} <= set(relational.kinds)
    assert not {"shape", "exists"} & set(relational.kinds)
    assert relational.images is asked.images


def test_labels_are_padded_with_what_a_loss_can_ignore():
    words = {
        "shape": SCENES.config.shapes,
        "colour": SCENES.config.colours,
        "size": ("small", "large"),
    }
    for attribute in ("shape", "colour", "size"):
        labels = SCENES.labels(attribute)
        assert labels.shape == (60, 4)
        for row, scene in zip(labels.tolist(), SCENES.objects, strict=True):
            named = [words[attribute][place] for place in row if place >= 0]
            assert named == [getattr(item, attribute) for item in scene]
            assert row[len(scene) :] == [-1] * (4 - len(scene))


def test_noise_and_levels_are_options():
    config = SceneConfig(noise=0.1, objects=(2, 2))
    noisy = load_scenes("train", size=32, count=3, level="relation", config=config)
    again = load_scenes("train", size=32, count=2, start=1, level="relation", config=config)
    assert torch.equal(noisy.images[1:], again.images)
    assert all(" at the " not in caption for (caption,) in noisy.captions["en"])
    clean = load_scenes("train", size=32, count=3, config=SceneConfig(objects=(2, 2)))
    assert clean.objects == noisy.objects
    assert not torch.equal(clean.images, noisy.images)


def test_sort_of_clevr_is_a_configuration():
    scenes = load_scenes("train", size=75, count=150, config=SORT_OF_CLEVR)
    assert scenes.images.shape == (150, 3, 75, 75)
    asked = scenes.questions(each=10, kinds=SORT_OF_CLEVR_KINDS)
    assert set(Counter(asked.image_rows.tolist()).values()) == {20}
    assert int(asked.relational.sum()) == 1500
    assert set(asked.classes) == {
        *("circle", "square", "left", "right", "top", "bottom"),
        *("zero", "one", "two", "three", "four", "five"),
    }
    assert all("small" not in caption for (caption,) in scenes.captions["en"])


# What the documentation of scene_questions says that a question gives away.
BLIND = dict.fromkeys(("shape", "colour"), 1 / 6)
BLIND |= {f"{end} {asked}": 6 / 47 for end in ("closest", "furthest") for asked in BLIND}
BLIND |= dict.fromkeys(("size", "exists", "across", "down", "relation", "same size"), 1 / 2)
BLIND |= {"count side": 2 / 5}
BLIND_CLEVR = dict.fromkeys(SORT_OF_CLEVR_KINDS, 1 / 2) | {"count shape": 5 / 16}


@pytest.mark.parametrize(
    ("config", "shares"), [(SceneConfig(), BLIND), (SORT_OF_CLEVR, BLIND_CLEVR)]
)
def test_questions_give_away_no_more_than_is_said(config, shares):
    seen, asked = (
        load_scenes(split, size=16, count=count, config=config).questions(kinds=tuple(shares))
        for split, count in (("train", 2000), ("validation", 1200))
    )
    for kind, share in shares.items():
        known, new = (
            questions[[row for row, name in enumerate(questions.kinds) if name == kind]]
            for questions in (seen, asked)
        )
        error = (share * (1 - share) / len(new)) ** 0.5
        assert question_only_accuracy(known, new) < share + 4 * error
        assert Counter(new.answers).most_common(1)[0][1] / len(new) < share + 4 * error + 0.02


def questioned(*pairs):
    questions, answers = zip(*pairs, strict=True) if pairs else ((), ())
    return QuestionedImages(
        image_rows=torch.zeros(len(pairs), dtype=torch.int64),
        questions=questions,
        answers=answers,
        answer_ids=torch.zeros(len(pairs), dtype=torch.int64),
        images=torch.zeros(1, 3, 16, 16),
        classes=("yes",),
    )


def test_the_blind_answer_with_what_was_frequent():
    seen = questioned(("a?", "yes"), ("a?", "no"), ("a?", "no"), ("b?", "yes"), ("c?", "no"))
    asked = questioned(("a?", "no"), ("a?", "yes"), ("b?", "yes"), ("new?", "no"))
    assert question_only_accuracy(seen, asked) == 3 / 4
    with pytest.raises(ValueError, match="questions in both, got 5 and 0"):
        question_only_accuracy(seen, questioned())


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"split": "dev"}, "no split 'dev'"),
        ({"size": 15}, "at least 16 pixels a side, got 15"),
        ({"level": "word"}, "no level 'word'"),
        ({"count": -1}, "must not be negative"),
    ],
)
def test_impossible_sets_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        load_scenes(**{"split": "train", "count": 1} | options)


def test_unknown_questions_are_refused():
    with pytest.raises(ValueError, match=r"no \['why'\] questions"):
        SCENES.questions(kinds=("why",))
    with pytest.raises(ValueError, match="no language 'de'"):
        SCENES.questions(language="de")
