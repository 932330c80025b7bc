"""What captions are worth: true ones, wrong ones, and those that nobody can read."""

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mmbook.datasets.scenes.captions import describe
from mmbook.datasets.scenes.grammar import parse_caption
from mmbook.datasets.scenes.layout import SceneConfig, SceneObject, draw_scenes
from mmbook.datasets.scenes.scoring import (
    ATTRIBUTES,
    _right,
    _shared_out,
    score_captions,
    told_rightly,
)
from mmbook.datasets.scenes.words import LANGUAGES

SCENES = draw_scenes(SceneConfig(), "train", 60)
STAR = SceneObject("star", "red", "small", 0.2, 0.2, 0.1)
RING = SceneObject("ring", "blue", "large", 0.8, 0.7, 0.15)


def captions(language: str) -> list[str]:
    return [describe(scene, "scene", "")[language] for scene in SCENES]


@pytest.mark.parametrize("language", LANGUAGES)
def test_true_captions_are_right_in_everything(language: str) -> None:
    found = score_captions(captions(language), SCENES, language)
    assert vars(found) == dict.fromkeys(vars(found), 1.0) | {"unreadable": 0.0}


def test_each_error_counts_where_it_is() -> None:
    said = {
        "a small red star at the top left and a large blue ring at the bottom right": {},
        "a small red star at the top left and a large red ring at the bottom right": {
            "complete": 0.0,
            "every": 0.5,
            "colour": 0.5,
        },
        "a large blue star at the top left and a small red ring at the bottom right": {
            "complete": 0.0,
            "every": 0.0,
            "colour": 0.0,
            "size": 0.0,
        },
        "a large blue ring at the bottom right": {"complete": 0.0, "count": 0.0}
        | dict.fromkeys(("every", *ATTRIBUTES), 0.5),
        "a red a": dict.fromkeys(("complete", "count", "every", *ATTRIBUTES), 0.0)
        | {"unreadable": 1.0},
    }
    for text, wrong in said.items():
        found = score_captions([text], [(STAR, RING)], "en")
        right = dict.fromkeys(vars(found), 1.0) | {"unreadable": 0.0}
        assert vars(found) == right | wrong, text


def test_what_is_told_of_each_object() -> None:
    said = {
        "a small red star at the top left and a large blue ring at the bottom right": [True, True],
        "a small red star at the top left and a large red ring at the bottom right": [True, False],
        "a large blue ring at the bottom right": [False, True],
        "a large blue ring at the bottom left": [False, False],
        "a red a": [False, False],
    }
    assert {text: told_rightly(text, (STAR, RING), "en") for text in said} == said
    with pytest.raises(ValueError, match="de"):
        told_rightly("ein roter Stern", (STAR,), "de")


def test_what_is_said_too_often_is_not_complete() -> None:
    text = "a small red star at the top left and a small red star at the top left"
    found = score_captions([text], [(STAR,)], "en")
    assert (found.complete, found.count, found.every) == (0.0, 0.0, 1.0)


@settings(max_examples=60)
@given(st.integers(0, 59), st.integers(0, 59))
def test_statements_are_shared_out_as_well_as_can_be(one: int, other: int) -> None:
    said, scene = parse_caption(captions("en")[one], "en"), SCENES[other]
    places = range(max(len(said), len(scene)))
    best = max(
        sum(
            sum(_right(said[order[row]], item))
            for row, item in enumerate(scene)
            if order[row] < len(said)
        )
        for order in permutations(places)
    )
    found = _shared_out(said, scene)
    assert found.shape == (len(scene), len(ATTRIBUTES)) and found.dtype == np.bool_
    assert found.sum() == best


def test_shares_are_of_captions_and_of_objects() -> None:
    texts = ["a small red star at the top left", "a large red ring at the top left"]
    found = score_captions(texts, [(STAR,), (STAR, RING)], "en")
    assert (found.complete, found.count) == (0.5, 0.5)
    # Of three objects the first is right; the ring is in shape and size, or the star in others.
    assert found.every == pytest.approx(1 / 3)
    assert found.shape + found.colour + found.size + found.place == pytest.approx(4 / 3 + 2 / 3)


def test_what_cannot_be_compared_is_refused() -> None:
    with pytest.raises(ValueError, match="each scene needs a caption: 1 for 0"):
        score_captions(["a"], [], "en")
    with pytest.raises(ValueError, match="each scene needs a caption"):
        score_captions([], [], "en")
    with pytest.raises(ValueError, match="no language"):
        score_captions(["a"], [(STAR,)], "de")
