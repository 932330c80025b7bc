"""How many images does it take, and how many of them may have a wrong label?

The same images for every network, drawn anew for each seed, so networks are compared seed by
seed: the images of one draw may be luckier than those of another, but for all networks alike.
"""

from dataclasses import asdict, dataclass, replace
from pathlib import Path

import torch
from torch import Tensor

from mmbook.batch import Batch
from mmbook.datasets.images import load_images
from mmbook.evaluation import Result, Row, accuracy, majority_accuracy, predict
from mmbook.experiments.harness.trained import trained
from mmbook.models.images import plain_classifier
from mmbook.preprocessing.images.policy import Augmentation
from mmbook.training import TrainingConfig, seed_everything
from mmbook.training.saving.checkpoints import digest

SYSTEMS = {  # name: the network, and whether its training images are changed by chance
    "dense": ("dense", False),
    "convolutional": ("convolutional", False),
    "convolutional, augmented": ("convolutional", True),
}


def _training(steps: int) -> TrainingConfig:
    return TrainingConfig(
        steps=steps, batch_size=50, learning_rate=3e-3, weight_decay=0.01, precision="float32"
    )


@dataclass(frozen=True)
class LearningCurvesConfig:
    """The points of the curves, and how the networks are trained at each.

    images: the set. sizes: numbers of training images, all labelled rightly. wrong: shares of
    labels that are replaced by another class, of the largest size.
    """

    images: str
    augmentation: Augmentation
    sizes: tuple[int, ...]
    wrong: tuple[float, ...]
    training: TrainingConfig
    seeds: tuple[int, ...]


TIERS = {
    "mini": LearningCurvesConfig(
        images="digits",
        augmentation=Augmentation(degrees=10, zoom=0.1, shift=0.08),
        sizes=(50, 100, 300, 1_000),
        wrong=(0.2, 0.4, 0.6),
        training=_training(steps=300),
        seeds=tuple(range(10)),
    ),
    "full": LearningCurvesConfig(
        images="Fashion-MNIST",
        augmentation=Augmentation(margin=2, mirror=True),
        sizes=(100, 1_000, 10_000),
        wrong=(0.3, 0.6),
        training=_training(steps=4_000),  # 20 times all images of the largest set
        seeds=tuple(range(5)),
    ),
}


def mislabel(targets: Tensor, share: float, classes: int, generator: torch.Generator) -> Tensor:
    """The targets (n,) with this share of them, drawn at random, replaced by another class.

    Raises ValueError for a share outside [0, 1].
    """
    if not 0 <= share <= 1:
        raise ValueError(f"the share of wrong labels must be from 0 to 1, not {share}")
    wrong = torch.randperm(len(targets), generator=generator)[: round(share * len(targets))]
    away = torch.randint(1, classes, (len(wrong),), generator=generator)
    return targets.index_copy(0, wrong, (targets[wrong] + away) % classes)


def run(tier: str, config: LearningCurvesConfig, folder: Path) -> Result:
    """Train every network at every point of both curves; weights go to the folder."""
    train, test = load_images(config.images)
    if max(config.sizes) > len(train):
        raise ValueError(f"sizes may be up to {len(train)}, the training images there are")
    classes = int(train.target.max()) + 1
    rows, parameters, seconds = [], {}, 0.0
    for seed in config.seeds:
        for condition, samples in _points(train, config, classes, seed):
            scores = {}
            for name, (network, is_augmented) in SYSTEMS.items():
                seed_everything(seed)
                model = plain_classifier(network, samples.inputs["image"][0].numel())
                settings = replace(config.training, seed=seed)
                augment = config.augmentation if is_augmented else None
                size, share = condition.values()
                seconds += trained(
                    model,
                    samples,
                    settings,
                    folder / f"seed-{seed}",
                    f"{name}, {size} images, {share} wrong",
                    __name__,
                    augment=augment,
                )
                scores[name] = accuracy(predict(model, test), test.target)
                parameters[name] = sum(p.numel() for p in model.parameters())
            for name, value in scores.items():
                rows.append(Row(name, "accuracy", seed, value, condition))
                if name != "dense":
                    gain = value - scores["dense"]
                    rows.append(Row(name, "accuracy_minus_dense", seed, gain, condition))
        rows.append(Row("majority", "accuracy", seed, majority_accuracy(test.target)))
    return Result(
        experiment="learning-curves",
        tier=tier,
        rows=rows,
        baselines=["majority", "dense"],
        seeds=config.seeds,
        split=f"the {len(test)} test images of {config.images}, rightly labelled; trained on "
        f"some of its {len(train)} training images, drawn anew for each seed",
        config=asdict(config),
        parameters=parameters,
        seconds=round(seconds, 1),
        data={"train": digest(train.inputs), "test": digest(test.inputs)},
    )


def _points(
    train: Batch, config: LearningCurvesConfig, classes: int, seed: int
) -> list[tuple[dict[str, float], Batch]]:
    """The condition and training samples of each point; smaller sets are parts of larger ones."""
    generator = torch.Generator().manual_seed(seed)
    drawn = train[torch.randperm(len(train), generator=generator)[: max(config.sizes)]]

    def condition(size: int, share: float) -> dict[str, float]:
        return {"training_images": size, "wrong_labels": share}

    points = [(condition(size, 0.0), drawn[:size]) for size in config.sizes]
    for share in config.wrong:
        targets = mislabel(drawn.target, share, classes, generator)
        points.append((condition(len(drawn), share), Batch(drawn.inputs, {"label": targets})))
    return points
