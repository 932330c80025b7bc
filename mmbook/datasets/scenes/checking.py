"""Whether a scene bears out what a sentence says, and what the true answer to a question is.

The referee reads text and looks at a scene's numbers; it knows nothing of how sentences are made.
"Left of" and its like compare one coordinate, as in CLEVR: what is left of the star may be far
above it. Where two places differ by less than a `clearance`, the referee calls the matter open.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import hypot

from mmbook.datasets.scenes.grammar import (
    Mention,
    SceneLanguageError,
    Statement,
    parse_caption,
    parse_question,
)
from mmbook.datasets.scenes.layout import Scene, SceneObject
from mmbook.datasets.scenes.words import NUMBERS


@dataclass(frozen=True)
class Verdict:
    """What comparing a caption with a scene shows.

    statements: what the caption says, one an object that it describes. true: whether each holds.
    complete: whether all hold and together name every object of the scene, each once.
    """

    statements: tuple[Statement, ...]
    true: tuple[bool, ...]
    complete: bool


def check_caption(text: str, scene: Scene, language: str, *, clearance: float = 0.0) -> Verdict:
    """Compare a caption with a scene.

    Raises SceneLanguageError where the caption is not of the grammar.
    """
    statements = parse_caption(text, language)
    meant = [_meant(statement, scene, clearance) for statement in statements]
    named = [row for rows in meant if len(rows) == 1 for row in rows[0]]
    return Verdict(statements, tuple(map(bool, meant)), sorted(named) == list(range(len(scene))))


def answer_question(text: str, scene: Scene, language: str, *, clearance: float = 0.0) -> str:
    """The true answer to a question about a scene, an English word.

    Raises SceneLanguageError where the question is not of the grammar, where "the" star is none
    or several, or where the answer is open.
    """
    kind, about = parse_question(text, language)
    return _ANSWERS[kind](_Look(scene, about, clearance))


def _meant(statement: Statement, scene: Scene, clearance: float) -> list[tuple[int, ...]]:
    """The objects that a statement can be about: rows of the scene, two where it relates two."""
    rows = [
        row
        for row, item in enumerate(scene)
        if _fits(statement.a, item) and statement.place in ("", _place(item))
    ]
    if not statement.relation:
        return [(row,) for row in rows]
    return [
        (row, other)
        for row in rows
        for other, item in enumerate(scene)
        if _fits(statement.b, item)
        and other != row
        and _gap(statement.relation, scene[row], item) >= max(clearance, 1e-9)
    ]


def _fits(mention: Mention, item: SceneObject) -> bool:
    """Whether an object is one that the noun can mean."""
    pairs = ((mention.size, item.size), (mention.colour, item.colour), (mention.shape, item.shape))
    return all(said in ("", found) for said, found in pairs)


def _place(item: SceneObject) -> str:
    return ("top " if item.y < 0.5 else "bottom ") + ("left" if item.x < 0.5 else "right")


def _gap(relation: str, one: SceneObject, other: SceneObject) -> float:
    """How far one object lies in that direction from the other; negative: in the opposite one."""
    gaps = {
        "left of": other.x - one.x,
        "right of": one.x - other.x,
        "above": other.y - one.y,
        "below": one.y - other.y,
    }
    return gaps[relation]


@dataclass(frozen=True)
class _Look:
    """A look at a scene with a question in mind."""

    scene: Scene
    about: Statement
    clearance: float

    def the(self, mention: Mention) -> SceneObject:
        """The one object that a noun with "the" means."""
        found = [item for item in self.scene if _fits(mention, item)]
        if len(found) != 1:
            raise SceneLanguageError(f"{mention} should mean one object, but {len(found)} fit it")
        return found[0]

    @property
    def a(self) -> SceneObject:
        return self.the(self.about.a)

    @property
    def b(self) -> SceneObject:
        return self.the(self.about.b)

    @property
    def others(self) -> list[SceneObject]:
        return [item for item in self.scene if item != self.a]

    def positive(self, gap: float) -> bool:
        """Whether a difference is above 0, if that is beyond doubt."""
        if gap == 0 or abs(gap) < self.clearance:
            raise SceneLanguageError(f"a difference of {gap:.3f} is too little to answer by")
        return gap > 0

    def related(self, one: SceneObject, other: SceneObject) -> bool:
        """Whether the relation asked about holds between two objects."""
        return self.positive(_gap(self.about.relation, one, other))

    def nearest(self, sign: int) -> SceneObject:
        """The other object that is nearest to `a` (sign 1) or furthest from it (-1)."""
        away = [sign * hypot(item.x - self.a.x, item.y - self.a.y) for item in self.others]
        if not away:
            raise SceneLanguageError("there is no other object in the scene")
        first, *rest = sorted(away)
        if rest:
            self.positive(rest[0] - first)
        return self.others[away.index(first)]


def _yes(truth: bool) -> str:
    return "yes" if truth else "no"


def _number(truths: list[bool]) -> str:
    return list(NUMBERS)[sum(truths)]


_ANSWERS: dict[str, Callable[[_Look], str]] = {
    "shape": lambda look: look.a.shape,
    "colour": lambda look: look.a.colour,
    "size": lambda look: look.a.size,
    "exists": lambda look: _yes(any(_fits(look.about.a, item) for item in look.scene)),
    "across": lambda look: "left" if look.positive(0.5 - look.a.x) else "right",
    "down": lambda look: "top" if look.positive(0.5 - look.a.y) else "bottom",
    "relation": lambda look: _yes(look.related(look.a, look.b)),
    "same size": lambda look: _yes(look.a.size == look.b.size),
    "closest shape": lambda look: look.nearest(1).shape,
    "closest colour": lambda look: look.nearest(1).colour,
    "furthest shape": lambda look: look.nearest(-1).shape,
    "furthest colour": lambda look: look.nearest(-1).colour,
    "count side": lambda look: _number([look.related(item, look.a) for item in look.others]),
    "count shape": lambda look: _number([item.shape == look.a.shape for item in look.others]),
}
