"""Drawing a token: by its probability, never one that begins or fills, and none after the end."""

import pytest
import torch

from mmbook.decoders.sampling import sample_next_token
from mmbook.preprocessing.text.characters import PADDING
from mmbook.preprocessing.text.vocabulary import BEGIN, END


def drawn(last: int, temperature: float = 1.0, count: int = 20_000) -> torch.Tensor:
    logits = torch.tensor([9.0, 0.0, 9.0, 1.0, 2.0]).repeat(count, 1)
    ids = sample_next_token(
        logits, torch.full((count, 1), last), torch.Generator().manual_seed(0), temperature
    )
    assert ids.shape == (count, 1)
    assert logits[0].equal(torch.tensor([9.0, 0.0, 9.0, 1.0, 2.0])), "the scores stay as they are"
    return ids[:, 0].bincount(minlength=5) / count


@pytest.mark.parametrize("temperature", [0.5, 1.0, 3.0])
def test_tokens_come_as_often_as_their_probability_says(temperature: float) -> None:
    scores = torch.tensor([-torch.inf, 0.0, -torch.inf, 1.0, 2.0]) / temperature
    assert (drawn(BEGIN, temperature) - scores.softmax(0)).abs().max() < 0.02


@pytest.mark.parametrize("last", [END, PADDING])
def test_after_the_end_comes_padding(last: int) -> None:
    assert drawn(last).tolist() == [1, 0, 0, 0, 0]


@pytest.mark.parametrize("temperature", [0.0, -1.0, float("nan")])
def test_a_temperature_is_positive(temperature: float) -> None:
    with pytest.raises(ValueError, match="temperature must be positive"):
        drawn(BEGIN, temperature)
