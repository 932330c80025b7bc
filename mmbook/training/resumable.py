"""All that a run changes, saved and restored together."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import torch
from torch import nn
from torch.amp.grad_scaler import GradScaler
from torch.optim import Optimizer

from mmbook.batch import Batch
from mmbook.training.checkpoints import CheckpointError, digest, load_checkpoint, save_checkpoint
from mmbook.training.config import TrainingConfig
from mmbook.training.distribution import is_main, mean
from mmbook.training.history import Recorder
from mmbook.training.schedules import Schedule
from mmbook.training.validation import EarlyStopping


def digest_of(samples: Batch) -> str:
    """The SHA-256 of inputs and of targets."""
    return digest(samples.inputs) + digest({"targets": samples.targets})


@dataclass(frozen=True)
class ResumableRun:
    """The parts whose states decide how a run goes on, and the file that keeps them, if any.

    No random generator is among them: see `mmbook.training.randomness`.
    """

    path: Path | None
    config: TrainingConfig
    schedule: Schedule
    samples: Batch
    model: nn.Module
    optimiser: Optimizer
    scaler: GradScaler
    recorder: Recorder
    watch: EarlyStopping

    @cached_property
    def identity(self) -> dict[str, str]:
        """What must be the same in the run that goes on from this one."""
        return {
            "configuration": self.config.digest(),
            "model": digest(self.model.state_dict(), contents=False),
            "optimiser": type(self.optimiser).__name__,
            "samples": digest_of(self.samples),
            "schedule": repr([self.schedule(i / 256) for i in range(257)]),
            "validation": self._validation(),
        }

    def _validation(self) -> str:
        settings = self.watch.validation
        if settings is None:
            return "none"
        return f"{digest_of(settings.samples)} {settings.every} {settings.patience}"

    def save(self, ended: int) -> None:
        """Saves the run, from the main process, if that is due when `ended` steps are done."""
        every = self.config.checkpoint_every
        is_last = ended == self.config.steps or self.watch.has_ended
        is_due = is_last or (every > 0 and ended % every == 0)
        if self.path is None or not is_due:
            return
        self.recorder.read()
        if is_main():
            state = {
                "model": self.model.state_dict(),
                "optimiser": self.optimiser.state_dict(),
                "scaler": self.scaler.state_dict(),
                "losses": self.recorder.losses,
                "seconds": self.recorder.seconds,
                "watch": self.watch.state_dict(),
            }
            save_checkpoint(self.path, state, self.identity)

    def restore(self) -> int:
        """Takes up the saved run, if there is one, and gives the number of steps it has done.

        Raises CheckpointError for a damaged file, for one of another run, and where some
        processes find no file or another one.
        """
        if self.path and self.path.exists():
            state = load_checkpoint(self.path, self.identity)
            self.model.load_state_dict(state["model"])
            self.optimiser.load_state_dict(state["optimiser"])
            if state["scaler"]:  # empty where the number format needs none
                self.scaler.load_state_dict(state["scaler"])
            self.recorder.resume(state["losses"], state["seconds"])
            self.watch.load_state_dict(state["watch"])
        done = len(self.recorder.losses)
        device = next(self.model.parameters()).device
        if mean(torch.tensor(float(done), device=device)).item() != done:
            raise CheckpointError(f"{self.path} is not in a folder that all processes share")
        return done
