"""What is minimised, by what, and what of the model moves."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from torch import nn

from mmbook.batch import Batch, outputs_of
from mmbook.losses import Loss, cross_entropy
from mmbook.training.optimisers.makers import MakeOptimiser, adamw

ModelLoss = Callable[[nn.Module, Batch], Loss]


def _supervised(loss: Callable[[Any, Any], Loss], model: nn.Module, batch: Batch) -> Loss:
    return loss(outputs_of(model, batch), batch.target)


def supervised(loss: Callable[[Any, Any], Loss]) -> ModelLoss:
    """The loss of a model's outputs against the only target: (outputs, target) -> Loss."""
    return partial(_supervised, loss)


_CROSS_ENTROPY = supervised(cross_entropy)


@dataclass(frozen=True)
class Objective:
    """One thing that a run minimises.

    loss: (model, batch) -> Loss; it may ask anything of the model. optimiser: makes the optimiser
    of a module, with the settings of the run. part: the name of the submodule that moves, such as
    "generator"; all other weights stay, and the empty name is the whole model.
    """

    loss: ModelLoss = _CROSS_ENTROPY
    optimiser: MakeOptimiser = adamw
    part: str = ""


CLASSIFICATION = Objective()
Objectives = Objective | tuple[Objective, ...] | list[Objective | tuple[Objective, ...]]


def turns_of(objectives: Objectives) -> list[tuple[Objective, ...]]:
    """The objectives of a step turn by turn: those in a tuple move at once.

    Raises ValueError where there is none, or something else.
    """
    if isinstance(objectives, Objective):
        return [(objectives,)]
    turns = [objectives] if isinstance(objectives, tuple) else objectives
    several = turns if isinstance(turns, list) else [turns]
    for one in (one for turn in several for one in (turn if isinstance(turn, tuple) else (turn,))):
        if not isinstance(one, Objective):
            raise ValueError(
                f"objectives must be Objective(loss), a list or a tuple of them, not {one!r:.60}"
            )
    found = [(turn,) if isinstance(turn, Objective) else turn for turn in turns]
    if not found or not all(found):
        raise ValueError("there is no objective: a run must minimise something")
    return found
