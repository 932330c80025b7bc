"""A decoder that cannot lean on what it has said."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

from mmbook.decoders.autoregressive import AutoregressiveDecoder, S
from mmbook.tokens import Tokens


class MaskedHistory(AutoregressiveDecoder[S]):
    """A decoder to which some of the words that it has written are one sign, in training too.

    It writes all words, but reads `hidden` ones, (n,) ids, as the id `sign`. Where they are the
    words of what is seen, the next word has to come from the memory: that "red" was said does not
    tell which shapes are often red. Everything else is as in `decoder`.
    Raises ValueError where an id is out of range. Cf. Bowman et al. 2016: words dropped at random.
    """

    def __init__(self, decoder: AutoregressiveDecoder[S], hidden: Sequence[int], sign: int) -> None:
        super().__init__(decoder.vocabulary, decoder.width, decoder.cross)
        if outside := [i for i in (*hidden, sign) if not 0 <= i < decoder.vocabulary]:
            raise ValueError(f"ids must be in [0, {decoder.vocabulary}), not {outside[0]}")
        self.decoder = decoder
        read_as = torch.arange(decoder.vocabulary)
        read_as[list(hidden)] = sign
        self.read_as: Tensor
        self.register_buffer("read_as", read_as, persistent=False)  # (vocabulary,): id to id

    @property
    def output(self) -> nn.Module:
        """The decoder's."""
        return self.decoder.output

    def start(self, memory: Tokens | None, rows: int) -> Any:
        return self.decoder.start(memory, rows)

    def advance(self, ids: Tensor, state: Any) -> tuple[Tensor, Any]:
        return self.decoder.advance(self.read_as[ids], state)
