"""The speed of writing: keys that are kept against reading everything again, and of compiling."""

from dataclasses import dataclass

import torch
from torch import Tensor

from benchmarks.compare import compare
from mmbook.batch import Padded
from mmbook.decoders import (
    AutoregressiveDecoder,
    RecurrentDecoder,
    State,
    TransformerDecoder,
    generate,
)
from mmbook.encoders import TransformerEncoder
from mmbook.tokens import Tokens

VOCABULARY, WIDTH, ROWS, NEW = 2000, 128, 4, 64


@dataclass(frozen=True, eq=False)
class Read(State):
    """All that was read, and the memory's values and mask."""

    ids: Tensor
    values: Tensor | None = None
    mask: Tensor | None = None


class Uncached(AutoregressiveDecoder[Read]):
    """A decoder that reads everything again for each new token, the memory too."""

    def __init__(self, decoder: AutoregressiveDecoder) -> None:
        super().__init__(decoder.vocabulary, decoder.width, decoder.cross)
        self.decoder = decoder

    def start(self, memory: Tokens | None, rows: int) -> Read:
        ids = torch.zeros(rows, 0, dtype=torch.int64)
        return Read(ids, memory.values, memory.mask) if memory else Read(ids)

    def advance(self, ids: Tensor, state: Read) -> tuple[Tensor, Read]:
        ids = torch.cat((state.ids, ids), dim=1)
        memory = None
        if state.values is not None and state.mask is not None:
            memory = Tokens(state.values, state.mask)
        known = self.decoder.states(memory, ids)[:, -1:]
        return known, Read(ids, state.values, state.mask)

    def output(self, known: Tensor) -> Tensor:
        return self.decoder.output(known)


def cached() -> None:
    """64 tokens for each of 4 rows, by what is kept, against reading again."""
    decoders: dict[str, AutoregressiveDecoder] = {
        "transformer": TransformerDecoder(VOCABULARY, WIDTH, heads=4, layers=4),
        "GRU": RecurrentDecoder(VOCABULARY, WIDTH),
    }
    prompts = Padded(torch.ones(ROWS, 1, dtype=torch.int64), torch.ones(ROWS, dtype=torch.int64))

    def write(decoder: AutoregressiveDecoder) -> Tensor:
        return generate(decoder, None, prompts, None, NEW).values

    for name, decoder in decoders.items():
        again = Uncached(decoder)
        assert write(decoder).equal(write(again))
        compare(
            f"{name} writes {NEW} tokens, cached / uncached",
            lambda decoder=decoder: write(decoder),
            lambda again=again: write(again),
        )


def compiled() -> None:
    """A transformer encoder over padded sentences, compiled, against the same as it is."""
    encoder = TransformerEncoder(VOCABULARY, WIDTH, heads=4, layers=2).eval()
    fast = torch.compile(encoder, fullgraph=True)
    lengths = torch.randint(1, 41, (64, 1))
    ids = torch.randint(1, VOCABULARY, (64, 40)).masked_fill(torch.arange(40) >= lengths, 0)
    with torch.inference_mode():
        torch.testing.assert_close(fast(ids).values, encoder(ids).values, atol=1e-4, rtol=1e-4)
        compare(
            "transformer encoder, inference, torch.compile / as it is",
            lambda: fast(ids),
            lambda: encoder(ids),
        )


BENCHMARKS = (cached, compiled)
