"""Two networks that lay pictures and texts into one space, and what changes their samples."""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mmbook.batch import Batch
from mmbook.encoders import ConvolutionalEncoder
from mmbook.experiments.emoji_retrieval.texts import whole
from mmbook.losses import Loss, contrastive
from mmbook.preprocessing.images.augmentation import jitter_colour, random_affine, random_flip

STAGES = (32, 64, 128)


class PixelTower(nn.Module):
    """Pixels to a vector: (n, 3, side, side) in [0, 1], white is 0, to (n, width)."""

    def __init__(self, side: int, width: int, dropout: float) -> None:
        super().__init__()
        self.encoder = ConvolutionalEncoder(3, width, STAGES)
        cells = -(-side // 2 ** (len(STAGES) + 1))
        self.project = nn.Sequential(nn.Dropout(dropout), nn.Linear(cells**2 * width, width))

    def forward(self, images: Tensor) -> Tensor:
        return self.project(self.encoder(images).values.flatten(1))  # each place has its weights


class VectorTower(nn.Module):
    """Vectors of length 1 to others: (n, inputs) to (n, width); linear where nothing is hidden."""

    def __init__(self, inputs: int, width: int, dropout: float, hidden: int = 0) -> None:
        super().__init__()
        sizes = [inputs, hidden, width] if hidden else [inputs, width]
        self.size = inputs**0.5
        self.layers = nn.Sequential(nn.Dropout(dropout), nn.Linear(sizes[0], sizes[1]))
        if hidden:
            self.layers.extend([nn.GELU(), nn.Dropout(dropout), nn.Linear(hidden, width)])

    def forward(self, vectors: Tensor) -> Tensor:
        return self.layers(vectors * self.size)  # numbers of about 1 are easier to begin with


class Towers(nn.Module):
    """A picture tower, a text tower and the scale of their cosines, at most 100."""

    def __init__(self, picture: nn.Module, text: nn.Module) -> None:
        super().__init__()
        self.picture, self.text = picture, text
        self.log_scale = nn.Parameter(torch.tensor(14.0).log())

    def forward(self, inputs: dict[str, Tensor]) -> tuple[Tensor, Tensor]:
        return self.picture(inputs["picture"]), self.text(inputs["text"])


@dataclass(frozen=True)
class PairLoss:
    """Symmetric InfoNCE of pictures and texts.

    softness: 0 for one right partner. Otherwise the share of each partner is the softmax of how
    alike its whole text is, divided by this: a text that nearly fits is not as wrong as all others.
    """

    softness: float = 0.0

    def __call__(self, model: nn.Module, batch: Batch) -> Loss:
        """See the class."""
        assert isinstance(model, Towers)
        pictures, texts = model(batch.inputs)  # type: ignore[misc]
        scale = model.log_scale.clamp(max=4.6).exp()
        if not self.softness:
            return contrastive(pictures, texts, scale)
        alike = batch.targets["whole"] @ batch.targets["whole"].T
        shares = (alike / self.softness).softmax(dim=1)
        scores = scale * F.normalize(pictures, dim=1) @ F.normalize(texts, dim=1).T
        both = (F.cross_entropy(x, shares, reduction="sum") for x in (scores, scores.T))
        return Loss(torch.stack(list(both)).mean(), len(pictures))


def view_loss(model: nn.Module, batch: Batch) -> Loss:
    """Symmetric InfoNCE of two changed views of each picture. SimCLR: Chen et al. (2020)."""
    assert isinstance(model, Towers)
    first, second = (model.picture(batch.inputs[name]) for name in ("picture", "other"))
    return contrastive(first, second, 10.0)


@dataclass(frozen=True)
class Draw:
    """What a training step makes of its samples.

    Of each text one language is drawn, and where `sampled` some of its phrases; of the views of a
    picture (n, views, ...) one. changed: pixels are turned, shifted, mirrored and recoloured.
    twice: "other" is a second changed view, for `view_loss`.
    """

    sampled: bool = False
    changed: bool = False
    twice: bool = False

    def __call__(self, batch: Batch) -> Batch:
        """inputs: "picture" (n, views, ...) and "text" (n, languages, phrases, d)."""
        texts, views = batch.inputs["text"], batch.inputs["picture"]
        rows = torch.arange(len(texts), device=texts.device)
        there = (texts != 0).any(dim=3)  # (n, languages, phrases)
        language = torch.multinomial(there.any(dim=2).float(), 1)[:, 0]
        text, exists = texts[rows, language], there[rows, language]
        if self.sampled:
            text = text * some(exists)[..., None]
        picture = views[rows, torch.randint(views.shape[1], rows.shape)]
        inputs = {"picture": changed(picture) if self.changed else picture, "text": whole(text)}
        if self.twice:
            inputs["other"] = changed(picture)
        return Batch(inputs, batch.targets)


def some(exists: Tensor) -> Tensor:
    """Which phrases stay: all in half of the texts, about half in a quarter, one in a quarter.

    exists: (n, phrases) boolean, one true at least in each row; the result is true in some of them.
    """
    chance = torch.rand(exists.shape, device=exists.device).masked_fill(~exists, -1.0)
    one = chance == chance.amax(dim=1, keepdim=True)
    how = torch.rand(len(exists), 1, device=exists.device)
    return exists & (one | ((chance > 0.5) & (how < 0.75)) | (how < 0.5))


def changed(images: Tensor) -> Tensor:
    """Turned, enlarged, shifted, mirrored and recoloured pictures, of which white is 0."""
    moved = random_affine(images, degrees=15, scale=(0.8, 1.15), shift=0.08).clamp(0, 1)
    coloured = jitter_colour(moved, brightness=0.2, contrast=0.2, saturation=0.3)
    return random_flip(coloured)
