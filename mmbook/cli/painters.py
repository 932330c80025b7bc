"""Who draws which texts: digits from words, and scenes from sentences."""

import re
from collections.abc import Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from random import Random
from typing import Any, Protocol

from torch import Tensor

from mmbook.cli.files import InputError
from mmbook.datasets.scenes.captions import describe, indefinite, noun, pick
from mmbook.datasets.scenes.grammar import Mention, SceneLanguageError, Statement, parse_caption
from mmbook.datasets.scenes.layout import Scene, SceneConfig, SceneObject
from mmbook.datasets.scenes.words import COLOURS, PLACES, RELATIONS, SHAPES, SIZES, THING, say
from mmbook.models import load_pretrained

ENGLISH = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
CHINESE = tuple("零一二三四五六七八九")
MOST = 2  # objects of a scene
SHOWN = SceneConfig().pairs("train")  # pairs of shape and colour that were learned from
EXAMPLES = {
    "en": "a large red circle left of a small blue square",
    "zh": "左上方有一个红色的大圆形，右下方有一个蓝色的小正方形",
}
TABLES = (SIZES, COLOURS, SHAPES, PLACES, RELATIONS)
_NAMES = "|".join([*SIZES, *COLOURS, *SHAPES])
ABOUT = {  # of a text that means a scene, though perhaps not in the right words
    "en": re.compile(rf"\b(?:{_NAMES})s?\b"),
    "zh": re.compile("|".join([*SIZES.values(), *COLOURS.values(), *SHAPES.values()])),
}


@dataclass(frozen=True)
class Request:
    """What is asked of a model, in its own words, and what people should know about it."""

    text: str
    model: Path | str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Manner:
    """How a request is drawn: how often, from which noise, and how a flow is followed.

    steps, guidance: see `SceneDrawingConfig`; None for those of the model.
    """

    count: int = 1
    seed: int = 0
    steps: int | None = None
    guidance: float | None = None


class Painter(Protocol):
    """Draws some texts; `knows` says which to people."""

    @property
    def knows(self) -> str: ...

    def read(self, text: str, seed: int) -> Request | None:
        """What a text asks for, or None where it is for another painter.

        seed: chooses what the text leaves open. Raises InputError for a text that is nearly right.
        """
        ...

    def draw(self, request: Request, manner: Manner) -> Tensor:
        """Drawings, (count, 1 or 3, size, size) in [0, 1]."""
        ...


@dataclass(frozen=True)
class Digits:
    """Handwritten digits, from their names in any case."""

    model: Path | str = "digit-drawing"
    knows: str = f"a digit, {', '.join(ENGLISH)} or {' '.join(CHINESE)}"

    def read(self, text: str, seed: int) -> Request | None:
        word = text.strip().casefold()
        return Request(word, self.model) if word in (*ENGLISH, *CHINESE) else None

    def draw(self, request: Request, manner: Manner) -> Tensor:
        return loaded(request.model).predict(request.text, manner.count, manner.seed)


@dataclass(frozen=True)
class Scenes:
    """Scenes of one or two coloured shapes, from sentences. models: of each language there is."""

    models: Mapping[str, Path | str]

    @property
    def knows(self) -> str:
        examples = " or ".join(repr(EXAMPLES[language]) for language in self.models)
        return f"a scene, such as {examples}"

    def read(self, text: str, seed: int) -> Request | None:
        language = "zh" if re.search("[\u4e00-\u9fff]", text) else "en"
        text = usual(text, language)
        if not ABOUT[language].search(text):
            return None
        if language not in self.models:
            raise InputError(f"no network draws such sentences; what can be drawn is {self.knows}")
        scene = completed(objects_of(text, language), Random(f"draw {seed}"))
        asked = describe(scene, "scene", "")[language]
        return Request(asked, self.models[language], tuple(unusual(scene)))

    def draw(self, request: Request, manner: Manner) -> Tensor:
        changes = {
            name: value
            for name in ("steps", "guidance")
            if (value := getattr(manner, name)) is not None
        }
        model = copy(loaded(request.model))  # the weights are shared
        model.config = replace(model.config, **changes)
        return model.draw([request.text] * manner.count, manner.seed)


@cache
def loaded(place: Path | str) -> Any:
    """A model, read once."""
    return load_pretrained(place)


def unusual(scene: Scene) -> Iterator[str]:
    """What a scene has that no picture of the training has."""
    pairs = [(item.shape, item.colour) for item in scene]
    for shape, colour in pairs:
        if (shape, colour) not in SHOWN:
            name = indefinite(noun("en", colour=colour, shape=shape), "en")
            yield f"no picture that the network learned from shows {name}"
    if len(set(pairs)) < len(pairs):
        yield "no picture that the network learned from shows two of one shape in one colour"


def usual(text: str, language: str) -> str:
    """A sentence as the grammar has it: without what people write in several ways."""
    text = re.sub(r"[\s.。]+$", "", text.strip().casefold())
    if language == "zh":
        return re.sub(r"\s", "", text).replace(",", "，")
    text = re.sub(r"\s+", " ", text).replace("gray", "grey")
    text = re.sub(r"\bto the (left|right) of\b", r"\1 of", text)
    text = re.sub(r"\b(?:in|on) the (top|bottom)\b", r"at the \1", text)
    return re.sub(r"\ban?(?= (\w))", lambda m: "an" if m[1] in "aeiou" else "a", text)


def objects_of(text: str, language: str) -> list[Statement]:
    """What a sentence says of each object, and the sides where its relation needs them as places.

    Raises InputError for unknown words, for what the grammar lacks, and for too many objects.
    """
    check_words(text, language)
    parts = re.split(r",? and |, ", text) if language == "en" else text.split("，")
    found: list[Statement] = []
    for part in parts:
        try:
            (said,) = parse_caption(part, language)
        except SceneLanguageError:
            wanted = EXAMPLES[language]
            raise InputError(f"{part!r} says no shape and place as {wanted!r} does") from None
        found.append(replace(said, b=Mention(), relation=""))
        if said.relation:
            found.append(Statement(said.b))
            found[-2:] = related(found[-2:], said.relation)
    if len(found) > MOST:
        raise InputError(f"one or two shapes can be drawn at a time, not {len(found)}")
    return found


def related(two: Sequence[Statement], relation: str) -> list[Statement]:
    """The same objects, each on the side where a relation needs it."""
    sides = {"left of": "left right", "right of": "right left"}
    sides |= {"above": "top bottom", "below": "bottom top"}
    names = sides[relation].split()
    return [replace(said, place=side) for said, side in zip(two, names, strict=True)]


def check_words(text: str, language: str) -> None:
    """Raise InputError where a word is not known; the message names it and those that are."""
    groups = [[say(word, language) for word in table] for table in TABLES]
    words = [say(word, language) for word in THING] + [word for group in groups for word in group]
    if language == "en":
        known = {"a", "an", "at", "the", "and", *" ".join(words).split()}
        unknown = [word for word in re.findall(r"[^\s,]+", text) if word not in known]
    else:
        words = sorted([*words, "一个", "有", "的", "，"], key=len, reverse=True)
        unknown = [rest for rest in re.split("|".join(words), text) if rest]
    if unknown:
        listed = "; ".join(", ".join(group) for group in groups)
        raise InputError(f"{', '.join(map(repr, unknown))} cannot be drawn; the words are {listed}")


def completed(said: Sequence[Statement], chance: Random) -> Scene:
    """A scene that a sentence describes: what it leaves open is chosen.

    Two objects that it relates lie in one row, or one above the other, so that no other relation
    of them is as true. What is chosen is of the pairs of shape and colour that were learned from.
    """
    rows, columns = ("top", "bottom"), ("left", "right")
    row, column = pick(rows, chance), pick(columns, chance)
    aligned = {side: f"{row} {side}" for side in columns} | {
        side: f"{side} {column}" for side in rows
    }
    taken = [each.place for each in said]
    scene: list[SceneObject] = []
    for each in said:
        place = aligned.get(each.place, each.place)
        if not place:
            place = pick([place for place in PLACES if place not in taken], chance)
            taken.append(place)
        shape, colour = _pair(each.a, [item[:2] for item in scene], chance)
        size = each.a.size or pick(tuple(SIZES), chance)
        x = (0.75 if "right" in place else 0.25) + len(scene) / 100  # in the order of the sentence
        y = 0.75 if "bottom" in place else 0.25
        scene.append(SceneObject(shape, colour, size, x, y, 0.1))
    return tuple(scene)


def _pair(said: Mention, taken: Sequence[tuple[str, ...]], chance: Random) -> tuple[str, str]:
    if said.shape and said.colour:
        return said.shape, said.colour
    return pick(
        [
            (shape, colour)
            for shape, colour in SHOWN
            if said.shape in ("", shape)
            and said.colour in ("", colour)
            and (shape, colour) not in taken
        ],
        chance,
    )
