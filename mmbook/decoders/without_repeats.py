"""A decoder that writes no run of tokens twice."""

import math
from dataclasses import dataclass
from typing import Any, Self

import torch
from torch import Tensor, nn

from mmbook.decoders.autoregressive import AutoregressiveDecoder, State
from mmbook.tokens import Tokens


@dataclass(frozen=True, eq=False)
class Written(State):
    """The state of a decoder, and all ids that it has read, (rows, length)."""

    inner: State
    ids: Tensor

    def select(self, rows: Tensor) -> Self:
        return type(self)(self.inner.select(rows), self.ids.index_select(0, rows))


class WithoutRepeats(AutoregressiveDecoder[Written]):
    """A trained decoder for which a token that would make a run a second time is impossible.

    run: tokens of a run, 3 for trigrams; `free`: an id that may always come, as the end must. Only
    the last logits of a step are changed, as a search needs them. For searching, not for training.
    Raises ValueError on a run below 1. Source: Paulus et al. (2018).
    """

    def __init__(self, decoder: AutoregressiveDecoder[Any], run: int, free: int) -> None:
        super().__init__(decoder.vocabulary, decoder.width, decoder.cross)
        if run < 1:
            raise ValueError(f"a run has one token or more, not {run}")
        self.decoder, self.run, self.free = decoder, run, free

    @property
    def output(self) -> nn.Module:
        """The decoder's."""
        return self.decoder.output

    def start(self, memory: Tokens | None, rows: int) -> Written:
        inner = self.decoder.start(memory, rows)
        device = next(self.decoder.parameters()).device
        return Written(inner, torch.empty(rows, 0, dtype=torch.long, device=device))

    def advance(self, ids: Tensor, state: Written) -> tuple[Tensor, Written]:
        known, inner = self.decoder.advance(ids, state.inner)
        return known, Written(inner, torch.cat([state.ids, ids], dim=1))

    def step(self, ids: Tensor, state: Written) -> tuple[Tensor, Written]:
        logits, state = super().step(ids, state)
        if state.ids.shape[1] < self.run:
            return logits, state
        runs = state.ids.unfold(1, self.run, 1)  # (rows, count, run)
        last = state.ids[:, state.ids.shape[1] - self.run + 1 :]  # (rows, run - 1)
        again = (runs[..., :-1] == last.unsqueeze(1)).all(dim=2)  # (rows, count)
        again &= runs[..., -1] != self.free
        row, place = again.nonzero(as_tuple=True)
        logits = logits.clone()
        logits[row, -1, runs[row, place, -1]] = -math.inf
        return logits, state
