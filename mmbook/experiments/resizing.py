"""What does it cost when a model is served by another resizer than it was trained with?

All resizers return the same shape, range and mean, so nothing but the accuracy shows the mistake.
A recogniser is trained on images that each of them reduced, and tested on those of all.
"""

from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from torch import Tensor

from mmbook.batch import Batch
from mmbook.datasets.real.mnist import load_mnist
from mmbook.datasets.small.textures import SURFACES, draw_textures
from mmbook.encoders import ConvolutionalEncoder
from mmbook.evaluation import Result, Row, accuracy, majority_accuracy, predict
from mmbook.experiments.harness.trained import trained
from mmbook.models import MultimodalModel, classifier
from mmbook.preprocessing.images.resampling import KERNELS, resample
from mmbook.preprocessing.standardiser import Standardiser
from mmbook.training import TrainingConfig, seed_everything
from mmbook.training.saving.checkpoints import digest


@dataclass(frozen=True)
class ResizingConfig:
    """Sizes, and the settings of the training loop.

    side: rows and columns after resizing. width: of the tokens.
    """

    seeds: tuple[int, ...] = (0, 1, 2)
    train_size: int = 2_000
    test_size: int = 2_000
    side: int = 8
    width: int = 32
    training: TrainingConfig = field(
        default_factory=lambda: TrainingConfig(
            steps=300, batch_size=64, learning_rate=3e-3, weight_decay=0.01
        )
    )


TIERS = {
    "mini": ResizingConfig(),
    "full": ResizingConfig(
        train_size=55_000,
        test_size=10_000,
        side=7,
        training=TrainingConfig(steps=1_500, batch_size=128, learning_rate=3e-3, weight_decay=0.01),
    ),
}

SPLITS = {
    "mini": "squares of 64 pixels from scikit-image's brick, grass and gravel; trained on the left "
    "half of each photograph, tested on the right half",
    "full": "MNIST's official test file, 28 x 28; trained on 55 000 of its training file",
}


def run(tier: str, config: ResizingConfig, folder: Path) -> Result:
    """Train with every resizer, for every seed, and measure each model with every resizer."""
    rows: list[Row] = []
    identity, sizes, seconds = {}, {}, 0.0
    for seed in config.seeds:
        train, test, classes = _samples(tier, config, seed)
        identity[f"seed {seed}"] = digest({**train.inputs, "test": test.inputs["image"]})
        for method in KERNELS:
            seed_everything(seed)
            model = recogniser(classes, config.width)
            sizes = {"recogniser": sum(p.numel() for p in model.parameters())}
            settings = replace(config.training, seed=seed)
            pair = _Resized(train, test, method, config.side)
            place = folder / f"seed-{seed}"
            seconds += trained(model, pair.training(), settings, place, method, __name__)
            for served in KERNELS:
                value = accuracy(predict(model, pair.served(served)), test.target)
                condition = {"trained_with": method, "served_with": served}
                rows.append(Row("recogniser", "accuracy", seed, value, condition))
        most_frequent = majority_accuracy(test.target, chosen_on=train.target)
        rows.append(Row("majority", "accuracy", seed, most_frequent))
    return Result(
        experiment="resizing",
        tier=tier,
        rows=rows,
        baselines=["majority"],
        seeds=config.seeds,
        split=SPLITS[tier],
        config=asdict(config),
        parameters=sizes,
        seconds=round(seconds, 1),
        data=identity,
    )


def recogniser(classes: int, width: int) -> MultimodalModel:
    """A small convolutional network for grey images of a few pixels."""
    encoder = ConvolutionalEncoder(width=width, stages=(16,))
    return classifier({"image": encoder}, width, classes)


def _samples(tier: str, config: ResizingConfig, seed: int) -> tuple[Batch, Batch, int]:
    """Training and test images at their full size, and the number of classes."""
    if tier == "mini":
        draws = {"train": config.train_size, "test": config.test_size}
        train, test = (draw_textures(split, size, seed=seed) for split, size in draws.items())
        return train, test, len(SURFACES)
    train, test = (
        Batch({"image": images[:size, None].float() / 255}, {"label": labels[:size]})
        for (images, labels), size in (
            (load_mnist("train"), config.train_size),
            (load_mnist("t10k"), config.test_size),
        )
    )
    return train, test, 10


class _Resized:
    """Training images reduced by one method, and test images by any, standardised alike."""

    def __init__(self, train: Batch, test: Batch, method: str, side: int) -> None:
        self.train, self.test, self.method, self.side = train, test, method, side
        self.standardise = Standardiser.fit(self._reduced(train, method), axis=1)

    def _reduced(self, samples: Batch, method: str) -> Tensor:
        return resample(samples.inputs["image"], self.side, self.side, method)

    def training(self) -> Batch:
        images = self.standardise(self._reduced(self.train, self.method))
        return Batch({"image": images}, self.train.targets)

    def served(self, method: str) -> Batch:
        images = self.standardise(self._reduced(self.test, method))
        return Batch({"image": images}, self.test.targets)
