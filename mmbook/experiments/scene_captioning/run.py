"""The experiment from data to result."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

import torch

from mmbook.datasets.scenes.collection import Scenes
from mmbook.datasets.scenes.scoring import score_captions
from mmbook.evaluation import Result, Row
from mmbook.experiments.scene_captioning.causes import read_out, with_histories
from mmbook.experiments.scene_captioning.config import (
    BEST,
    SHIPPED,
    SYSTEMS,
    SceneCaptioningConfig,
)
from mmbook.experiments.scene_captioning.curve import shorter
from mmbook.experiments.scene_captioning.measure import Measured, described, exchanged, nearest
from mmbook.experiments.scene_captioning.training import Trainer, load
from mmbook.models.captioning import Captioner
from mmbook.models.pretrained import save_pretrained
from mmbook.training.saving.checkpoints import digest

TESTED = {"validation": "seen", "test": "held out"}  # split: its pairs of shape and colour
NEAREST, EXCHANGED = "nearest picture", f"{BEST}, pictures exchanged"
PLAIN = "scenes only"
COMPARED = (PLAIN, "scenes only, masked history", "objects first", BEST)  # as to why they err
SHORTER = {"mini": (), "full": (8, 4, 2)}  # to how many steps one is left in a learning curve
READ_OUT = 3_000  # training scenes from which a read-out learns


def run(tier: str, config: SceneCaptioningConfig, folder: Path) -> Result:
    """Train and measure every system for every seed; those that ship are left as folders."""
    trainer = Trainer(config, folder)
    tested = {split: load(config.scenes, split, config.tested) for split in TESTED}
    found = Findings(trainer, tested)
    found.nearest()
    for seed in config.seeds:
        for name in config.systems:
            found.system(name, seed)
        if PLAIN in config.systems:
            found.curve(seed, SHORTER[tier])
    measured = {row.system for row in found.rows}
    return Result(
        experiment="scene-captioning",
        tier=tier,
        rows=found.rows,
        baselines=[b for b in (NEAREST, EXCHANGED, "no picture") if b in measured],
        seeds=config.seeds,
        split="no scene is shared; held out are pairs of shape and colour that training neither "
        f"shows nor names; {config.tested} scenes each",
        config=asdict(config),
        parameters=found.sizes,
        seconds=round(found.seconds, 1),
        data={
            stage: digest({"images": getattr(trainer, stage).images})
            for stage in ("objects", "scenes")
        }
        | {split: digest({"images": scenes.images}) for split, scenes in tested.items()},
    )


@dataclass
class Findings:
    """What is found out of trained systems, and what their training took."""

    trainer: Trainer
    tested: Mapping[str, Scenes]
    rows: list[Row] = field(default_factory=list)
    sizes: dict[str, int] = field(default_factory=dict)
    seconds: float = 0.0

    def nearest(self) -> None:
        """The one that has no seeds, as each row needs one."""
        for split, scenes in self.tested.items():
            found = [*nearest(self.trainer.scenes, scenes)]
            for seed in self.trainer.config.seeds:
                self.rows += _rows(NEAREST, seed, split, found)

    def system(self, name: str, seed: int) -> None:
        """Train a system, measure it, and leave its folder."""
        system, beam = SYSTEMS[name], self.trainer.config.beam
        model, took = self.trainer.train(name, system, seed)
        self.seconds += took
        self.sizes[name] = sum(p.numel() for p in model.parameters())
        for split, scenes in self.tested.items():
            self.rows += _rows(name, seed, split, described(model, system, scenes, beam))
            if name == BEST:
                self.rows += _rows(EXCHANGED, seed, split, exchanged(model, system, scenes))
        if name in COMPARED:
            self.rows += self.causes(name, seed, model)
        if name in SHIPPED:
            folder = self.trainer.folder / f"seed-{seed}" / SHIPPED[name]
            save_pretrained(folder, model.config, model)

    def causes(self, name: str, seed: int, model: Captioner) -> Iterator[Row]:
        """What the words before do to a system, and what its picture tokens tell of shapes."""
        for split, scenes in self.tested.items():
            generator = torch.Generator().manual_seed(seed)
            yield from _rows(name, seed, split, with_histories(model, scenes, "en", generator))
        named = {TESTED[split]: scenes for split, scenes in self.tested.items()}
        for metric, value, condition in read_out(model, self.trainer.scenes[:READ_OUT], named):
            yield Row(name, metric, seed, value, condition)

    def curve(self, seed: int, parts: tuple[int, ...]) -> None:
        """The plain system, trained for one in so many of its steps."""
        for part, model, took in shorter(self.trainer, PLAIN, SYSTEMS[PLAIN], seed, parts):
            self.seconds += took
            for split, scenes in self.tested.items():
                scores = score_captions(model.caption(scenes.images), scenes.objects, "en")
                where = {"pairs": TESTED[split], "one_step_in": part}
                self.rows.append(Row(PLAIN, "complete", seed, scores.complete, where))


def _rows(system: str, seed: int, split: str, found: Iterable[Measured]) -> Iterator[Row]:
    for metric, value, condition in found:
        yield Row(system, metric, seed, value, {"pairs": TESTED[split], **condition})
