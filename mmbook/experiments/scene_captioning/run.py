"""The experiment from data to result."""

from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path

from mmbook.evaluation import Result, Row
from mmbook.experiments.scene_captioning.config import (
    BEST,
    SHIPPED,
    SYSTEMS,
    SceneCaptioningConfig,
)
from mmbook.experiments.scene_captioning.measure import Measured, described, exchanged, nearest
from mmbook.experiments.scene_captioning.training import Trainer, load
from mmbook.models.pretrained import save_pretrained
from mmbook.training.saving.checkpoints import digest

TESTED = {"validation": "seen", "test": "held out"}  # split: its pairs of shape and colour
NEAREST, EXCHANGED = "nearest picture", f"{BEST}, pictures exchanged"


def run(tier: str, config: SceneCaptioningConfig, folder: Path) -> Result:
    """Train and measure every system for every seed; those that ship are left as folders."""
    trainer = Trainer(config, folder)
    tested = {split: load(config.scenes, split, config.tested) for split in TESTED}
    rows: list[Row] = []
    sizes: dict[str, int] = {}
    seconds = 0.0
    for split, scenes in tested.items():
        found = [*nearest(trainer.scenes, scenes)]
        for seed in config.seeds:
            rows += _rows(NEAREST, seed, split, found)
    for seed in config.seeds:
        for name in config.systems:
            system = SYSTEMS[name]
            model, took = trainer.train(name, system, seed)
            seconds += took
            sizes[name] = sum(p.numel() for p in model.parameters())
            for split, scenes in tested.items():
                rows += _rows(name, seed, split, described(model, system, scenes, config.beam))
                if name == BEST:
                    rows += _rows(EXCHANGED, seed, split, exchanged(model, system, scenes))
            if name in SHIPPED:
                save_pretrained(folder / f"seed-{seed}" / SHIPPED[name], model.config, model)
    measured = {row.system for row in rows}
    return Result(
        experiment="scene-captioning",
        tier=tier,
        rows=rows,
        baselines=[b for b in (NEAREST, EXCHANGED, "no picture") if b in measured],
        seeds=config.seeds,
        split="no scene is shared; held out are pairs of shape and colour that training neither "
        f"shows nor names; {config.tested} scenes each",
        config=asdict(config),
        parameters=sizes,
        seconds=round(seconds, 1),
        data={
            stage: digest({"images": getattr(trainer, stage).images})
            for stage in ("objects", "scenes")
        }
        | {split: digest({"images": scenes.images}) for split, scenes in tested.items()},
    )


def _rows(system: str, seed: int, split: str, found: Iterable[Measured]) -> Iterator[Row]:
    for metric, value, condition in found:
        yield Row(system, metric, seed, value, {"pairs": TESTED[split], **condition})
