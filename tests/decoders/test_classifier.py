"""Decoders that name a class."""

import torch

from mmbook.decoders import Classifier, MeanPool
from mmbook.tokens import Tokens

MASK = torch.tensor([[True, True, False], [True, False, False], [False, False, False]])


def some() -> tuple[Tokens, torch.Tensor]:
    """Padded tokens, the last row absent, and their means."""
    values = torch.randn(3, 3, 4)
    means = torch.stack([values[0, :2].mean(0), values[1, 0], torch.zeros(4)])
    return Tokens(values.masked_fill(~MASK.unsqueeze(-1), torch.nan), MASK), means


def test_readout_is_the_mean_token() -> None:
    tokens, means = some()
    torch.testing.assert_close(MeanPool()(tokens), means)


def test_classifier_reads_the_mean_token_with_a_linear_layer() -> None:
    tokens, means = some()
    classifier = Classifier(4, 10)
    scores = classifier(tokens)
    assert scores.shape == (3, 10)
    weight, bias = classifier.linear.weight, classifier.linear.bias
    torch.testing.assert_close(scores, means @ weight.T + bias)
    scores.square().sum().backward()
    assert all(p.grad is not None and p.grad.any() for p in classifier.parameters())
