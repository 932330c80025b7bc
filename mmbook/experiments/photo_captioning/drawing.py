"""The batches that captioners of photographs learn from, and what they minimise."""

from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch import Generator, Tensor

from mmbook.batch import Batch
from mmbook.layers.checks import check_whole
from mmbook.losses import IGNORED, Loss, cross_entropy
from mmbook.preprocessing.images.augmentation import random_resized_crop
from mmbook.preprocessing.text.special import PAD, UNK
from mmbook.tokens import Tokens
from mmbook.training.randomness import batch_rows, derived_seed


@dataclass(frozen=True, eq=False)
class DrawnCaptions:
    """A stream of pictures, all once an epoch, each with some of its captions drawn by chance.

    pictures: (views, n, ...), of which one view is drawn each time. captions: (n, captions of a
    picture, length) ids from bos to eos, PAD behind. tags: (n, tags) in [0, 1]. each: how many
    captions of a picture are drawn, no one twice. An unknown word is read, and not to be written.
    Gives inputs "image" (size, ...), "text" (size, each, length), and targets "next", as long, and
    "tags". Raises ValueError where a picture has not so many captions.
    """

    pictures: Tensor
    captions: Tensor
    tags: Tensor
    size: int = 64
    each: int = 1
    seed: int = 0

    def __post_init__(self) -> None:
        check_whole(each=self.each)
        if not 1 <= self.each <= self.captions.shape[1]:
            raise ValueError(f"each must be from 1 to {self.captions.shape[1]}, not {self.each}")

    def batch(self, step: int, part: int = 0, parts: int = 1) -> Batch:
        """The pictures of a part of a step's batch, with captions."""
        generator = Generator().manual_seed(derived_seed("captions", self.seed, step))
        views, n = self.pictures.shape[:2]
        rows = batch_rows(n, self.size, self.seed, step)
        view = torch.randint(views, rows.shape, generator=generator)
        chance = torch.rand(len(rows), self.captions.shape[1], generator=generator)
        chosen = chance.argsort(dim=1)[:, : self.each]
        here = torch.arange(len(rows)).tensor_split(parts)[part]
        rows, view, chosen = rows[here], view[here], chosen[here]
        ids = self.captions[rows[:, None], chosen].long()  # (size, each, length)
        ids = ids[..., : int((ids != PAD).sum(dim=-1).max())]
        wanted = ids[..., 1:].masked_fill((ids[..., 1:] == PAD) | (ids[..., 1:] == UNK), IGNORED)
        return Batch(
            {"image": self.pictures[view, rows], "text": ids[..., :-1]},
            {"next": wanted, "tags": self.tags[rows]},
        )

    def fingerprint(self) -> str:
        """That of all that is drawn from, with what decides what is drawn."""
        held = {"image": self.pictures.transpose(0, 1), "text": self.captions, "tags": self.tags}
        return f"{Batch(held).fingerprint()} {self.size} {self.each} {self.seed}"


@dataclass(frozen=True)
class Cropped:
    """Cuts each picture of a batch out at random, brought to a size, and perhaps mirrored."""

    size: int

    def __call__(self, batch: Batch) -> Batch:
        images = batch.inputs["image"].float() / 255
        cut = random_resized_crop(images, self.size, area=(0.5, 1.0))
        return Batch({**batch.inputs, "image": cut}, batch.targets)


@dataclass(frozen=True)
class CaptionLoss:
    """What the words of drawn captions cost, and the words that the encoder names, in nats.

    model: a `Captioner` whose encoder is a `TaggingEncoder`. tags: the weight of the latter, the
    cross-entropy of each tag with the share of a picture's captions that hold it. smoothing: the
    share of a target that is spread over all tokens.
    """

    tags: float = 1.0
    smoothing: float = 0.0

    def __call__(self, model: Any, batch: Batch) -> Loss:
        ids, wanted = (x.flatten(0, 1) for x in (batch.inputs["text"], batch.targets["next"]))
        each = batch.inputs["text"].shape[1]
        tokens = model.look(batch.inputs["image"])
        seen = Tokens.of(tokens.values.repeat_interleave(each, dim=0))
        states, counted = model.model.states(seen, ids), wanted != IGNORED
        logits = model.model.output(states[counted]).float()
        said = cross_entropy(logits, wanted[counted], label_smoothing=self.smoothing)
        if not self.tags:
            return said
        scores = model.encoder.scores(tokens).float()
        named = F.binary_cross_entropy_with_logits(scores, batch.targets["tags"], reduction="sum")
        return Loss(said.total + self.tags * each * named, said.count)
