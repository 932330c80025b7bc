"""The losses of adversaries against binary cross-entropy."""

import pytest
import torch
import torch.nn.functional as F

from mmbook.losses import discriminator_loss, generator_loss


def test_they_are_binary_cross_entropies() -> None:
    real, generated = torch.randn(2, 5, 1, dtype=torch.float64)
    ones, zeros = torch.ones_like(real), torch.zeros_like(real)
    judged = F.binary_cross_entropy_with_logits(real, ones)
    judged += F.binary_cross_entropy_with_logits(generated, zeros)
    torch.testing.assert_close(discriminator_loss(real, generated).mean(), judged)
    made = F.binary_cross_entropy_with_logits(generated, ones)
    torch.testing.assert_close(generator_loss(generated).mean(), made)


def test_the_generator_learns_most_where_the_discriminator_is_sure() -> None:
    scores = torch.tensor([-30.0, 0.0, 30.0], requires_grad=True)
    generator_loss(scores).total.backward()
    torch.testing.assert_close(scores.grad, torch.tensor([-1.0, -0.5, 0.0]))


def test_scores_of_other_shapes_are_refused() -> None:
    with pytest.raises(ValueError, match=r"one shape, not \(2, 1\) and \(2,\)"):
        discriminator_loss(torch.zeros(2, 1), torch.zeros(2))
