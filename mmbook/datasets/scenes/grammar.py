"""Reads sentences about scenes: text becomes a claim or a question that can be checked.

It shares its words with the modules that write sentences, and nothing else, so that it can be their
referee, and that of any network that describes scenes.
"""

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass

from mmbook.datasets.scenes.words import (
    COLOURS,
    PLACES,
    RELATIONS,
    SHAPES,
    SIZES,
    THING,
    check_language,
)


class SceneLanguageError(ValueError):
    """A sentence that cannot be read, or whose answer the scene leaves open."""


@dataclass(frozen=True)
class Mention:
    """What a noun says of an object; what it does not say is ""."""

    size: str = ""
    colour: str = ""
    shape: str = ""


@dataclass(frozen=True)
class Statement:
    """What a sentence says: the objects it speaks of, their relation, a place, as English words."""

    a: Mention
    b: Mention = Mention()
    relation: str = ""
    place: str = ""


_A = r"(?:an(?= [aeiou])|a(?! [aeiou]))"  # the English article that the next word asks for
_CAPTIONS = {
    "en": {
        "object": rf"{_A} {{a}}",
        "relation": rf"{_A} {{a}} {{relation}} {_A} {{b}}",
        "place": rf"{_A} {{a}} at the {{place}}",
        "between": r", | and ",
    },
    "zh": {
        "object": r"一个{a}",
        "relation": r"一个{b}的{relation}有一个{a}",
        "place": r"{place}有一个{a}",
        "between": r"，",
    },
}
_QUESTIONS = {
    "en": {
        "shape": r"what shape is the {a}\?",
        "colour": r"what colour is the {a}\?",
        "size": r"is the {a} small or large\?",
        "exists": rf"is there {_A} {{a}}\?",
        "across": r"is the {a} on the left or on the right\?",
        "down": r"is the {a} at the top or at the bottom\?",
        "relation": r"is the {a} {relation} the {b}\?",
        "same size": r"are the {a} and the {b} the same size\?",
        "closest shape": r"what shape is the object closest to the {a}\?",
        "closest colour": r"what colour is the object closest to the {a}\?",
        "furthest shape": r"what shape is the object furthest from the {a}\?",
        "furthest colour": r"what colour is the object furthest from the {a}\?",
        "count side": r"how many objects are {relation} the {a}\?",
        "count shape": r"how many other objects have the shape of the {a}\?",
    },
    "zh": {
        "shape": r"{a}是什么形状？",
        "colour": r"{a}是什么颜色？",
        "size": r"{a}是小的还是大的？",
        "exists": r"是否有{a}？",
        "across": r"{a}在左边还是在右边？",
        "down": r"{a}在上方还是在下方？",
        "relation": r"{a}是否在{b}的{relation}？",
        "same size": r"{a}和{b}是否一样大？",
        "closest shape": r"离{a}最近的物体是什么形状？",
        "closest colour": r"离{a}最近的物体是什么颜色？",
        "furthest shape": r"离{a}最远的物体是什么形状？",
        "furthest colour": r"离{a}最远的物体是什么颜色？",
        "count side": r"{a}的{relation}有几个物体？",
        "count shape": r"还有几个物体和{a}形状相同？",
    },
}


def parse_caption(text: str, language: str) -> tuple[Statement, ...]:
    """Read a caption: one statement an object that it describes.

    Raises SceneLanguageError where it is not of the grammar, ValueError for another language.
    """
    patterns = _compiled(language)
    for name in ("object", "relation"):
        if found := patterns[name].fullmatch(text):
            return (_statement(found, language),)
    found = [patterns["place"].fullmatch(part) for part in patterns["between"].split(text)]
    if None in found:
        raise SceneLanguageError(f"{text!r} is no caption of a scene in the language {language!r}")
    return tuple(_statement(part, language) for part in found if part)


def parse_question(text: str, language: str) -> tuple[str, Statement]:
    """Read a question: its kind, as in `scene_questions.KINDS`, and what it is about.

    Raises SceneLanguageError where it is not of the grammar, ValueError for another language.
    """
    patterns = _compiled(language)
    for kind in _QUESTIONS[language]:
        if found := patterns[f"{kind}?"].fullmatch(text):
            return kind, _statement(found, language)
    raise SceneLanguageError(f"{text!r} is no question on a scene in the language {language!r}")


def _words(language: str) -> dict[str, dict[str, str]]:
    """What may stand in each part of a sentence: {part: {as it is written: in English}}."""
    tables = {
        "size": SIZES,
        "colour": COLOURS,
        "shape": SHAPES | THING,
        "relation": RELATIONS,
        "place": PLACES,
    }
    return {
        part: {(english if language == "en" else chinese): english for english, chinese in table}
        for part, table in ((part, table.items()) for part, table in tables.items())
    }


@functools.cache
def _compiled(language: str) -> Mapping[str, re.Pattern[str]]:
    """The patterns of a language; those of questions have a question mark after their name."""
    check_language(language)
    choices = {part: "|".join(words) for part, words in _words(language).items()}
    orders = {
        "en": "(?:(?P<size_{0}>{size}) )?(?:(?P<colour_{0}>{colour}) )?(?P<shape_{0}>{shape})",
        "zh": "(?:(?P<colour_{0}>{colour})的)?(?P<size_{0}>{size})?(?P<shape_{0}>{shape})",
    }
    slots = {name: orders[language].format(name, **choices) for name in "ab"}
    slots |= {name: f"(?P<{name}>{choices[name]})" for name in ("relation", "place")}
    patterns = _CAPTIONS[language] | {f"{k}?": v for k, v in _QUESTIONS[language].items()}
    return {name: re.compile(pattern.format(**slots)) for name, pattern in patterns.items()}


def _statement(found: re.Match[str], language: str) -> Statement:
    """What was found, in English; the word "object" says nothing of a shape."""
    words = {part: table | {"": ""} for part, table in _words(language).items()}
    parts = {name: text or "" for name, text in found.groupdict().items()}

    def mention(name: str) -> Mention:
        said = {part: words[part][parts.get(f"{part}_{name}", "")] for part in list(words)[:3]}
        said["shape"] = "" if said["shape"] in THING else said["shape"]
        return Mention(**said)

    relation, place = (words[part][parts.get(part, "")] for part in ("relation", "place"))
    return Statement(mention("a"), mention("b"), relation, place)
