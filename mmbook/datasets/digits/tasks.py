"""What is asked about the digits a sample shows: label rules, each a function of the digits."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Generator, Tensor

LabelRule = Callable[[Tensor, Tensor, Tensor], Tensor]
DigitDraw = Callable[[int, Generator], tuple[Tensor, Tensor]]


def independent_digits(size: int, generator: Generator) -> tuple[Tensor, Tensor]:
    """An image's and a clip's digit, drawn uniformly and independently, (size,) each."""
    a, b = torch.randint(10, (2, size), generator=generator)
    return a, b


def same_digit(size: int, generator: Generator) -> tuple[Tensor, Tensor]:
    """One uniform digit for both, (size,) twice."""
    digit = torch.randint(10, (size,), generator=generator)
    return digit, digit


def same_or_other(size: int, generator: Generator) -> tuple[Tensor, Tensor]:
    """The same digit in one half of the cases and another one in the other, (size,) each."""
    a = torch.randint(10, (size,), generator=generator)
    step = torch.randint(1, 10, (size,), generator=generator)
    same = torch.rand(size, generator=generator) < 0.5
    return a, torch.where(same, a, (a + step) % 10)


@dataclass(frozen=True)
class Task:
    """A question about an image's digit a and a clip's digit b.

    label: the answer, from a, b and `listen` (true where the instruction is to listen), (n,) each.
    classes: how many answers there are. digits: how a and b are drawn.
    text: the digit's "word", an "instruction" to look or to listen, or "none".
    """

    name: str
    classes: int
    label: LabelRule
    digits: DigitDraw = independent_digits
    text: Literal["word", "instruction", "none"] = "none"


def copy(a: Tensor, b: Tensor, listen: Tensor) -> Tensor:
    """The digit that image, clip and word all show."""
    return a


def parity(a: Tensor, b: Tensor, listen: Tensor) -> Tensor:
    """Is the sum odd? Neither digit alone says anything about it."""
    return (a + b) % 2


def match(a: Tensor, b: Tensor, listen: Tensor) -> Tensor:
    """Are the two digits the same?"""
    return (a == b).long()


def both_high(a: Tensor, b: Tensor, listen: Tensor) -> Tensor:
    """Are both digits at least five? So it is in a quarter of the cases."""
    return ((a >= 5) & (b >= 5)).long()


def greater(a: Tensor, b: Tensor, listen: Tensor) -> Tensor:
    """Is the image's digit the greater one? So it is in 45 of 100 cases."""
    return (a > b).long()


def unique(a: Tensor, b: Tensor, listen: Tensor) -> Tensor:
    """The image's digit; the clip's is a distraction."""
    return a


def look_or_listen(a: Tensor, b: Tensor, listen: Tensor) -> Tensor:
    """The digit of the sense that the instruction names."""
    return torch.where(listen, b, a)


TASKS = (
    Task("copy", 10, copy, digits=same_digit, text="word"),
    Task("parity", 2, parity),
    Task("match", 2, match, digits=same_or_other),
    Task("and", 2, both_high),
    Task("greater", 2, greater),
    Task("unique", 10, unique),
    Task("look-or-listen", 10, look_or_listen, text="instruction"),
)


def find_task(task: str | Task) -> Task:
    """The task of that name; a Task of your own is returned as it is."""
    if isinstance(task, Task):
        return task
    for known in TASKS:
        if known.name == task:
            return known
    raise ValueError(f"there is no task {task!r}; there are {', '.join(t.name for t in TASKS)}")
