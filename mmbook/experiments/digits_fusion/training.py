"""The trained systems of one seed."""

from dataclasses import replace
from pathlib import Path

from mmbook.batch import Batch
from mmbook.datasets.digits.bank import TOKENIZER, DigitBank
from mmbook.datasets.digits.items import draw
from mmbook.experiments.digits_fusion.config import DigitsFusionConfig, System
from mmbook.experiments.harness.trained import trained
from mmbook.models import MultimodalModel, recogniser
from mmbook.training import Objective, seed_everything
from mmbook.training.optimisers.makers import adamw, muon

_CALM_SEED = 30_000  # so that the calm samples are not the noisy ones again
_OPTIMISERS = {"adamw": adamw, "muon": muon}


class Trainer:
    """Trains the systems of one seed and adds up the seconds."""

    def __init__(self, config: DigitsFusionConfig, seed: int, folder: Path) -> None:
        self.config, self.seed, self.folder, self.seconds = config, seed, folder, 0.0

    def samples(self, bank: DigitBank, size: int, first_seed: int = 0) -> Batch:
        """Samples as in training: noisy ones, and the share of calm ones."""
        config, seed = self.config, first_seed + self.seed
        calm = round(size * config.calm_share)
        parts = [
            (size - calm, config.training_noise, seed),
            (calm, config.calm, _CALM_SEED + seed),
        ]
        drawn = [draw(bank, count, corruption=d, seed=s) for count, d, s in parts if count]
        return Batch.joined(drawn)

    def train(self, name: str, system: System, samples: Batch) -> MultimodalModel:
        """A system, trained on the senses that it has; its weights are kept under the name."""
        seed_everything(self.seed)
        model = recogniser(
            system.modalities,
            len(TOKENIZER),
            fusion=system.fusion,
            width=self.config.width,
            dropout=system.dropout,
        )
        self.seconds += trained(
            model,
            samples.only(*system.modalities),
            replace(self.config.training, seed=self.seed),
            self.folder,
            name,
            __name__,
            objectives=Objective(optimiser=_OPTIMISERS[self.config.optimiser]),
        )
        return model
