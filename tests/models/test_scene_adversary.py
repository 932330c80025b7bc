"""A discriminator of scenes: what its score depends on, and what it minimises."""

import pytest
import torch

from mmbook.batch import Batch
from mmbook.losses import discriminator_loss
from mmbook.models import Adversaries, Discriminate, SceneDrawingConfig
from mmbook.models.captioning import CaptionWords
from mmbook.models.scene_adversary import DiscriminateMatches, SceneDiscriminator

DRAWING = SceneDrawingConfig(
    CaptionWords(("a", "red", "blue", "star")), size=8, width=16, channels=8, layers=1
)


def discriminator() -> SceneDiscriminator:
    torch.manual_seed(0)
    return SceneDiscriminator(8, width=16, channels=8)


def batch() -> Batch:
    generator = torch.Generator().manual_seed(1)
    text, untrue = torch.randint(4, 8, (2, 4, 3), generator=generator)
    images = torch.rand(4, 3, 8, 8, generator=generator)
    return Batch({"image": images, "text": text, "untrue": untrue})


def test_a_score_is_of_one_picture_and_one_sentence() -> None:
    judge, samples = discriminator(), batch()
    images, ids = samples.inputs["image"].requires_grad_(), samples.inputs["text"]
    scores = judge(images, ids)
    assert scores.shape == (4,)
    torch.testing.assert_close(judge(images[:1], ids[:1]), scores[:1])
    (slopes,) = torch.autograd.grad(scores[1], images)
    assert slopes[1].any() and not slopes[[0, 2, 3]].any()
    assert not judge(images, samples.inputs["untrue"]).isclose(scores).any()


def test_the_order_of_words_counts_and_padding_does_not() -> None:
    judge, image = discriminator(), batch().inputs["image"][:1]
    ids = torch.tensor([[5, 7, 6, 4]])
    assert not judge(image, ids.flip(1)).isclose(judge(image, ids)).any()
    padded = torch.nn.functional.pad(ids, (0, 2))
    torch.testing.assert_close(judge(image, padded), judge(image, ids))


@pytest.mark.parametrize("weight", [0.0, 0.5])
def test_what_is_minimised_counts_untrue_sentences_as_made(weight: float) -> None:
    samples = batch()
    model = Adversaries(DRAWING.build(), discriminator(), DRAWING.noise).eval()
    torch.manual_seed(3)
    found = DiscriminateMatches(penalty=0.7, share=1 / 2, weight=weight)(model, samples)
    torch.manual_seed(3)
    expected = Discriminate(penalty=0.7, share=1 / 2)(model, samples).mean()
    images = samples.inputs["image"] * 2 - 1
    wrong = model.discriminator(images, samples.inputs["untrue"])
    made = discriminator_loss(torch.full_like(wrong, torch.inf), wrong).mean()
    expected = expected + weight * made
    torch.testing.assert_close(found.mean(), expected)
    weights = list(model.discriminator.parameters())
    gradients = torch.autograd.grad(found.mean(), weights)
    torch.testing.assert_close(gradients, torch.autograd.grad(expected, weights))
