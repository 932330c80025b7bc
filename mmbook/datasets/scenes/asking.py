"""What can be asked about a scene: how each kind of question is drawn, and its answer.

An answer is beyond doubt or the question is not asked: what it calls "the" is one object, and what
it compares differs by the configuration's `clearance` at least. What is asked is chosen so that
the question alone says as little about its answer as can be.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from random import Random
from typing import NamedTuple

from mmbook.datasets.scenes.captions import indefinite, noun, pick
from mmbook.datasets.scenes.layout import Scene, SceneConfig, SceneObject
from mmbook.datasets.scenes.words import NUMBERS, RELATIONS, say


class NothingToAskError(Exception):
    """This scene has no such question, or its answer would be in doubt."""


class Both(NamedTuple):
    """The same in English and in Chinese."""

    en: str
    zh: str


@dataclass(frozen=True)
class Setting:
    """What a question may be about: the configuration, and the pairs that its split may show."""

    config: SceneConfig
    pairs: Collection[tuple[str, str]]

    def the(self, item: SceneObject) -> Both:
        """What only this object is called: "the red star", or "the red object"."""
        return _the(colour=item.colour, shape="" if self.config.distinct_colours else item.shape)

    def sign(self, difference: float) -> int:
        """Which way two places differ, -1 or 1, if that is beyond doubt."""
        if abs(difference) < self.config.clearance:
            raise NothingToAskError
        return -1 if difference < 0 else 1


Asked = tuple[dict[str, Both], str]  # what fills the templates, and the answer
Ask = Callable[[Scene, Setting, Random], Asked]


def _the(*, colour: str = "", shape: str = "") -> Both:
    shape = shape or "object"
    english = noun("en", colour=colour, shape=shape)
    return Both(f"the {english}", noun("zh", colour=colour, shape=shape))


def _pick(items: Sequence[SceneObject], chance: Random) -> SceneObject:
    if not items:
        raise NothingToAskError
    return pick(items, chance)


def _pick_two(items: Sequence[SceneObject], chance: Random) -> tuple[SceneObject, SceneObject]:
    one = _pick(items, chance)
    return one, _pick([item for item in items if item is not one], chance)


def attribute(asked: str, known: str) -> Ask:
    """The shape of the only red object, or the colour of the only star."""

    def ask(scene: Scene, setting: Setting, chance: Random) -> Asked:
        values = [getattr(item, known) for item in scene]
        item = _pick([item for item in scene if values.count(getattr(item, known)) == 1], chance)
        return {"a": _the(**{known: getattr(item, known)})}, getattr(item, asked)

    return ask


def size(scene: Scene, setting: Setting, chance: Random) -> Asked:
    item = _pick([item for item in scene if item.size], chance)
    return {"a": setting.the(item)}, item.size


def exists(scene: Scene, setting: Setting, chance: Random) -> Asked:
    """In half of the cases a pair that is there; else one whose parts are there, if possible."""
    present = {(item.shape, item.colour) for item in scene}
    if chance.random() < 0.5:
        item = pick(scene, chance)
        shape, colour, answer = item.shape, item.colour, "yes"
    else:
        mixed = [(one.shape, other.colour) for one in scene for other in scene]
        absent = [pair for pair in mixed if pair in setting.pairs and pair not in present]
        absent = absent or [pair for pair in setting.pairs if pair not in present]
        if not absent:
            raise NothingToAskError
        (shape, colour), answer = pick(absent, chance), "no"
    english, chinese = (noun(language, colour=colour, shape=shape) for language in ("en", "zh"))
    return {"a": Both(indefinite(english, "en"), chinese)}, answer


def half(axis: str, low: str, high: str) -> Ask:
    """The half of the image that an object lies in."""

    def ask(scene: Scene, setting: Setting, chance: Random) -> Asked:
        item = pick(scene, chance)
        sign = setting.sign(getattr(item, axis) - 0.5)
        return {"a": setting.the(item)}, low if sign < 0 else high

    return ask


_AXES = {"left of": ("x", -1), "right of": ("x", 1), "above": ("y", -1), "below": ("y", 1)}


def relation(scene: Scene, setting: Setting, chance: Random) -> Asked:
    one, other = _pick_two(scene, chance)
    relation = pick(tuple(RELATIONS), chance)
    axis, wanted = _AXES[relation]
    sign = setting.sign(getattr(one, axis) - getattr(other, axis))
    slots = {"a": setting.the(one), "b": setting.the(other), "relation": _word(relation)}
    return slots, "yes" if sign == wanted else "no"


def same_size(scene: Scene, setting: Setting, chance: Random) -> Asked:
    one, other = _pick_two([item for item in scene if item.size], chance)
    same = one.size == other.size
    return {"a": setting.the(one), "b": setting.the(other)}, "yes" if same else "no"


def extreme(asked: str, sign: int) -> Ask:
    """An attribute of the object that is nearest (sign 1) or farthest (-1), of two or more."""

    def ask(scene: Scene, setting: Setting, chance: Random) -> Asked:
        if len(scene) < 3:
            raise NothingToAskError
        item = pick(scene, chance)
        away = sorted(
            (sign * abs(complex(other.x - item.x, other.y - item.y)), getattr(other, asked))
            for other in scene
            if other is not item
        )
        setting.sign(away[0][0] - away[1][0])
        return {"a": setting.the(item)}, away[0][1]

    return ask


def count_side(scene: Scene, setting: Setting, chance: Random) -> Asked:
    item, _ = _pick_two(scene, chance)
    relation = pick(tuple(RELATIONS), chance)
    axis, wanted = _AXES[relation]
    signs = [
        setting.sign(getattr(other, axis) - getattr(item, axis))
        for other in scene
        if other is not item
    ]
    slots = {"a": setting.the(item), "relation": _word(relation)}
    return slots, tuple(NUMBERS)[signs.count(wanted)]


def count_shape(scene: Scene, setting: Setting, chance: Random) -> Asked:
    item, _ = _pick_two(scene, chance)
    others = sum(other.shape == item.shape for other in scene) - 1
    return {"a": setting.the(item)}, tuple(NUMBERS)[others]


def _word(word: str) -> Both:
    return Both(word, say(word, "zh"))
