"""Adversaries of images and words: what is judged, and what each of the two minimises."""

import pytest
import torch
from torch import Tensor, nn

from mmbook.batch import Batch
from mmbook.losses import discriminator_loss, generator_loss, hinge_discriminator_loss
from mmbook.models import Adversaries, Discriminate, Discriminator, DrawingConfig, Generate

DRAWING = DrawingConfig("ab", size=8, width=6, noise=4, channels=2, hidden=5)


def adversaries(group: int = 2) -> Adversaries:
    torch.manual_seed(0)
    discriminator = Discriminator(6, size=8, width=5, channels=2, group=group)
    return Adversaries(DRAWING.build(), discriminator, DRAWING.noise)


def batch(count: int = 16) -> Batch:
    generator = torch.Generator().manual_seed(1)
    return Batch(
        {
            "image": torch.rand(count, 1, 8, 8, generator=generator),
            "text": torch.randint(4, 6, (count, 3), generator=generator),
        }
    )


def test_a_score_is_that_of_the_image_and_of_how_it_fits_the_word():
    judge, samples = adversaries(group=0).discriminator, batch(4)
    images, ids = samples.inputs["image"], samples.inputs["text"]
    seen, told = judge.image(images).values[:, 0], judge.text(ids).mean()
    expected = [
        judge.score(s)[0] + torch.dot(judge.match(t), s) for s, t in zip(seen, told, strict=True)
    ]
    torch.testing.assert_close(judge(images, ids), torch.stack(expected))


def largest_singular_values(judge: Discriminator) -> Tensor:
    weights = [part.weight for part in judge.modules() if isinstance(part, nn.Conv2d | nn.Linear)]
    return torch.stack([torch.linalg.matrix_norm(w.flatten(1), ord=2) for w in weights])


def test_spectral_normalisation_makes_the_largest_singular_values_one():
    torch.manual_seed(0)
    judge = Discriminator(6, size=8, width=5, channels=2, group=0, spectral=True).train()
    samples = batch(4)
    for _ in range(100):
        judge(samples.inputs["image"], samples.inputs["text"])
    found = largest_singular_values(judge.eval())
    assert len(found) == 6
    torch.testing.assert_close(found, torch.ones(6), atol=1e-3, rtol=0)


@pytest.mark.parametrize("loss", [discriminator_loss, hinge_discriminator_loss])
@pytest.mark.parametrize("penalty", [0.0, 0.7])
def test_what_the_discriminator_minimises(loss, penalty):
    model, samples = adversaries().eval(), batch()
    torch.manual_seed(3)
    found = Discriminate(loss, penalty, share=1 / 4)(model, samples)
    torch.manual_seed(3)
    images, ids = samples.inputs["image"] * 2 - 1, samples.inputs["text"]
    made = model.draw(ids).detach()
    expected = loss(model.discriminator(images, ids), model.discriminator(made, ids)).mean()
    if penalty:
        asked = images[:4].requires_grad_()
        (slopes,) = torch.autograd.grad(
            model.discriminator(asked, ids[:4]).sum(), asked, create_graph=True
        )
        expected = expected + penalty / 2 * slopes.square().sum((1, 2, 3)).mean()
    torch.testing.assert_close(found.mean(), expected)
    weights = list(model.discriminator.parameters())
    gradients = torch.autograd.grad(found.mean(), weights)
    torch.testing.assert_close(gradients, torch.autograd.grad(expected, weights))
    assert not samples.inputs["image"].requires_grad


def test_what_the_generator_minimises():
    model, samples = adversaries().eval(), batch()
    torch.manual_seed(3)
    found = Generate()(model, samples)
    torch.manual_seed(3)
    ids = samples.inputs["text"]
    torch.testing.assert_close(
        found.mean(), generator_loss(model.discriminator(model.draw(ids), ids)).mean()
    )
    found.total.backward()
    assert all(p.grad is not None and p.grad.any() for p in model.generator.decoder.parameters())


def test_other_models_are_refused():
    for loss in (Discriminate(), Generate()):
        with pytest.raises(ValueError, match="only Adversaries play, not a Linear"):
            loss(nn.Linear(1, 1), batch())
