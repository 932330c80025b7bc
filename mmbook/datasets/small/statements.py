"""Generated English statements whose meaning hangs on one small word, or on the order of words."""

import itertools
import random
from collections.abc import Sequence
from dataclasses import dataclass

ANIMALS = ("dog", "cat", "horse", "bird", "duck", "sheep", "wolf", "mouse")
OBJECTS = ("chair", "table", "car", "tree", "boat", "bench", "bicycle", "house")
PLACES = ("on the grass", "in the street", "near the lake", "at the window", "by the wall")


@dataclass(frozen=True)
class Statement:
    """A sentence and whether the answer to its task's question is yes."""

    text: str
    answer: bool


def negations() -> list[list[Statement]]:
    """Is there such an animal? For each animal and place, a statement that says yes and one no."""
    return [
        [
            Statement(f"There is a {animal} {place}.", True),
            Statement(f"There is no {animal} {place}.", False),
        ]
        for animal, place in itertools.product(ANIMALS, PLACES)
    ]


def sides() -> list[list[Statement]]:
    """Is the animal on the left? The two statements differ in "left" and "right" alone."""
    return [
        [
            Statement(f"The {animal} is to the left of the {thing}.", True),
            Statement(f"The {animal} is to the right of the {thing}.", False),
        ]
        for animal, thing in itertools.product(ANIMALS, OBJECTS)
    ]


def orders() -> list[list[Statement]]:
    """Is the animal on the left? The two statements have the same words in another order."""
    return [
        [
            Statement(f"The {animal} is to the left of the {thing}.", True),
            Statement(f"The {thing} is to the left of the {animal}.", False),
        ]
        for animal, thing in itertools.product(ANIMALS, OBJECTS)
    ]


TASKS = {"negation": negations, "side": sides, "order": orders}


def split_statements(
    task: str, seed: int, test_share: float = 0.5
) -> tuple[Sequence[Statement], Sequence[Statement]]:
    """Statements for training and for the test, in which the test's combinations are new.

    task: "negation", "side" or "order". Both halves hold as many yes as no. Raises ValueError on
    another task, and where one of the two would be empty.
    """
    if task not in TASKS:
        raise ValueError(f"there is no task {task!r}; there are {', '.join(TASKS)}")
    groups = TASKS[task]()
    random.Random(seed).shuffle(groups)
    tests = round(test_share * len(groups))
    if not 0 < tests < len(groups):
        raise ValueError(f"test_share {test_share} leaves nothing to train on or nothing to test")
    test, train = groups[:tests], groups[tests:]
    return list(itertools.chain(*train)), list(itertools.chain(*test))
