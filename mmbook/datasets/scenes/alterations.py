"""Sentences about a scene that are nearly right: what a model has to tell from the true one."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from random import Random

from mmbook.datasets.scenes.captions import indefinite, noun, pick
from mmbook.datasets.scenes.grammar import (
    Mention,
    SceneLanguageError,
    Statement,
    parse_caption,
)
from mmbook.datasets.scenes.words import COLOURS, SHAPES, SIZES, check_language, say

OPPOSITE = {"left of": "right of", "right of": "left of", "above": "below", "below": "above"}
_WORDS = {"size": tuple(SIZES), "colour": tuple(COLOURS), "shape": tuple(SHAPES)}


def sentence(statement: Statement, language: str) -> str:
    """What relates two objects, as a sentence: "a red star left of a large heart".

    Where it relates nothing, its first object: "a red star".
    Raises ValueError for another language.
    """
    check_language(language)
    if not statement.relation:
        return _a(statement.a, language)
    a, b = (_a(mention, language) for mention in (statement.a, statement.b))
    relation = say(statement.relation, language)
    return f"{a} {relation} {b}" if language == "en" else f"{b}的{relation}有{a}"


def _a(mention: Mention, language: str) -> str:
    phrase = noun(language, size=mention.size, colour=mention.colour, shape=mention.shape)
    return indefinite(phrase, language)


def relation_in(text: str, language: str) -> Statement:
    """The one statement of a caption that relates two objects. Raises SceneLanguageError."""
    statements = parse_caption(text, language)
    if len(statements) != 1 or not statements[0].relation:
        raise SceneLanguageError(f"{text!r} does not say how two objects lie to each other")
    return statements[0]


def paraphrased(statement: Statement, chance: Random) -> Statement:
    """The same from the other object: "a right of b" is "b left of a"."""
    return Statement(statement.b, statement.a, OPPOSITE[statement.relation])


def exchanged(statement: Statement, chance: Random) -> Statement:
    """The same words in another order: "b left of a" where a is left of b."""
    return Statement(statement.b, statement.a, statement.relation)


def turned(statement: Statement, chance: Random) -> Statement:
    """The opposite relation."""
    return replace(statement, relation=OPPOSITE[statement.relation])


def bound_wrongly(statement: Statement, chance: Random) -> Statement:
    """One attribute exchanged, the same words again: "a blue star ... a red heart".

    Where the two objects differ in nothing, or exchanging what they differ in gives two objects
    that exchanged places, a word is replaced. What is said of but one of them stays with it.
    """
    a, b = statement.a, statement.b
    values = {part: (getattr(a, part), getattr(b, part)) for part in _WORDS}
    different = [part for part, (one, other) in values.items() if "" != one != other != ""]
    if len(different) < 2:
        return replaced(statement, chance)
    part = pick(different, chance)
    first, second = values[part]
    return replace(statement, a=replace(a, **{part: second}), b=replace(b, **{part: first}))


def replaced(statement: Statement, chance: Random) -> Statement:
    """One attribute of one object that is another."""
    name = pick(("a", "b"), chance)
    mention: Mention = getattr(statement, name)
    part = pick([part for part in _WORDS if getattr(mention, part)], chance)
    others = [word for word in _WORDS[part] if word != getattr(mention, part)]
    return replace(statement, **{name: replace(mention, **{part: pick(others, chance)})})


def without_sizes(statement: Statement) -> Statement:
    """The same, and no object's size."""
    a, b = (replace(mention, size="") for mention in (statement.a, statement.b))
    return replace(statement, a=a, b=b)


ALTERATIONS: Mapping[str, Callable[[Statement, Random], Statement]] = {
    "order": exchanged,
    "relation": turned,
    "binding": bound_wrongly,
    "word": replaced,
}
