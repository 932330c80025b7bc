"""The experiment from data to result."""

from collections.abc import Iterable, Iterator
from dataclasses import asdict, replace
from pathlib import Path

from torch import nn

from mmbook.evaluation import Result, Row
from mmbook.experiments.scene_gan.config import SHIPPED, SYSTEMS, SceneGanConfig
from mmbook.experiments.scene_gan.measure import Jury, Measured, groups
from mmbook.experiments.scene_gan.training import Trainer, load
from mmbook.models.pretrained import save_pretrained
from mmbook.models.scene_drawing import SceneDrawing
from mmbook.training import is_main
from mmbook.training.saving.checkpoints import digest

REAL, NEAREST = "real pictures", "nearest sentence"
OTHERWISE = (
    {"steps": 1},
    {"steps": 3},
    {"guidance": 1.0},
    {"guidance": 1.5},
    {"guidance": 2.0},
    {"guidance": 3.0},
)  # how a flow is followed, too
FEW = 200  # sentences of each kind that are drawn so, as it takes long


def run(tier: str, config: SceneGanConfig, folder: Path) -> Result:
    """Train and measure every system for every seed; those that ship are left as folders."""
    trainer = Trainer(config, folder)
    tested = {split: load(config, split, config.tested) for split in ("validation", "test")}
    judge, seconds = trainer.judge()
    jury = Jury(judge, groups(trainer.scenes, tested))
    fixed = {REAL: [*jury.real()], NEAREST: [*jury.nearest(trainer.scenes)]}
    rows: list[Row] = []
    sizes = {"judge": _size(judge)}
    for seed in config.seeds:
        for name, found in fixed.items():
            rows += _rows(name, seed, found)
        for name in config.systems:
            model, took = trainer.train(name, SYSTEMS[name], seed)
            seconds += took
            sizes[name] = _size(model)
            rows += [Row(name, "seconds", seed, took), *_rows(name, seed, _drawn(jury, model))]
            if name in SHIPPED and is_main():
                save_pretrained(folder / f"seed-{seed}" / SHIPPED[name], model.config, model)
    return Result(
        experiment="scene-gan",
        tier=tier,
        rows=rows,
        baselines=[*fixed],
        seeds=config.seeds,
        split="no scene is shared; new are sentences that training does not have, held out are "
        f"pairs of shape and colour that it neither shows nor names; {config.tested} scenes of "
        "seen pairs and as many of held-out ones",
        config=asdict(config),
        parameters=sizes,
        seconds=round(seconds, 1),
        data={
            "train": digest({"images": trainer.scenes.images}),
            "judge": digest(judge.state_dict()),
            **{split: digest({"images": scenes.images}) for split, scenes in tested.items()},
        },
    )


def _drawn(jury: Jury, model: SceneDrawing) -> Iterator[Measured]:
    """What a network draws as it is, and a flow also when it is followed otherwise."""
    yield from jury.drawn(model)
    as_is, few = model.config, jury.of(FEW)
    for other in OTHERWISE if as_is.steps > 1 else ():
        model.config = replace(as_is, **other)
        yield from few.drawn(model, **other)
    model.config = as_is


def _rows(system: str, seed: int, found: Iterable[Measured]) -> Iterator[Row]:
    for metric, value, condition in found:
        yield Row(system, metric, seed, value, condition)


def _size(model: nn.Module) -> int:
    return sum(parameter.numel() for parameter in model.parameters())
