"""A decoder that writes no run of tokens twice."""

import pytest
import torch

from mmbook.batch import Padded
from mmbook.decoders.generation import beam_search, generate, greedy
from mmbook.decoders.recurrent import RecurrentDecoder
from mmbook.decoders.without_repeats import WithoutRepeats
from mmbook.tokens import Tokens

BOS, EOS, ROWS, NEW = 2, 3, 5, 12


@pytest.fixture
def decoder() -> RecurrentDecoder:
    torch.manual_seed(0)
    decoder = RecurrentDecoder(7, 8, cross=True).eval()
    with torch.no_grad():
        decoder.output.bias[EOS] = -3.0  # so that it goes on for long, and repeats itself
    return decoder


@pytest.fixture
def memory() -> Tokens:
    return Tokens.of(torch.randn(ROWS, 3, 8, generator=torch.Generator().manual_seed(1)))


def runs(ids: list[int], run: int) -> list[tuple[int, ...]]:
    return [tuple(ids[place : place + run]) for place in range(len(ids) - run + 1)]


def rows_of(found: Padded) -> list[list[int]]:
    pairs = zip(found.values.tolist(), found.lengths.tolist(), strict=True)
    return [row[:length] for row, length in pairs]


@pytest.mark.parametrize("width", [1, 3])
@pytest.mark.parametrize("run", [2, 3])
def test_no_run_comes_twice_where_it_did(decoder, memory, run: int, width: int) -> None:
    search = {"bos": BOS, "eos": EOS, "new": NEW, "width": width, "rows": ROWS}
    plain = rows_of(beam_search(decoder, memory, **search)[0])
    assert any(len({*runs(row, run)}) < len(runs(row, run)) for row in plain)
    found = rows_of(beam_search(WithoutRepeats(decoder, run, EOS), memory, **search)[0])
    assert all(len({*runs(row, run)}) == len(runs(row, run)) for row in found)


def test_the_most_probable_token_is_taken_that_repeats_nothing(decoder, memory) -> None:
    prompts = Padded(torch.full((ROWS, 1), BOS), torch.ones(ROWS, dtype=torch.long))
    found = generate(WithoutRepeats(decoder, 2, EOS), memory, prompts, None, NEW, greedy).values
    for row, ids in enumerate(found.tolist()):
        own = Tokens.of(memory.values[row : row + 1])
        for place in range(1, len(ids)):
            before = ids[:place]
            logits = decoder(own, torch.tensor([before]))[0, -1]
            barred = {second for first, second in runs(before, 2) if first == before[-1]}
            for token in barred - {EOS}:
                logits[token] = -torch.inf
            assert ids[place] == int(logits.argmax())


def test_a_run_of_one_writes_each_token_once_but_the_free_one(decoder, memory) -> None:
    state = WithoutRepeats(decoder, 1, EOS).start(memory, ROWS)
    ids = torch.tensor([[BOS, EOS, 5, 6]] * ROWS)
    logits, _ = WithoutRepeats(decoder, 1, EOS).step(ids, state)
    assert logits[:, -1].isinf().tolist() == [[token in (BOS, 5, 6) for token in range(7)]] * ROWS
    assert logits[:, :-1].isfinite().all()


def test_a_run_of_nothing_is_refused(decoder) -> None:
    with pytest.raises(ValueError, match="one token or more, not 0"):
        WithoutRepeats(decoder, 0, EOS)
