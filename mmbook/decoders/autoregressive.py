"""What decoders have in common that write one token after another."""

from abc import ABC, abstractmethod
from dataclasses import dataclass, fields
from typing import Any, Generic, Self, TypeVar

from torch import Tensor, nn

from mmbook.tokens import Tokens


@dataclass(frozen=True, eq=False)
class State:
    """What a decoder knows of what it has read: a frozen dataclass of tensors, rows first.

    A field is a tensor, None, or a tuple of such fields.
    """

    def select(self, rows: Tensor) -> Self:
        """The state of some rows, (n,) int64, in this order; a row may come more than once."""
        return type(self)(*(_selected(getattr(self, f.name), rows) for f in fields(self)))


def _selected(field: Any, rows: Tensor) -> Any:
    if isinstance(field, tuple):
        return tuple(_selected(part, rows) for part in field)
    return None if field is None else field.index_select(0, rows)


S = TypeVar("S", bound=State)


class AutoregressiveDecoder(nn.Module, ABC, Generic[S]):
    """Scores each token of a vocabulary as the next one, and reads on from where it stands.

    memory: tokens of the decoder's width, which it looks at while it writes; None for a language
    model. ids: (rows, new) integers in [0, vocabulary), any number of them at once, all real;
    behind the last real one of a row may stand any ids, as nothing before them can see them.
    cross: whether it reads a memory. A subclass says how in `start` and `advance`, and sets
    `output`, which makes logits of what it knows.
    """

    output: nn.Module

    def __init__(self, vocabulary: int, width: int, cross: bool) -> None:
        super().__init__()
        self.vocabulary, self.width, self.cross = vocabulary, width, cross

    @abstractmethod
    def start(self, memory: Tokens | None, rows: int) -> S:
        """The state before the first token. Raises ValueError where the memory does not fit."""

    @abstractmethod
    def advance(self, ids: Tensor, state: S) -> tuple[Tensor, S]:
        """What it knows after each of the new tokens, (rows, new, width), and the new state."""

    def step(self, ids: Tensor, state: S) -> tuple[Tensor, S]:
        """The logits of the token after each new one, (rows, new, vocabulary), and the state."""
        known, state = self.advance(ids, state)
        return self.output(known), state

    def states(self, memory: Tokens | None, ids: Tensor) -> Tensor:
        """What it knows after each token, (rows, length, width)."""
        return self.advance(ids, self.start(memory, len(ids)))[0]

    def forward(self, memory: Tokens | None, ids: Tensor) -> Tensor:
        """The logits of the token after each, (rows, length, vocabulary): one step with all."""
        return self.output(self.states(memory, ids))

    def _checked(self, memory: Tokens | None, rows: int) -> Tokens | None:
        """The memory with zeros in padding, where even NaN may stand."""
        if (memory is None) == self.cross:
            raise ValueError(
                "the decoder reads a memory, and none is given"
                if self.cross
                else "the decoder reads no memory: make it with cross=True"
            )
        return None if memory is None else self._hidden(memory, rows)

    def _hidden(self, memory: Tokens, rows: int) -> Tokens:
        batch, _, width = memory.values.shape
        if (batch, width) != (rows, self.width):
            raise ValueError(
                f"memory must have {rows} rows and a width of {self.width}, not {batch} and {width}"
            )
        values = memory.values.masked_fill(~memory.mask.unsqueeze(-1), 0)
        return Tokens(values, memory.mask)
