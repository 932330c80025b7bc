"""The pairs that networks learn from, and networks that learned from them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor

from mmbook.batch import Batch
from mmbook.datasets.collections import Emoji
from mmbook.experiments.emoji_retrieval.config import EmojiConfig, System
from mmbook.experiments.emoji_retrieval.neighbours import merit
from mmbook.experiments.emoji_retrieval.pictures import HandMade
from mmbook.experiments.emoji_retrieval.texts import Texts, TextSpace, whole
from mmbook.experiments.emoji_retrieval.towers import (
    Draw,
    PairLoss,
    PixelTower,
    Towers,
    VectorTower,
    changed,
    view_loss,
)
from mmbook.experiments.harness.trained import trained
from mmbook.preprocessing.images.resampling import resample
from mmbook.training import Objective, seed_everything

CHUNK = 256  # pictures that are changed, or read, at a time


@dataclass(frozen=True, eq=False)
class Pictures:
    """All pictures as networks and baselines read them; rows are those of the emoji.

    made: hand-made features. features: (n, 1 + views, d), those of the picture itself and then of
    changed ones. pixels: (n, 1, 3, side, side), white is 0.
    """

    made: HandMade
    features: Tensor
    pixels: Tensor

    @classmethod
    def of(cls, images: Tensor, side: int, views: int) -> "Pictures":
        """Of (n, 3, height, width) uint8; what is changed follows from a fixed seed."""
        made = HandMade.of(images)
        ink = 1 - images.float() / 255
        small = resample(ink, side, side, "area").clamp(0, 1)
        seed_everything(0)
        others = [HandMade.of(_bytes(_changed(ink))).joined() for _ in range(views)]
        return cls(made, torch.stack([made.joined(), *others], dim=1), small[:, None])

    def read_by(self, system: System) -> Tensor:
        """(n, views, ...): what a system reads of pictures."""
        if system.pixels:
            return self.pixels
        return self.features if system.changed else self.features[:, :1]


def _changed(ink: Tensor) -> Tensor:
    return torch.cat([changed(part) for part in ink.split(CHUNK)])


def _bytes(ink: Tensor) -> Tensor:
    return ((1 - ink) * 255).round().to(torch.uint8)


@dataclass(frozen=True, eq=False)
class Learned:
    """Trained towers with all that they read, so that any rows can be asked about.

    pictures: (n, views, ...). texts: (n, languages, phrases, d).
    """

    model: Towers
    pictures: Tensor
    texts: Tensor
    languages: tuple[str, ...]
    space: TextSpace
    rate: float

    @torch.no_grad()
    def see(self, rows: Tensor) -> Tensor:
        """(rows, width) of length 1: pictures in the common space."""
        model = self.model.eval().cpu()
        parts = [model.picture(self.pictures[part, 0]) for part in rows.split(CHUNK)]
        return F.normalize(torch.cat(parts), dim=1)

    @torch.no_grad()
    def read(self, vectors: Tensor) -> Tensor:
        """(n, d) of length 1 to (n, width) of length 1: texts in the common space."""
        return F.normalize(self.model.eval().cpu().text(vectors), dim=1)

    def texts_of(self, rows: Tensor, language: str) -> Tensor:
        """(rows, width): names and keywords in a language, in the common space."""
        return self.read(whole(self.texts[rows, self.languages.index(language)]))

    def scores(self, rows: Tensor, language: str) -> Tensor:
        """(pictures, texts): cosines among rows."""
        return self.see(rows) @ self.texts_of(rows, language).T


class Trainer:
    """Trains systems of one seed on training rows; adds up seconds and counts parameters.

    rates: {system: learning rate}; a system that has none here gets the one that does best on
    validation, for this seed and the later ones.
    """

    def __init__(
        self,
        config: EmojiConfig,
        emoji: Emoji,
        pictures: Pictures,
        seed: int,
        rates: dict[str, float],
        folder: Path,
    ) -> None:
        self.config, self.emoji, self.pictures, self.seed = config, emoji, pictures, seed
        self.rates, self.folder = rates, folder / f"seed-{seed}"
        self.seconds, self.sizes = 0.0, {}

    def train(
        self,
        name: str,
        system: System,
        texts: Texts,
        train: Tensor,
        validation: Tensor,
        what: str = "",
        pictures: Tensor | None = None,
    ) -> Learned:
        """Towers that learned from the texts of training rows.

        what: tells runs of one system apart in names of files. pictures: which rows' pictures go
        with the training rows, by default their own.
        """
        space = TextSpace.of(texts, train, self.config.text_width)
        encoded = space.encode(texts)
        seen = self.pictures.read_by(system)
        source = train if pictures is None else pictures
        samples = Batch(
            {"picture": seen[source], "text": encoded[train]},
            {"whole": whole(encoded[train].flatten(1, 2))},
        )
        tried = [self.rates[name]] if name in self.rates else list(system.rates)
        found = [
            Learned(
                self._towers(system, samples, f"{name}{what}, {rate:g}", rate),
                seen,
                encoded,
                tuple(texts),
                space,
                rate,
            )
            for rate in tried
        ]
        best = max(found, key=lambda one: _validated(one, validation)) if found[1:] else found[0]
        self.rates[name] = best.rate
        self.sizes[name] = sum(p.numel() for p in best.model.parameters())
        return best

    def _towers(self, system: System, samples: Batch, name: str, rate: float) -> Towers:
        config = self.config
        seed_everything(self.seed)
        text = VectorTower(samples.inputs["text"].shape[-1], config.width, config.dropout)
        if system.pixels:
            picture = PixelTower(config.side, config.width, config.dropout)
        else:
            size = samples.inputs["picture"].shape[-1]
            picture = VectorTower(size, config.width, config.dropout, config.hidden)
        model = Towers(picture, text)
        settings = replace(config.training, seed=self.seed, learning_rate=rate)
        if system.begins:
            apart = Objective(view_loss, part="picture")
            draw = Draw(changed=True, twice=True)
            self.seconds += trained(
                model, samples, settings, self.folder, f"{name}, views", __name__,
                objectives=apart, augment=draw,
            )  # fmt: skip
        draw = Draw(system.sampled, system.changed and system.pixels)
        self.seconds += trained(
            model, samples, settings, self.folder, name, __name__,
            objectives=Objective(PairLoss(system.softness)), augment=draw,
        )  # fmt: skip
        return model


def _validated(one: Learned, rows: Tensor) -> float:
    asked: Sequence[str] = [name for name in ("en", "zh") if name in one.languages]
    return sum(merit(one.scores(rows, language)) for language in asked)
