"""Train every system for every seed, and measure it on voices that it knows and on new ones."""

from dataclasses import asdict, replace
from functools import partial
from pathlib import Path

from mmbook.evaluation import Result, Row
from mmbook.evaluation.environment import commit
from mmbook.experiments.harness.measured import measured
from mmbook.experiments.harness.trained import trained
from mmbook.experiments.speech_recognition.config import (
    CAUSAL,
    CTC,
    GUESS,
    SpeechRecognitionConfig,
)
from mmbook.experiments.speech_recognition.data import held_out_strings, load, training
from mmbook.experiments.speech_recognition.measure import guesses, measure
from mmbook.losses import ctc
from mmbook.models import save_pretrained
from mmbook.training import Generated, seed_everything
from mmbook.training.hardware.distribution import is_main
from mmbook.training.objectives import Objective, supervised
from mmbook.training.saving.checkpoints import digest

SPLITS = {
    "mini": "8 of 24 synthetic voices in each seed, others each time; of known voices, takes of "
    "their own speed and noise",
    "full": "one of the six speakers of the Free Spoken Digit Dataset in each seed, another each "
    "time; of the known five, the official test takes 0 to 4",
}


def run(tier: str, config: SpeechRecognitionConfig, folder: Path) -> Result:
    """Train and measure; weights and the first seed's transcriber go to the folder."""
    material = load(tier, config)
    rows: list[Row] = []
    sizes, seconds = {}, 0.0
    for seed in config.seeds:
        place = folder / f"seed-{seed}"
        drawn, heard = training(material, seed, config), held_out_strings(material, seed, config)
        rows += guesses(heard, seed)
        for system in config.systems:
            seed_everything(seed)
            model = replace(config.model, causal=system == CAUSAL).build()
            settings = replace(config.training, seed=seed)
            stream = Generated(drawn, settings.batch_size, seed)
            seconds += trained(
                model,
                stream,  # type: ignore[arg-type]  # of which its fingerprint alone is asked
                settings,
                place,
                system,
                __name__,
                objectives=Objective(supervised(ctc)),
            )
            sizes[system] = sum(p.numel() for p in model.parameters())
            decided = [seed, config, digest(model.state_dict()), material.fingerprint]
            found, _ = measured(
                partial(measure, system, model, heard, seed, config),
                decided,
                place,
                f"{system}, errors",
                __name__,
            )
            rows += found
            if system == CTC and is_main():
                facts = {"seed": seed, "commit": commit(), "data": material.fingerprint}
                save_pretrained(place / "transcriber", config.model, model, facts=facts)
    return Result(
        experiment="speech-recognition",
        tier=tier,
        rows=rows,
        baselines=[GUESS],
        seeds=config.seeds,
        split=SPLITS[tier],
        config=asdict(config),
        parameters=sizes,
        seconds=round(seconds, 1),
        data={"sounds": material.fingerprint},
    )
