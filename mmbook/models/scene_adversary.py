"""A discriminator of scenes: how real a picture looks, and whether a sentence is true of it."""

from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.attention import SDPBackend, sdpa_kernel

from mmbook.batch import Batch
from mmbook.encoders.feature_grid import FeatureGridEncoder
from mmbook.encoders.rnn import RecurrentEncoder
from mmbook.layers.transformer import TransformerStack
from mmbook.losses import Loss, generator_loss
from mmbook.models.adversarial import Discriminate


class SceneDiscriminator(nn.Module):
    """A score of each picture and sentence: every word looks for its evidence in the picture.

    images: (batch, 3, height, width) in [-1, 1]; ids: (batch, length); returns (batch,). Words
    read each other and the cells of the picture in a transformer of `layers`; what they found, and
    the mean cell, give the score. No sample of a batch is compared with another. Sources: Reed et
    al. (2016) for scores of pairs; Xu et al. (2018) for words that look at parts of a picture.
    """

    def __init__(
        self, vocabulary: int, width: int = 96, channels: int = 32, layers: int = 1, heads: int = 4
    ) -> None:
        super().__init__()
        self.image = FeatureGridEncoder(
            3, width, (channels, 2 * channels, width), (2, 1, 2, 1), partial(nn.GroupNorm, 8)
        )
        self.text = RecurrentEncoder(vocabulary, width)
        self.match = TransformerStack(width, heads, layers, 2 * width, cross=True)
        self.score = nn.Linear(2 * width, 1)

    def forward(self, images: Tensor, ids: Tensor) -> Tensor:
        cells, words = self.image(images), self.text(ids)
        # The fused kernels of attention cannot be derived twice, as a gradient penalty needs.
        with sdpa_kernel(SDPBackend.MATH):
            found = self.match(words, cells)
        return self.score(torch.cat([found.mean(), cells.mean()], dim=1)).squeeze(1)


@dataclass(frozen=True)
class DiscriminateMatches(Discriminate):
    """As `Discriminate`, and real pictures with a sentence that is not true of them count as made.

    The batch has such sentences as "untrue", ids (batch, length). weight: of that part. Without it
    nothing but the drawn pictures says what a sentence means. Source: Reed et al. (2016).
    """

    weight: float = 1.0

    def __call__(self, model: nn.Module, batch: Batch) -> Loss:
        loss = super().__call__(model, batch)
        if not self.weight:
            return loss
        discriminator: Any = model.discriminator
        scores = discriminator(batch.inputs["image"] * 2 - 1, batch.inputs["untrue"])
        wrong = generator_loss(-scores)  # -log(1 - σ(score))
        return Loss(loss.total + self.weight * wrong.total, loss.count)
