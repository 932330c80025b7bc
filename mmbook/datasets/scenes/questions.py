"""Questions about a scene and their answers, in English and in Chinese.

Answers are balanced, so that a question says little about its own. Who knows the training answers
and never looks is right, with the default configuration, in about

- 1 of 6 cases for "shape" and "colour": each colour is seen in six shapes, and the reverse;
- 6 of 47 for the shape or colour of the closest and the furthest object: all other seen pairs;
- 1 of 2 for "size", "exists", "across", "down", "relation" and "same size";
- 2 of 5 for "count side": few objects are more frequent than many.

In the test split "shape" and "colour" have other answers, two each, and training answers are all
wrong. With SORT_OF_CLEVR it is 1 of 2 but for "count shape": 5 of 16. `question_only_accuracy`
of `mmbook.datasets.blind` measures it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random
from typing import NamedTuple

from mmbook.datasets.scenes import asking
from mmbook.datasets.scenes.asking import Ask, Both, NothingToAskError, Setting
from mmbook.datasets.scenes.captions import pick
from mmbook.datasets.scenes.layout import Scene, SceneConfig
from mmbook.datasets.scenes.words import NUMBERS, SIDES, TRUTHS

_PATIENCE = 20  # draws for each question that is wanted, then a scene has no more of them


@dataclass(frozen=True)
class Kind:
    """A kind of question.

    relational: whether it takes more than one object to answer. en, zh: templates; `ask` draws
    what fills them. answers: all that are possible under a configuration.
    """

    relational: bool
    en: str
    zh: str
    ask: Ask
    answers: Callable[[SceneConfig], Sequence[str]]


class Question(NamedTuple):
    """A question about one scene.

    kind: a name of KINDS. answer: an English word; `scene_words.say` gives the Chinese one.
    """

    kind: str
    text: Both
    answer: str


def _shapes(config: SceneConfig) -> Sequence[str]:
    return config.shapes


def _colours(config: SceneConfig) -> Sequence[str]:
    return config.colours


def _counts(config: SceneConfig) -> Sequence[str]:
    return tuple(NUMBERS)[: config.objects[1]]  # all but the object that the question names


KINDS = {
    "shape": Kind(
        False,
        "what shape is {a}?",
        "{a}是什么形状？",
        asking.attribute("shape", known="colour"),
        _shapes,
    ),
    "colour": Kind(
        False,
        "what colour is {a}?",
        "{a}是什么颜色？",
        asking.attribute("colour", known="shape"),
        _colours,
    ),
    "size": Kind(
        False,
        "is {a} small or large?",
        "{a}是小的还是大的？",
        asking.size,
        lambda config: config.sizes,
    ),
    "exists": Kind(
        False,
        "is there {a}?",
        "是否有{a}？",
        asking.exists,
        lambda _: tuple(TRUTHS),
    ),
    "across": Kind(
        False,
        "is {a} on the left or on the right?",
        "{a}在左边还是在右边？",
        asking.half("x", "left", "right"),
        lambda _: tuple(SIDES)[:2],
    ),
    "down": Kind(
        False,
        "is {a} at the top or at the bottom?",
        "{a}在上方还是在下方？",
        asking.half("y", "top", "bottom"),
        lambda _: tuple(SIDES)[2:],
    ),
    "relation": Kind(
        True,
        "is {a} {relation} {b}?",
        "{a}是否在{b}的{relation}？",
        asking.relation,
        lambda _: tuple(TRUTHS),
    ),
    "same size": Kind(
        True,
        "are {a} and {b} the same size?",
        "{a}和{b}是否一样大？",
        asking.same_size,
        lambda _: tuple(TRUTHS),
    ),
    "closest shape": Kind(
        True,
        "what shape is the object closest to {a}?",
        "离{a}最近的物体是什么形状？",
        asking.extreme("shape", 1),
        _shapes,
    ),
    "closest colour": Kind(
        True,
        "what colour is the object closest to {a}?",
        "离{a}最近的物体是什么颜色？",
        asking.extreme("colour", 1),
        _colours,
    ),
    "furthest shape": Kind(
        True,
        "what shape is the object furthest from {a}?",
        "离{a}最远的物体是什么形状？",
        asking.extreme("shape", -1),
        _shapes,
    ),
    "furthest colour": Kind(
        True,
        "what colour is the object furthest from {a}?",
        "离{a}最远的物体是什么颜色？",
        asking.extreme("colour", -1),
        _colours,
    ),
    "count side": Kind(
        True,
        "how many objects are {relation} {a}?",
        "{a}的{relation}有几个物体？",
        asking.count_side,
        _counts,
    ),
    "count shape": Kind(
        True,
        "how many other objects have the shape of {a}?",
        "还有几个物体和{a}形状相同？",
        asking.count_shape,
        _counts,
    ),
}
# With eight shapes hardly two objects share one, and nearly every "count shape" would be zero.
DEFAULT_KINDS = tuple(name for name in KINDS if name != "count shape")


def ask(
    scene: Scene, setting: Setting, key: str, *, each: int, kinds: Sequence[str] = DEFAULT_KINDS
) -> list[Question]:
    """Ask different questions about a scene: up to `each` relational ones and as many others.

    There are fewer where a scene holds no more that are beyond doubt; one of a single object holds
    no relational ones. key: what chooses them; the same key, the same questions. kinds: of KINDS.
    """
    chance = Random(f"questions {key}")
    asked: list[Question] = []
    for relational in (False, True):
        names = [name for name in kinds if KINDS[name].relational == relational]
        found: dict[str, Question] = {}
        for _ in range(_PATIENCE * each if names else 0):
            if len(found) == each:
                break
            name = pick(names, chance)
            try:
                slots, answer = KINDS[name].ask(scene, setting, chance)
            except NothingToAskError:
                continue
            text = Both(_fill(KINDS[name].en, slots, 0), _fill(KINDS[name].zh, slots, 1))
            found.setdefault(text.en, Question(name, text, answer))
        asked += found.values()
    return asked


def answers_of(config: SceneConfig, kinds: Sequence[str] = DEFAULT_KINDS) -> tuple[str, ...]:
    """All answers that questions of these kinds can have, each once, in a fixed order."""
    found = [answer for name in kinds for answer in KINDS[name].answers(config) if answer]
    return tuple(dict.fromkeys(found))


def _fill(template: str, slots: dict[str, Both], language: int) -> str:
    return template.format(**{name: both[language] for name, both in slots.items()})
