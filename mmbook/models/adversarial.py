"""A generator of images from words and the discriminator that it learns from."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.utils.parametrizations import spectral_norm

from mmbook.batch import Batch
from mmbook.encoders.discriminator import DiscriminatorEncoder
from mmbook.encoders.rnn import RecurrentEncoder
from mmbook.losses import Loss
from mmbook.losses.adversarial import discriminator_loss, generator_loss, gradient_penalty


class Discriminator(nn.Module):
    """How real an image looks, and how well it fits a word: w·φ + ⟨V·e, φ⟩, one score an image.

    images: (batch, 1, size, size) in [-1, 1]; ids: (batch, length); returns (batch,). φ is the
    image's token and e the mean of the word's. spectral: whether each convolution and linear layer
    is divided by its largest singular value (Miyato et al. 2018). The rest as in
    `DiscriminatorEncoder` and `RecurrentEncoder`. Source: Miyato and Koyama (2018).
    """

    def __init__(
        self,
        vocabulary: int,
        size: int = 28,
        width: int = 128,
        channels: int = 16,
        group: int = 4,
        spectral: bool = False,
    ) -> None:
        super().__init__()
        self.image = DiscriminatorEncoder(size, width, channels, group)
        self.text = RecurrentEncoder(vocabulary, 32, bidirectional=False)
        self.match, self.score = nn.Linear(32, width), nn.Linear(width, 1)
        if spectral:
            for part in [*self.image.modules(), self.match, self.score]:
                if isinstance(part, nn.Conv2d | nn.Linear):
                    spectral_norm(part)

    def forward(self, images: Tensor, ids: Tensor) -> Tensor:
        seen, told = self.image(images).mean(), self.text(ids).mean()  # (B, width), (B, 32)
        return self.score(seen).squeeze(1) + (self.match(told) * seen).sum(dim=1)


class Adversaries(nn.Module):
    """A generator and a discriminator in one model, so that one run trains both in turn.

    generator: ({"text": ids}, noise) to images in [-1, 1], as `Drawing` is; noise: the length of
    its noise. discriminator: (images, ids) to scores, as `Discriminator` is.
    """

    def __init__(self, generator: nn.Module, discriminator: nn.Module, noise: int) -> None:
        super().__init__()
        self.generator, self.discriminator, self.noise = generator, discriminator, noise

    def draw(self, ids: Tensor) -> Tensor:
        """An image of each word, from noise of torch's global generator."""
        noise = torch.randn(len(ids), self.noise, device=ids.device)
        return self.generator({"text": ids}, noise)


@dataclass(frozen=True)
class Discriminate:
    """What the discriminator minimises: of `Adversaries`, for batches of "image" and "text".

    Images are in [0, 1] there. loss: of the scores of real and of generated images. penalty: the
    weight of R1 (`gradient_penalty`), 0 for none; share: of a batch's images, from the first on,
    on which it is taken, as that takes twice as long as all else. Raises ValueError for another
    model.
    """

    loss: Callable[[Tensor, Tensor], Loss] = discriminator_loss
    penalty: float = 0.2
    share: float = 1 / 8

    def __call__(self, model: nn.Module, batch: Batch) -> Loss:
        model = _adversaries(model)
        images, ids = batch.inputs["image"] * 2 - 1, batch.inputs["text"]
        with torch.no_grad():
            made = model.draw(ids)
        # In one pass, as the groups of `MinibatchDeviation` are not mixed.
        scores = model.discriminator(torch.cat([images, made]), torch.cat([ids, ids]))
        loss = self.loss(*scores.chunk(2))
        if not self.penalty:
            return loss
        few = round(self.share * len(ids))
        asked = images[:few].requires_grad_()
        steep = gradient_penalty(model.discriminator(asked, ids[:few]), asked)
        return Loss(loss.total + self.penalty * steep.mean() * loss.count, loss.count)


@dataclass(frozen=True)
class Generate:
    """What the generator minimises: of `Adversaries`. loss: of the scores of what it made.

    Raises ValueError for another model.
    """

    loss: Callable[[Tensor], Loss] = generator_loss

    def __call__(self, model: nn.Module, batch: Batch) -> Loss:
        model, ids = _adversaries(model), batch.inputs["text"]
        return self.loss(model.discriminator(model.draw(ids), ids))


def _adversaries(model: nn.Module) -> Adversaries:
    """The model, if it is two that play. Raises ValueError where it is not."""
    if not isinstance(model, Adversaries):
        raise ValueError(f"only Adversaries play, not a {type(model).__name__}")
    return model
