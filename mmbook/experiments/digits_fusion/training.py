"""The trained systems of one seed."""

from dataclasses import replace
from pathlib import Path

from mmbook.datasets.digit_bank import VOCABULARY, DigitBank
from mmbook.datasets.digits import draw
from mmbook.experiments.digits_fusion.config import DigitsFusionConfig, System
from mmbook.experiments.trained import trained
from mmbook.models import MultimodalModel, recogniser
from mmbook.samples import Samples
from mmbook.training import seed_everything

_VARIED_SEED = 30_000  # so that the second half of the training samples is not the first again


class Trainer:
    """Trains the systems of one seed and adds up the seconds."""

    def __init__(self, config: DigitsFusionConfig, seed: int, folder: Path) -> None:
        self.config, self.seed, self.folder, self.seconds = config, seed, folder, 0.0

    def samples(self, bank: DigitBank, size: int, first_seed: int = 0) -> Samples:
        """Samples as in training: half over the whole range of noise, half hardly disturbed."""
        config, seed = self.config, first_seed + self.seed
        noisy = draw(bank, size // 2, degradation=config.training_noise, seed=seed)
        varied = draw(
            bank,
            size - size // 2,
            degradation=config.training_variation,
            seed=_VARIED_SEED + seed,
        )
        return Samples.joined([noisy, varied])

    def train(self, name: str, system: System, samples: Samples) -> MultimodalModel:
        """A system, trained on the senses that it has; its weights are kept under the name."""
        seed_everything(self.seed)
        model = recogniser(
            system.modalities,
            len(VOCABULARY),
            fusion=system.fusion,
            width=self.config.width,
            dropout=system.dropout,
        )
        self.seconds += trained(
            model,
            samples.only(*system.modalities),
            replace(self.config.training, seed=self.seed),
            self.folder,
            name.replace(", ", "-").replace(" ", "-"),
        )
        return model
