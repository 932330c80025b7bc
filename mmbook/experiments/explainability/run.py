"""Run all parts of the experiment on explanations, each seed and part once."""

from dataclasses import asdict
from functools import partial
from pathlib import Path

from mmbook.datasets.digits.bank import load_bank
from mmbook.evaluation import Result, Row
from mmbook.experiments.explainability import cells, maps, senses
from mmbook.experiments.explainability.config import ExplainabilityExperiment
from mmbook.experiments.explainability.scenes import questions
from mmbook.experiments.harness.measured import measured
from mmbook.models import load_pretrained
from mmbook.models.captioning import Captioner
from mmbook.training.saving.checkpoints import digest


def run(tier: str, config: ExplainabilityExperiment, folder: Path) -> Result:
    """Explain, test and take away for every seed; finished parts are read from the folder."""
    captioner = load_pretrained("scene-captioner")
    assert isinstance(captioner, Captioner)
    data = {split: digest({"images": load_bank(split, config.bank).images}) for split in SPLITS}
    data["captioner"] = digest(captioner.state_dict())
    rows: list[Row] = []
    seconds, size = 0.0, 0
    for seed in config.seeds:
        scenes = questions(captioner, max(config.pictures, config.scenes), seed)
        data[f"scenes {seed}"] = digest({"pictures": scenes.pictures})
        place = folder / f"seed-{seed}"
        model, spent = senses.learned(seed, config, place)
        size, seconds = sum(p.numel() for p in model.parameters()), seconds + spent
        parts = {
            "maps": partial(maps.measure, seed, config, captioner),
            "completeness": partial(maps.completeness, seed, config, captioner),
            "cells": partial(cells.hidden, seed, config, captioner),
            "paint": partial(cells.paint, seed, config, captioner),
            "two digits": partial(senses.two_digits, seed, config),
            "senses": partial(senses.worth, seed, config, model),
        }
        for name, measure in parts.items():
            found, spent = measured(measure, [seed, config, data], place, name, __name__)
            rows += found
            seconds += spent
    return Result(
        experiment="explainability",
        tier=tier,
        rows=rows,
        baselines=["no network", "random", "nearest to the object"],
        seeds=config.seeds,
        split="scenes that no network was trained on, others for each seed; images and voices of "
        "no training sample",
        config=asdict(config),
        parameters={
            "captioner": sum(p.numel() for p in captioner.parameters()),
            "three senses": size,
        },
        seconds=round(seconds, 1),
        data=data,
    )


SPLITS = ("train", "test")
