"""Sentences about a scene that are true, in English and in Chinese.

Both languages say the same, and each in its own order: what English names last, Chinese names
first ("a small red star left of a heart" is 一个心形的左边有一个红色的小五角星).
"""

from collections.abc import Sequence
from random import Random
from typing import TypeVar

from mmbook.datasets.scenes.layout import Scene, SceneObject
from mmbook.datasets.scenes.words import say

LEVELS = ("object", "relation", "scene")

Item = TypeVar("Item")


def pick(items: Sequence[Item], chance: Random) -> Item:
    """One of the items; Python promises the stream of `random()` only, not that of `choice`."""
    return items[int(chance.random() * len(items))]


def noun(language: str, *, size: str = "", colour: str = "", shape: str = "object") -> str:
    """A noun with its adjectives, without an article: "small red star", 红色的小五角星."""
    size, colour, shape = (say(word, language) for word in (size, colour, shape))
    if language == "en":
        return " ".join(word for word in (size, colour, shape) if word)
    return f"{colour}的{size}{shape}" if colour else f"{size}{shape}"


def indefinite(phrase: str, language: str) -> str:
    """ "a small red star", "an orange star", 一个红色的小五角星."""
    if language == "zh":
        return f"一个{phrase}"
    return f"an {phrase}" if phrase[0] in "aeiou" else f"a {phrase}"


def place_of(item: SceneObject) -> str:
    """The quarter of the image that an object's centre lies in: a word of PLACES."""
    return f"{'top' if item.y < 0.5 else 'bottom'} {'left' if item.x < 0.5 else 'right'}"


def relation_of(one: SceneObject, other: SceneObject) -> str:
    """Where `one` lies from `other`, along the axis on which they are further apart."""
    across, down = one.x - other.x, one.y - other.y
    if abs(across) >= abs(down):
        return "left of" if across < 0 else "right of"
    return "above" if down < 0 else "below"


def describe(scene: Scene, level: str, key: str) -> dict[str, str]:
    """One sentence about a scene in each language.

    level: "object", any one of its objects; "relation", any two and how they lie to each other
    (the object where there is but one); "scene", all of them with their places, from the top left
    to the bottom right. key: what chooses the objects; the same key, the same choice.
    Raises ValueError for another level.
    """
    if level not in LEVELS:
        raise ValueError(f"there is no level {level!r}; there are {', '.join(LEVELS)}")
    if level == "scene":
        return {"en": _english_scene(scene), "zh": _chinese_scene(scene)}
    chance = Random(f"caption {key}")
    one = pick(scene, chance)
    english, chinese = _a(one, "en"), _a(one, "zh")
    if level == "object" or len(scene) == 1:
        return {"en": english, "zh": chinese}
    other = pick([item for item in scene if item is not one], chance)
    relation = relation_of(one, other)
    return {
        "en": f"{english} {relation} {_a(other, 'en')}",
        "zh": f"{_a(other, 'zh')}的{say(relation, 'zh')}有{chinese}",
    }


def _a(item: SceneObject, language: str) -> str:
    """An object with all that is known of it, and the article."""
    phrase = noun(language, size=item.size, colour=item.colour, shape=item.shape)
    return indefinite(phrase, language)


def _in_reading_order(scene: Scene) -> list[SceneObject]:
    return sorted(scene, key=lambda item: (item.y >= 0.5, item.x >= 0.5, item.x))


def _english_scene(scene: Scene) -> str:
    parts = [f"{_a(item, 'en')} at the {place_of(item)}" for item in _in_reading_order(scene)]
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)


def _chinese_scene(scene: Scene) -> str:
    return "，".join(
        f"{say(place_of(item), 'zh')}有{_a(item, 'zh')}" for item in _in_reading_order(scene)
    )
