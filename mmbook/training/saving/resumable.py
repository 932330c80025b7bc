"""All that a run changes, saved and restored together."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import torch
from torch import nn

from mmbook.training.hardware.distribution import is_main, is_sharded, mean
from mmbook.training.hooks import Hook
from mmbook.training.saving.checkpoints import (
    CheckpointError,
    digest,
    load_checkpoint,
    save_checkpoint,
)
from mmbook.training.saving.history import Recorder
from mmbook.training.saving.identity import describe, module_settings
from mmbook.training.schedules import Schedule
from mmbook.training.steps import Stepper
from mmbook.training.streams import Stream
from mmbook.training.validation import EarlyStopping, Validation


class Stateful(Protocol):
    """What can be saved and taken up again."""

    def state_dict(self) -> Mapping[str, Any]: ...

    def load_state_dict(self, state: Any, /) -> Any: ...


def identity_of(
    stepper: Stepper,
    stream: Stream,
    schedule: Schedule,
    validation: Validation | None,
    augment: Any,
) -> dict[str, str]:
    """What must be the same in the run that goes on from another one.

    Raises ValueError for what `describe` cannot describe, and for a model that is sharded, of which
    no process could save the whole.
    """
    model, objectives = stepper.model, stepper.objectives
    if is_sharded(model):
        raise ValueError(
            "no process has the whole of a sharded model to save as a checkpoint: replicate the "
            "model, or save it by torch.distributed.checkpoint in a hook"
        )
    settings = [
        [type(optimiser).__qualname__, [_settings(group) for group in optimiser.param_groups]]
        for optimiser in stepper.optimisers
    ]
    judged = None
    if validation:
        judged = [validation.samples.fingerprint(), validation.every, validation.patience]
        judged += [validation.loss]
    return {
        "configuration": stepper.config.digest(),
        "model": f"{model} {list(module_settings(model))}",
        "first weights": digest(model.state_dict()),
        "loss": describe([objective.loss for objective in objectives]),
        "part": describe([objective.part for objective in objectives]),
        "optimiser": describe(settings),
        "data": stream.fingerprint(),
        "augmentation": describe(augment),
        "schedule": repr([schedule(i / 256) for i in range(257)]),
        "validation": describe(judged),
    }


def _settings(group: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in group.items() if name != "params"}


class ResumableRun:
    """The parts whose states decide how a run goes on, and the file that keeps them.

    Hooks that keep nothing may come and go between two parts of a run.
    No random generator is among them: see `mmbook.training.randomness`.
    """

    def __init__(
        self,
        path: Path,
        identity: Mapping[str, str],
        stepper: Stepper,
        recorder: Recorder,
        hooks: Sequence[Hook],
    ) -> None:
        self.path, self.recorder, self.config = path, recorder, stepper.config
        self.model: nn.Module = stepper.model
        kept = [hook for hook in hooks if hook.state_dict()]
        names = [type(hook).__qualname__ for hook in kept if not isinstance(hook, EarlyStopping)]
        self.identity = {**identity, "hooks": repr(names)}
        self.parts: dict[str, Stateful] = {"model": self.model, "recorder": recorder}
        if stepper.scaler.is_enabled():
            self.parts["scaler"] = stepper.scaler
        self.parts |= {f"optimiser {i}": part for i, part in enumerate(stepper.optimisers)}
        self.parts |= {f"hook {i}": hook for i, hook in enumerate(kept)}

    def save(self, done: int, has_ended: bool) -> None:
        """Saves the run, from the main process, if that is due when `done` steps are done."""
        every = self.config.checkpoint_every
        is_last = done == self.config.steps or has_ended
        if not is_last and not (every > 0 and done % every == 0):
            return
        self.recorder.read()  # all processes take part
        if is_main():
            state: dict[str, Any] = {name: part.state_dict() for name, part in self.parts.items()}
            save_checkpoint(self.path, {**state, "ended": has_ended}, self.identity)

    def restore(self) -> bool:
        """Takes up the saved run, if there is one, and says whether a hook has ended it.

        Raises CheckpointError for a damaged file, for one of another run, and where some
        processes find no file or another one.
        """
        has_ended = False
        if self.path.exists():
            state = load_checkpoint(self.path, self.identity)
            for name, part in self.parts.items():
                part.load_state_dict(state[name])
            has_ended = state["ended"]
        done = len(self.recorder.losses)
        device = next(self.model.parameters()).device
        if mean(torch.tensor(float(done), device=device)).item() != done:
            raise CheckpointError(f"{self.path} is not in a folder that all processes share")
        return has_ended
