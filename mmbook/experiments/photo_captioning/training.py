"""What captioners of photographs are trained on, and their training."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

import torch
from torch import Tensor

from mmbook.datasets.collections import CaptionedImages
from mmbook.experiments.harness.trained import trained
from mmbook.experiments.photo_captioning.drawing import CaptionLoss, Cropped, DrawnCaptions
from mmbook.experiments.photo_captioning.frozen import CHANNELS, feature_maps, load_network
from mmbook.experiments.photo_captioning.settings import Settings, Sizes, System
from mmbook.experiments.photo_captioning.texts import (
    LONGEST,
    Words,
    encoded,
    tags_of,
    tokenizer_of,
    words_of,
)
from mmbook.models.captioning import (
    Captioner,
    CaptionerConfig,
    Language,
    RecurrentDecoderConfig,
    TransformerDecoderConfig,
)
from mmbook.models.recognition import EncoderConfig
from mmbook.models.retrieval import SquareImage
from mmbook.models.tagging import KeptGridConfig, TaggingEncoderConfig
from mmbook.preprocessing.images.resampling import resample
from mmbook.training import Objective, TrainingConfig, seed_everything

DECODERS = {"gru": RecurrentDecoderConfig, "transformer": TransformerDecoderConfig}
AT_ONCE = 500  # pictures that are resized together


def resized(images: Tensor, size: int) -> Tensor:
    """Bytes (n, 3, ...) as bytes (n, 3, size, size)."""
    parts = (resample(part.float(), size, size) for part in images.split(AT_ONCE))
    return torch.cat([part.round().clamp(0, 255).to(torch.uint8) for part in parts])


def encoder_of(system: System, sizes: Sizes, tags: int) -> EncoderConfig:
    """What makes picture tokens of pixels, or of feature maps."""
    if system.frozen:
        return KeptGridConfig(sizes.width, (CHANNELS,), tags, system.dropout)
    return TaggingEncoderConfig(
        width=sizes.width,
        stages=sizes.stages,
        strides=sizes.strides,
        tags=tags,
        dropout=system.dropout,
    )


@dataclass
class Trainer:
    """Trains captioners of photographs, and shows them photographs as they are to be shown.

    data: {split: photographs}, of which "train" is learned from.
    """

    config: Settings
    data: Mapping[str, CaptionedImages]
    folder: Path
    _words: dict[str, Words] = field(default_factory=dict)
    _maps: dict[str, Tensor] = field(default_factory=dict)

    def words(self, language: Language) -> Words:
        """The words of the training captions in a language."""
        if language not in self._words:
            self._words[language] = words_of(self.data["train"].captions[language], language)
        return self._words[language]

    def tags(self, system: System) -> Tensor:
        """What a system's encoder learns to name, (n, tags) in [0, 1]; see `tags_of`."""
        languages = system.named_in or (system.language,)
        found = [tags_of(self.words(each), each, self.config.named) for each in languages]
        return torch.cat(found, dim=1)

    def shown(self, system: System, split: str) -> Tensor:
        """The photographs of a split as a system describes them, (n, channels, ...) bytes."""
        if not system.frozen:
            return resized(self.data[split].images, self.config.sizes.shown)
        if split not in self._maps:
            self._maps[split] = self._read(self.data[split].images)
        return self._maps[split]

    def pictures(self, system: System) -> Tensor:
        """The views of the training pictures, (views, n, channels, ...) bytes.

        Pixels are changed while a network learns; of feature maps, there are those of mirrored
        pictures too.
        """
        if system.frozen:
            views = [self.shown(system, "train")]
            return torch.stack([*views, self._mirrored] if system.augmented else views)
        images = self.data["train"].images
        return (images if system.augmented else self.shown(system, "train"))[None]

    @cached_property
    def _mirrored(self) -> Tensor:
        return self._read(self.data["train"].images.flip(-1))

    def _read(self, images: Tensor) -> Tensor:
        print(f"feature maps of {len(images)} pictures", flush=True)
        return feature_maps(self._network, images, self.config.sizes.frozen)

    @cached_property
    def _network(self) -> torch.nn.Module:
        return load_network()

    def untrained(self, system: System, seed: int) -> Captioner:
        """A captioner with its first weights."""
        config, words = self.config, self.words(system.language)
        made = CaptionerConfig(
            tokenizer_of(system, words, config.fewest, config.merges),
            encoder_of(system, config.sizes, self.tags(system).shape[1]),
            DECODERS[system.decoder](dropout=system.dropout),
            SquareImage(config.sizes.shown),
            longest=LONGEST,
        )
        seed_everything(seed)
        return made.build()

    def samples(self, model: Captioner, system: System, settings: TrainingConfig) -> DrawnCaptions:
        """The pictures and captions that a system learns from."""
        ids = encoded(model.tokenizer, self.words(system.language), system.language)
        pictures, size, seed = self.pictures(system), settings.batch_size, settings.seed
        return DrawnCaptions(pictures, ids, self.tags(system), size, system.captions, seed)

    def train(self, name: str, system: System, seed: int) -> tuple[Captioner, float]:
        """A trained captioner, and the seconds that it took, without those of feature maps."""
        settings = self.config.frozen if system.frozen else self.config.scratch
        steps = max(1, round(system.longer * settings.steps))
        settings = replace(settings, steps=steps, seed=seed)
        model = self.untrained(system, seed)
        cropped = system.augmented and not system.frozen
        seconds = trained(
            model,
            self.samples(model, system, settings),  # type: ignore[arg-type]
            settings,
            self.folder / f"seed-{seed}",
            name,
            __name__,
            objectives=Objective(CaptionLoss(system.tags, system.smoothing)),
            augment=Cropped(self.config.sizes.crop) if cropped else None,
        )
        return model, seconds
