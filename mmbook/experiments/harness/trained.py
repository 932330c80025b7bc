"""Train a model once: finished weights are read again, an interrupted run goes on."""

import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from torch import nn

from mmbook.batch import Batch
from mmbook.experiments.harness.finished import WEIGHTS, Unit, checked, damaged
from mmbook.training import TrainingConfig, fit, load_weights, save_weights
from mmbook.training.hardware.distribution import is_main
from mmbook.training.saving.checkpoints import digest
from mmbook.training.saving.identity import describe, module_settings

CHECKPOINT_EVERY = 200  # steps, where the settings name no number
SECONDS = 5  # between two lines of a log


def trained(
    model: nn.Module,
    samples: Batch,
    config: TrainingConfig,
    folder: Path,
    name: str,
    module: str,
    **options: Any,
) -> float:
    """Give the model the weights that training on the samples leads to; returns its seconds.

    module: the one that builds the model and calls this, `__name__` there; it and all that it
    imports is the code that makes the weights. options: `objectives` and `augment` of `fit`,
    which `describe` can tell apart. The model is left in evaluation mode.

    Files are named as those of a `Unit`: `.safetensors` for finished weights, which are read where
    they are, `.ckpt` for the state of an interrupted run. Where there are only weights of other
    code, a line says so. Under torchrun all processes train. Raises CheckpointError for a damaged
    file.
    """
    unit = Unit(folder, name, _decided_by(model, samples, config, options), module)
    weights, checkpoint = unit.file(WEIGHTS), unit.file(".ckpt")
    if weights.is_file():
        return _read(weights, model.eval())
    unit.announce()
    what = f"{folder.name} {name}"
    watched = sys.stderr.isatty()
    history = fit(
        model,
        samples,
        replace(config, checkpoint_every=config.checkpoint_every or CHECKPOINT_EVERY),
        checkpoint=checkpoint,
        progress=watched,
        hooks=() if watched else (Log(what, config.steps),),
        **options,
    )
    if is_main():
        facts = unit.facts(history.seconds, seed=config.seed, digest=digest(model.state_dict()))
        save_weights(weights, model, facts)
        checkpoint.unlink(missing_ok=True)
        print(f"{what}: {history.seconds:.0f} s, loss {history.losses[-1]:.4f}", flush=True)
    return history.seconds


class Log:
    """Says every few seconds how far a run is, in a line: a bar would make a file unreadable."""

    def __init__(self, what: str, steps: int) -> None:
        self.what, self.steps, self._last = what, steps, time.monotonic()

    def after(self, step: int, model: nn.Module) -> None:
        """Prints a line where the last one is `SECONDS` old."""
        if time.monotonic() - self._last >= SECONDS and is_main():
            self._last = time.monotonic()
            print(f"{self.what}: step {step + 1} of {self.steps}", flush=True)

    def state_dict(self) -> dict[str, Any]:
        """Nothing is kept."""
        return {}

    def load_state_dict(self, state: dict[str, Any], /) -> None:
        """Nothing was kept."""


def _read(file: Path, model: nn.Module) -> float:
    """Give a model the weights of a file; returns the seconds of their training."""
    facts = checked(file, load_weights(file, model))
    if digest(model.state_dict()) != facts["digest"]:
        raise damaged(file, "its weights changed")
    return facts["seconds"]


def _decided_by(
    model: nn.Module, samples: Batch, config: TrainingConfig, options: dict[str, Any]
) -> list[str]:
    """What decides the weights: the model and its first weights, the samples, the settings."""
    return [
        str(model),
        *module_settings(model),
        digest(model.state_dict() | dict(model.named_buffers())),
        samples.fingerprint(),
        config.digest(),
        *(f"{name}={describe(option)}" for name, option in sorted(options.items())),
    ]
