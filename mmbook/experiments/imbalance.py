"""Does a model of two senses learn both, where one of them is easy? The score does not say.

A noisy image and a word with hardly a letter hidden are trained on together; then the word is taken
away. Two remedies, and a control that tells a starved encoder from a head that never met a lack.
"""

from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Literal

import torch
from torch import Tensor, nn

from mmbook.batch import Batch
from mmbook.datasets.digits.bank import TOKENIZER, load_bank
from mmbook.datasets.digits.items import Corruption, draw
from mmbook.encoders import KeptTokens
from mmbook.evaluation import Result, Row, accuracy, majority_accuracy, predict
from mmbook.experiments.harness.trained import trained
from mmbook.losses import Loss, cross_entropy
from mmbook.models import MultimodalModel, classifier, recogniser
from mmbook.training import Objective, TrainingConfig, seed_everything
from mmbook.training.saving.checkpoints import digest

BOTH = ("image", "text")
UNTRAINED = "untrained"  # what a probe reads of an encoder with random weights
SYSTEMS = {
    UNTRAINED: ("image",),
    "image alone": ("image",),
    "text alone": ("text",),
    "joint": BOTH,
    "dropout": BOTH,
    "loss of its own": BOTH,
}
TEST_SEED = 10_000  # so that no test sample has the noise of a training sample


@dataclass(frozen=True)
class ImbalanceConfig:
    """Sizes, the noise on the hard sense and on the easy one, and the settings of training.

    dropout: the probability that training hides a sense. weight: of the loss with the image alone,
    which the remedy "loss of its own" adds.
    """

    seeds: tuple[int, ...] = (0, 1, 2)
    bank: Literal["mini", "full"] = "mini"
    train_size: int = 6_000
    test_size: int = 2_000
    width: int = 48
    noise: Corruption = field(default_factory=lambda: Corruption(image_noise=1.2, text_mask=0.03))
    dropout: float = 0.4
    weight: float = 0.5
    training: TrainingConfig = field(
        default_factory=lambda: TrainingConfig(
            steps=500, batch_size=64, learning_rate=3e-3, weight_decay=0.1, warmup=0.1
        )
    )


TIERS = {
    "mini": ImbalanceConfig(),
    "full": ImbalanceConfig(
        bank="full",
        train_size=50_000,
        test_size=10_000,
        training=TrainingConfig(
            steps=2_000, batch_size=128, learning_rate=3e-3, weight_decay=0.1, warmup=0.1
        ),
    ),
}


@dataclass(frozen=True)
class ImageToo:
    """The loss of both senses, and a share of that with the word hidden from the same model."""

    weight: float

    def __call__(self, model: nn.Module, batch: Batch) -> Loss:
        """See the class."""
        both = cross_entropy(model(batch.inputs), batch.target)
        alone = cross_entropy(model({"image": batch.inputs["image"]}), batch.target)
        return Loss(both.total + self.weight * alone.total, both.count)


def run(tier: str, config: ImbalanceConfig, folder: Path) -> Result:
    """Train each system for every seed; measure it with both senses, with one, and by a probe."""
    banks = {split: load_bank(split, config.bank) for split in ("train", "test")}
    rows: list[Row] = []
    sizes: dict[str, int] = {}
    seconds = 0.0
    for seed in config.seeds:
        train = draw(banks["train"], config.train_size, corruption=config.noise, seed=seed)
        test = draw(banks["test"], config.test_size, corruption=config.noise, seed=TEST_SEED + seed)
        rows.append(Row("majority", "accuracy", seed, majority_accuracy(test.target)))
        for name in SYSTEMS:
            trainer = _Trainer(name, config, seed, folder / f"seed-{seed}")
            model = trainer.train(train)
            rows += trainer.measured(model, train, test)
            seconds += trainer.seconds
            sizes[name] = sum(p.numel() for p in model.parameters())
    return Result(
        experiment="imbalance",
        tier=tier,
        rows=rows,
        baselines=["majority", "image alone", "text alone"],
        seeds=config.seeds,
        split="no image of the test is one of training; words are the same twenty",
        config=asdict(config),
        parameters=sizes,
        seconds=round(seconds, 1),
        data={split: digest({"images": bank.images}) for split, bank in banks.items()},
    )


class _Trainer:
    """One system of one seed, its training and that of its probe."""

    def __init__(self, name: str, config: ImbalanceConfig, seed: int, folder: Path) -> None:
        self.name, self.config, self.seed, self.folder = name, config, seed, folder
        self.senses, self.seconds = SYSTEMS[name], 0.0

    def train(self, samples: Batch) -> MultimodalModel:
        """The system, trained on the senses that it has, or not at all."""
        seed_everything(self.seed)
        model = recogniser(
            self.senses,
            len(TOKENIZER),
            fusion="early" if self.senses == BOTH else "late",
            width=self.config.width,
            dropout=self.config.dropout if self.name == "dropout" else 0.0,
        )
        own = self.name == "loss of its own"
        objective = Objective(ImageToo(self.config.weight)) if own else Objective()
        if self.name != UNTRAINED:
            self._fit(model, samples.only(*self.senses), self.name, objective)
        return model

    def measured(self, model: MultimodalModel, train: Batch, test: Batch) -> list[Row]:
        """Accuracy with all its senses, with the image alone, and of a probe on image tokens."""
        found: dict[str, Tensor] = {}
        if self.name != UNTRAINED:
            found[self.name] = predict(model, test.only(*self.senses))
        if self.senses == BOTH:
            found[f"{self.name}, word missing"] = predict(model, test.only("image"))
        if "image" in self.senses:
            seed_everything(self.seed)
            probe = classifier({"image": KeptTokens()}, self.config.width)
            self._fit(probe, _seen(model, train), f"{self.name}, probe", Objective())
            found[f"{self.name}, probe of its image tokens"] = predict(probe, _seen(model, test))
        return [
            Row(name, "accuracy", self.seed, accuracy(scores, test.target))
            for name, scores in found.items()
        ]

    def _fit(self, model: nn.Module, samples: Batch, name: str, objective: Objective) -> None:
        settings = replace(self.config.training, seed=self.seed)
        self.seconds += trained(
            model, samples, settings, self.folder, name, __name__, objectives=objective
        )


@torch.inference_mode()
def _seen(model: MultimodalModel, samples: Batch) -> Batch:
    """The image tokens of all samples, as inputs."""
    device = next(model.parameters()).device
    parts = [
        model.encode(batch.to(device).inputs)["image"].values.cpu()
        for batch in samples.only("image").batches(500)
    ]
    return Batch({"image": torch.cat(parts)}, samples.targets)
