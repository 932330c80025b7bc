"""The trained ears and the eye of one seed."""

from dataclasses import dataclass, replace
from pathlib import Path

import torch
from torch import nn

from mmbook.batch import Batch
from mmbook.datasets.digits.bank import TOKENIZER, DigitBank
from mmbook.datasets.digits.items import Corruption
from mmbook.experiments.calibration.config import CalibrationConfig
from mmbook.experiments.calibration.voices import hear
from mmbook.experiments.harness.trained import trained
from mmbook.models import recogniser
from mmbook.preprocessing.audio.augmentation import SpecAugmentConfig, spec_augment
from mmbook.training import Objective, seed_everything
from mmbook.training.loop import Augment
from mmbook.training.optimisers.makers import muon


@dataclass(frozen=True)
class Stripes:
    """Hides stripes of the spectrograms of a batch, other ones at each step."""

    config: SpecAugmentConfig

    def __call__(self, samples: Batch) -> Batch:
        audio = spec_augment(samples.inputs["audio"], self.config, torch.default_generator)
        return Batch({**samples.inputs, "audio": audio}, samples.targets, samples.present)


class Trainer:
    """Trains the recognisers of one seed and adds up the seconds."""

    def __init__(self, config: CalibrationConfig, seed: int, folder: Path) -> None:
        self.config, self.seed, self.folder, self.seconds = config, seed, folder, 0.0
        self.sizes: dict[str, int] = {}

    def ear(
        self, name: str, bank: DigitBank, noise: Corruption, augment: Augment | None = None
    ) -> nn.Module:
        """An ear that was trained on a bank in noise."""
        return self._train(name, "audio", bank, noise, augment)

    def eye(self, bank: DigitBank) -> nn.Module:
        """The eye, trained on all noise of its range."""
        noise = Corruption(image_noise=self.config.image_training)
        return self._train("eye", "image", bank, noise, None)

    def _train(
        self, name: str, sense: str, bank: DigitBank, noise: Corruption, augment: Augment | None
    ) -> nn.Module:
        samples = hear(bank, self.config.train_size, noise, self.seed).samples.only(sense)
        seed_everything(self.seed)
        model = recogniser((sense,), len(TOKENIZER), fusion="late", width=self.config.width)
        self.sizes[{"audio": "ear", "image": "eye"}[sense]] = sum(
            p.numel() for p in model.parameters()
        )
        self.seconds += trained(
            model,
            samples,
            replace(self.config.training, seed=self.seed),
            self.folder,
            name,
            __name__,
            objectives=Objective(optimiser=muon),
            augment=augment,
        )
        return model
