"""Words that are hidden once they are written, and all others that are not."""

import pytest
import torch

from mmbook.decoders import MaskedHistory, RecurrentDecoder, TransformerDecoder
from mmbook.tokens import Tokens

HIDDEN, SIGN = (4, 6), 1


@pytest.fixture(params=[RecurrentDecoder, TransformerDecoder])
def decoder(request: pytest.FixtureRequest):
    torch.manual_seed(0)
    return request.param(9, 8, cross=True).eval()


@pytest.fixture
def memory() -> Tokens:
    return Tokens.of(torch.randn(2, 3, 8, generator=torch.Generator().manual_seed(1)))


def test_hidden_words_are_read_as_the_sign(decoder, memory: Tokens) -> None:
    masked = MaskedHistory(decoder, HIDDEN, SIGN)
    ids = torch.tensor([[2, 4, 5, 6, 7], [2, 8, 6, 6, 1]])
    read = torch.tensor([[2, 1, 5, 1, 7], [2, 8, 1, 1, 1]])
    assert torch.equal(masked(memory, ids), decoder(memory, read))
    assert ids[0, 1] == 4  # what was given is as it was


def test_which_hidden_word_was_written_changes_nothing_and_another_word_does(
    decoder, memory: Tokens
) -> None:
    masked = MaskedHistory(decoder, HIDDEN, SIGN)
    first, same, other = (masked(memory, torch.tensor([[2, i, 5]] * 2))[:, -1] for i in (4, 6, 3))
    assert torch.equal(first, same)
    assert (first - other).abs().max() > 1e-4
    unmasked = [decoder(memory, torch.tensor([[2, i, 5]] * 2))[:, -1] for i in (4, 6)]
    assert (unmasked[0] - unmasked[1]).abs().max() > 1e-4


def test_hidden_words_are_written_and_learned(decoder, memory: Tokens) -> None:
    masked = MaskedHistory(decoder, HIDDEN, SIGN)
    assert masked.output is decoder.output
    assert {*masked.state_dict()} == {f"decoder.{name}" for name in decoder.state_dict()}
    masked(memory, torch.tensor([[2, 4]] * 2))[:, -1, 6].sum().backward()
    assert decoder.output.weight.grad[6].any()


@pytest.mark.parametrize(("hidden", "sign"), [((4, 9), 1), ((-1,), 1), ((4,), 9)])
def test_ids_out_of_range_are_refused(decoder, hidden: tuple[int, ...], sign: int) -> None:
    with pytest.raises(ValueError, match=r"in \[0, 9\)"):
        MaskedHistory(decoder, hidden, sign)
