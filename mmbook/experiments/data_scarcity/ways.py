"""Train in each way, choose each way's rate, and measure."""

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from mmbook.evaluation import Row, accuracy
from mmbook.experiments.data_scarcity import network
from mmbook.experiments.data_scarcity.config import (
    AGAIN,
    ALONE,
    AUGMENTED,
    SAME_RATE,
    WAYS,
    WITHOUT,
    ScarcityConfig,
    Way,
)
from mmbook.experiments.data_scarcity.data import Draw, World
from mmbook.experiments.data_scarcity.network import Samples, Training
from mmbook.training.pseudo_labels import PseudoLabels, pseudo_labels

Rates = dict[str, float]


def trained(
    way: Way,
    draw: Draw,
    labelled: Samples | None,
    rate: float,
    teacher: nn.Module | None = None,
) -> nn.Sequential:
    """A network that learned in a way from labelled pictures, or from none.

    teacher: who gives pseudo-labels, for the ways that take them.
    """
    ours = draw.config
    model = draw.classifier(way.start, way.again)
    extra = extra_samples(way, draw, teacher)
    sets = [part for part in (labelled, extra) if part is not None]
    changes = ours.augmentation if way.augment else None
    training = Training(ours.steps, ours.batch_size, rate, draw.seed, changes)
    if not way.frozen:
        network.fit(model, sets, training)
        return model
    known = [Samples(network.scores(model[0], part.images), part.labels) for part in sets]
    network.fit(model[1], known, training)
    return model.eval()


def extra_samples(way: Way, draw: Draw, teacher: nn.Module | None) -> Samples | None:
    """Pictures whose labels nobody gave by hand; None where there are none, or none is sure."""
    if way.extra == "fonts":
        return draw.fonts
    if way.extra in ("sound", "shuffled sound"):
        labels = draw.heard_labels
        if way.extra == "shuffled sound":
            generator = torch.Generator().manual_seed(draw.seed)
            labels = labels[torch.randperm(len(labels), generator=generator)]
        return Samples(draw.pool.images, labels)
    if way.extra in ("sure", "all"):
        if teacher is None:
            raise ValueError(f"pseudo-labels need a teacher, and there is none for {way}")
        found = taught(way, draw, teacher)
        return Samples(draw.pool.images[found.rows], found.labels) if len(found.rows) else None
    return None


def taught(way: Way, draw: Draw, teacher: nn.Module) -> PseudoLabels:
    """Which pictures of the pool the teacher labels, and how."""
    threshold = draw.config.sure if way.extra == "sure" else 0.0
    return pseudo_labels(network.scores(teacher, draw.pool.images), threshold)


def teacher_of(way: Way) -> str | None:
    """The way in which the teacher of a way learns: from the labels, with its augmentation."""
    if way.extra not in ("sure", "all"):
        return None
    return AUGMENTED if way.augment else ALONE


def measure(draw: Draw, count: int, rates: Rates) -> list[Row]:
    """Accuracy of every way with so many labels, and what became of pseudo-labels."""
    at = {"labels": count}
    test = draw.world.test
    models: dict[str, nn.Module] = {}
    rows = []
    for name, way in WAYS.items():
        teacher = models.get(teacher_of(way) or "")
        model = trained(way, draw, draw.labelled(count), rates[name], teacher)
        models[name] = model
        found = accuracy(network.scores(model, test.images), test.labels)
        rows.append(Row(name, "accuracy", draw.seed, found, at))
        if teacher is not None:
            others = {name: model} if way.extra == "sure" else {name: model, AGAIN: models[AGAIN]}
            rows += confirmation(draw, taught(way, draw, teacher), name, others, at)
    return rows


def confirmation(
    draw: Draw,
    given: PseudoLabels,
    name: str,
    models: Mapping[str, nn.Module],
    at: dict[str, int],
) -> list[Row]:
    """How many pseudo-labels there are, how many are wrong, and who says the same wrong labels.

    models: the pupil under the name of its way, and who never saw the labels. A share of nothing
    is 0.
    """
    wrong = draw.pool.labels[given.rows] != given.labels
    rows = [
        Row(name, "accepted", draw.seed, len(given.rows) / len(draw.pool.labels), at),
        Row(name, "wrong", draw.seed, _share(wrong), at),
    ]
    for who, model in models.items():
        said = network.scores(model, draw.pool.images[given.rows]).argmax(dim=1)
        rows.append(Row(who, "repeated", draw.seed, _share(said[wrong] == given.labels[wrong]), at))
    return rows


def _share(flags: Tensor) -> float:
    return float(flags.float().mean()) if len(flags) else 0.0


def measure_without(draw: Draw, rates: Rates) -> list[Row]:
    """Accuracy without a labelled picture, of the ear's labels, and each way's rate."""
    test, seed = draw.world.test, draw.seed
    rows = []
    for name, way in WITHOUT.items():
        model = trained(way, draw, None, rates[name])
        found = accuracy(network.scores(model, test.images), test.labels)
        rows.append(Row(name, "accuracy", seed, found, {"labels": 0}))
    right = float((draw.heard_labels == draw.pool.labels).float().mean())
    rows.append(Row("ear on strangers", "accuracy", seed, right))
    return rows + [Row(name, "learning_rate", seed, rate) for name, rate in rates.items()]


def tune(world: World, config: ScarcityConfig) -> list[Row]:
    """Accuracy on validation of every way at every rate, for each draw of tuning."""
    rows = []
    for seed in config.tuning.draws:
        draw = Draw(world, config, seed)
        best: Rates = {}
        models: dict[str, nn.Module] = {}
        for name, way in (WAYS | WITHOUT).items():
            if name in SAME_RATE:
                continue
            labelled = None if name in WITHOUT else draw.labelled(config.tuning.labels)
            for rate in config.tuning.rates:
                model = trained(way, draw, labelled, rate, models.get(teacher_of(way) or ""))
                right = accuracy(
                    network.scores(model, draw.validation.images), draw.validation.labels
                )
                rows.append(Row(name, "accuracy", seed, right, {"rate": rate}))
                if right > best.get(name, -1.0):  # the teacher of this draw's pseudo-labels
                    best[name], models[name] = right, model
    return rows


def chosen(rows: list[Row]) -> Rates:
    """The rate of each way: the best mean over the draws, of equal ones the smallest."""
    found: dict[str, dict[float, float]] = {}
    for row in rows:
        rate = float(row.condition["rate"] or 0.0)
        means = found.setdefault(row.system, {})
        means[rate] = means.get(rate, 0.0) + row.value
    rates = {
        name: min(means, key=lambda rate, means=means: (-round(means[rate], 6), rate))
        for name, means in found.items()
    }
    return rates | {name: rates[other] for name, other in SAME_RATE.items()}
