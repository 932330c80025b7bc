"""All that a run changes, saved and restored together."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import torch
from torch import nn
from torch.amp.grad_scaler import GradScaler
from torch.optim import Optimizer

from mmbook.samples import Samples
from mmbook.training.checkpoints import CheckpointError, digest, load_checkpoint, save_checkpoint
from mmbook.training.config import TrainingConfig
from mmbook.training.distribution import is_main, mean
from mmbook.training.history import Recorder


@dataclass(frozen=True)
class ResumableRun:
    """The parts whose states decide how a run goes on, and the file that keeps them, if any.

    No random generator is among them: see `mmbook.training.randomness`.
    """

    path: Path | None
    config: TrainingConfig
    samples: Samples
    model: nn.Module
    optimiser: Optimizer
    scaler: GradScaler
    recorder: Recorder

    @cached_property
    def identity(self) -> dict[str, str]:
        """What must be the same in the run that goes on from this one."""
        return {
            "configuration": self.config.digest(),
            "model": digest(self.model.state_dict(), contents=False),
            "optimiser": type(self.optimiser).__name__,
            "samples": digest(self.samples.inputs) + digest({"targets": self.samples.targets}),
        }

    def save(self, ended: int) -> None:
        """Saves the run, from the main process, if that is due when `ended` steps are done."""
        every = self.config.checkpoint_every
        is_due = ended == self.config.steps or (every > 0 and ended % every == 0)
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
        done = len(self.recorder.losses)
        device = next(self.model.parameters()).device
        if mean(torch.tensor(float(done), device=device)).item() != done:
            raise CheckpointError(f"{self.path} is not in a folder that all processes share")
        return done
