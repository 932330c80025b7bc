"""How much of what scenes show their captions say: the referee's word on many of them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import linear_sum_assignment

from mmbook.datasets.scenes.captions import place_of
from mmbook.datasets.scenes.checking import check_caption
from mmbook.datasets.scenes.grammar import SceneLanguageError, Statement, parse_caption
from mmbook.datasets.scenes.layout import Scene, SceneObject

ATTRIBUTES = ("shape", "colour", "size", "place")


@dataclass(frozen=True)
class CaptionScores:
    """Shares of captions, or of the objects of their scenes.

    complete: captions that name every object once and say nothing false (see `Verdict`). count:
    captions that describe as many objects as there are. unreadable: captions that are not of the
    grammar; they count as wrong everywhere else. shape, colour, size, place: objects of which this
    is said rightly, and `every`, all four, where what is said is shared out among the objects so
    that most of it is right.
    """

    complete: float
    count: float
    unreadable: float
    every: float
    shape: float
    colour: float
    size: float
    place: float


def score_captions(
    captions: Sequence[str], scenes: Sequence[Scene], language: str
) -> CaptionScores:
    """Compare captions with their scenes.

    Raises ValueError where their numbers differ or are zero, and for another language.
    """
    if len(captions) != len(scenes) or not scenes:
        raise ValueError(f"each scene needs a caption: {len(captions)} for {len(scenes)} scenes")
    whole, right = [], []
    for text, scene in zip(captions, scenes, strict=True):
        try:
            verdict = check_caption(text, scene, language)
        except SceneLanguageError:
            whole.append((False, False, True))
            right.append(np.zeros((len(scene), len(ATTRIBUTES)), dtype=bool))
            continue
        whole.append((verdict.complete, len(verdict.statements) == len(scene), False))
        right.append(_shared_out(verdict.statements, scene))
    objects = np.concatenate(right)  # (objects, attributes)
    complete, count, unreadable = np.mean(whole, axis=0).tolist()
    every, attributes = objects.all(axis=1).mean().item(), objects.mean(axis=0).tolist()
    return CaptionScores(complete, count, unreadable, every, *attributes)


def told_rightly(text: str, scene: Scene, language: str) -> list[bool]:
    """Of each object of a scene, whether a caption tells its shape, colour, size and place rightly.

    A caption that is not of the grammar tells nothing. Raises ValueError for another language.
    """
    try:
        statements = parse_caption(text, language)
    except SceneLanguageError:
        return [False] * len(scene)
    return [bool(all(row)) for row in _shared_out(statements, scene)]


def _shared_out(statements: Sequence[Statement], scene: Scene) -> np.ndarray:
    """(objects, attributes): which are said rightly, in the best assignment of statements."""
    right = np.array([[_right(said, item) for said in statements] for item in scene])
    rows, columns = linear_sum_assignment(right.sum(axis=2), maximize=True)
    found = np.zeros((len(scene), len(ATTRIBUTES)), dtype=bool)
    found[rows] = right[rows, columns]
    return found


def _right(said: Statement, item: SceneObject) -> list[bool]:
    """Whether each attribute of an object is what a statement says."""
    a = said.a
    pairs = (
        (a.shape, item.shape),
        (a.colour, item.colour),
        (a.size, item.size),
        (said.place, place_of(item)),
    )
    return [one == other for one, other in pairs]
