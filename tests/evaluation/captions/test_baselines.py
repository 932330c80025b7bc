"""The best thing to say of every picture, what people score, and captions of other pictures."""

from collections.abc import Callable, Sequence
from functools import partial

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from mmbook.evaluation.captions.baselines import best_constant, human, shuffled
from mmbook.evaluation.captions.bleu import Bleu, bleu
from mmbook.evaluation.captions.chrf import Chrf, chrf
from mmbook.evaluation.captions.cider import Cider, cider

REFERENCES = [
    [text.split() for text in texts]
    for texts in (
        ("a dog runs", "the dog runs fast", "a brown dog"),
        ("a dog sits", "a dog on grass", "one dog"),
        ("two men", "a man and a dog", "men with a hat"),
    )
]
CANDIDATES = [text.split() for text in ("two men", "a dog", "a dog runs", "", "dog dog dog")]
METRICS = {
    "bleu-1": (partial(Bleu, order=1), lambda c, r: bleu(c, r)[0]),
    "bleu-2": (partial(Bleu, order=2), lambda c, r: bleu(c, r)[1]),
    "cider": (Cider, cider),
}


@pytest.mark.parametrize("name", METRICS)
def test_nothing_else_that_is_said_of_all_pictures_scores_more(name: str) -> None:
    metric, score = METRICS[name]
    found, value = best_constant(CANDIDATES, REFERENCES, metric)
    scores = [score([words] * 3, REFERENCES) for words in CANDIDATES]
    assert value == pytest.approx(max(scores)) and value > sorted(scores)[-2]
    assert found == CANDIDATES[scores.index(max(scores))]


def test_of_equal_constants_the_first_is_taken_and_of_none_none() -> None:
    assert best_constant([["x"], ["y"]], REFERENCES, Cider) == (["x"], 0)
    with pytest.raises(ValueError, match="there are no candidates to choose from"):
        best_constant([], REFERENCES, Cider)


@pytest.mark.parametrize("name", METRICS)
def test_people_are_held_against_each_other(name: str) -> None:
    metric, score = METRICS[name]
    scores = []
    for left in range(3):
        others = [[c for k, c in enumerate(captions) if k != left] for captions in REFERENCES]
        scores.append(score([captions[left] for captions in REFERENCES], others))
    assert len(set(scores)) > 1
    assert human(REFERENCES, metric) == pytest.approx(sum(scores) / 3)


def test_people_who_agree_have_all_there_is() -> None:
    texts = [["a dog runs"] * 2, ["two men stand"] * 2]
    assert human(texts, Chrf) == pytest.approx(1)
    assert human([[text.split() for text in row] for row in texts], partial(Bleu, order=3)) == 1


@pytest.mark.parametrize(
    ("references", "message"),
    [
        ([[["a"]], [["b"]]], r"two or more, but references\[0\] are 1 and references\[0\] are 1"),
        ([[["a"]] * 3, [["b"]] * 2], r"references\[0\] are 3 and references\[1\] are 2"),
        ([], "there are no references"),
    ],
)
def test_people_need_as_many_references_each(references: list, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        human(references, Cider)


@given(count=st.integers(2, 9), seed=st.integers(0, 99))
def test_every_caption_goes_to_another_picture(count: int, seed: int) -> None:
    seen: list[Sequence[int]] = []

    def metric(references: Sequence[Sequence[int]]) -> Callable[[Sequence[int]], float]:
        assert references == [[n] for n in range(count)]

        def score(captions: Sequence[int]) -> float:
            seen.append(captions)
            return sum(c == r for c, (r,) in zip(captions, references, strict=True))

        return score

    drawn = [torch.Generator().manual_seed(seed) for _ in range(2)]
    for generator in drawn:
        found = shuffled(range(count), [[n] for n in range(count)], metric, generator)
        assert found == 0
    assert sorted(seen[0]) == list(range(count)) and seen[0] == seen[1]


def test_all_exchanges_into_one_cycle_are_as_probable() -> None:
    seen: list[tuple[int, ...]] = []
    generator = torch.Generator().manual_seed(0)
    for _ in range(2000):
        shuffled(range(3), [[0]] * 3, lambda _: lambda c: seen.append(tuple(c)) or 0.0, generator)
    assert set(seen) == {(1, 2, 0), (2, 0, 1)}
    assert 900 < seen.count((1, 2, 0)) < 1100


def test_captions_that_know_their_pictures_lose_by_exchange_and_a_constant_does_not() -> None:
    candidates = [captions[0] for captions in REFERENCES]
    generator = torch.Generator().manual_seed(0)
    assert shuffled(candidates, REFERENCES, Cider, generator) < cider(candidates, REFERENCES) / 2
    constant = [["two", "dog"]] * 3
    assert shuffled(constant, REFERENCES, Cider, generator) == cider(constant, REFERENCES) > 0
    with pytest.raises(ValueError, match="to exchange captions takes two or more, not 1"):
        shuffled([["a"]], [[["a"]]], Bleu, generator)


def test_texts_are_held_against_texts() -> None:
    texts = [[" ".join(words) for words in captions] for captions in REFERENCES]
    found, value = best_constant(["a dog", "two men"], texts, Chrf)
    assert found == "a dog" and value == chrf(["a dog"] * 3, texts)
