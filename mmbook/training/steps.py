"""One step of training: gradients of every objective, and what its optimiser makes of them."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor, nn
from torch.amp.grad_scaler import GradScaler
from torch.optim import Optimizer

from mmbook.batch import Batch
from mmbook.losses import Loss
from mmbook.training.config import TrainingConfig
from mmbook.training.hardware import distribution
from mmbook.training.hardware.devices import mixed_precision
from mmbook.training.objectives import ModelLoss, Objective, Objectives, turns_of
from mmbook.training.schedules import Schedule, learning_rate_at


class _Losses(nn.Module):
    """A model and its losses as one module, so that its forward pass is that of one of them."""

    def __init__(self, model: nn.Module, losses: Sequence[ModelLoss]) -> None:
        super().__init__()
        self.model, self.losses = model, tuple(losses)

    def forward(self, number: int, batch: Batch) -> tuple[Tensor, Tensor | int]:
        loss = self.losses[number](self.model, batch)
        if not isinstance(loss, Loss):
            raise ValueError(
                f"a loss must be a `Loss`, a total and a count, not a {type(loss).__name__}: "
                "see mmbook.losses"
            )
        return loss.total, loss.count


@dataclass(frozen=True)
class _Part:
    """An objective at work: what moves, what stays meanwhile, and by what it is moved."""

    number: int
    moving: list[nn.Parameter]
    staying: list[nn.Parameter]
    optimiser: Optimizer


class Stepper:
    """Takes the steps of a run on a model that is where it is trained.

    The loss of a step is the mean over all that its batch counts, in all processes and
    micro-batches together. Raises ValueError where nothing of a part can move, and where parts
    that move at once have weights in common.
    """

    def __init__(
        self,
        model: nn.Module,
        objectives: Objectives,
        config: TrainingConfig,
        schedule: Schedule,
        device: torch.device,
    ) -> None:
        self.model, self.config, self.schedule = model, config, schedule
        model.zero_grad()  # what was computed before is not a part of the first step
        turns = turns_of(objectives)
        self.objectives = [objective for turn in turns for objective in turn]
        parts = [self._part(number, o) for number, o in enumerate(self.objectives)]
        self.optimisers = [part.optimiser for part in parts]
        waiting = iter(parts)
        self._turns = [[next(waiting) for _ in turn] for turn in turns]
        for turn in self._turns:
            moving = [id(p) for part in turn for p in part.moving]
            if len(set(moving)) < len(moving):
                raise ValueError("parts that move at once must not share weights: add their losses")
        self.autocast, self.scaler = mixed_precision(config.precision, device)
        losses = [objective.loss for objective in self.objectives]
        self._losses = distribution.replicate(_Losses(model, losses), device)

    def _part(self, number: int, objective: Objective) -> _Part:
        try:
            module = self.model.get_submodule(objective.part)
        except AttributeError as error:
            raise ValueError(
                f"{type(self.model).__name__} has no part {objective.part!r}; there are "
                f"{[name for name, _ in self.model.named_children()]}"
            ) from error
        optimiser = objective.optimiser(module, self.config)
        for group in optimiser.param_groups:
            group.setdefault("initial_lr", group["lr"])
        moving = [p for p in module.parameters() if p.requires_grad]
        chosen = {id(p) for p in moving}
        every = [p for p in self.model.parameters() if p.requires_grad]
        return _Part(number, moving, [p for p in every if id(p) not in chosen], optimiser)

    def take(self, step: int, batches: Sequence[Batch]) -> tuple[list[Tensor], list[Tensor]]:
        """One step; batches: this process's micro-batches. Gives losses and lengths of gradients.

        A loss is this process's share: the mean over the processes is that of the step.
        """
        losses, lengths = [], []
        rate_of = partial(learning_rate_at, step, self.config, self.schedule)
        for turn in self._turns:
            losses += [self._gradients(part, batches) for part in turn]
            lengths += [
                update(part.moving, part.optimiser, self.scaler, rate_of, self.config.clip_norm)
                for part in turn
            ]
            self.scaler.update()
        return losses, [distribution.whole(length) for length in lengths]

    def _gradients(self, part: _Part, batches: Sequence[Batch]) -> Tensor:
        """Puts into `.grad` the gradient of the mean loss; gives this process's share of the loss.

        The processes' gradients are averaged in each backward pass, so a total is divided by the
        mean of their counts: by their sum, times the number of processes. (Divided afterwards, a
        sum would be out of the range of float16.) With micro-batches to come that mean is not
        known: the first one's serves, and the gradients are corrected at the end. All processes
        send with each micro-batch, so that a weight that only one of them uses is never left out.
        """
        shares, counts = [], []
        unit: Tensor | int = 0
        with _frozen(part.staying):
            for batch in batches:
                with self.autocast:
                    total, count = self._losses(part.number, batch)
                if not counts:
                    unit = _mean(count, total)
                    unit = unit if len(batches) == 1 else unit + (unit == 0)
                share = total / unit
                self.scaler.scale(share).backward()
                shares.append(share.detach())
                counts.append(count)
        if len(batches) == 1:
            return shares[0]
        factor = unit / _mean(sum(counts), shares[0])
        for parameter in part.moving:
            if parameter.grad is not None:
                parameter.grad.mul_(factor)
        return torch.stack(shares).sum() * factor


def update(
    parameters: Sequence[nn.Parameter],
    optimiser: Optimizer,
    scaler: GradScaler,
    rate_of: Callable[[float], float],
    clip_norm: float,
) -> Tensor:
    """Steps along the gradients, shortened to `clip_norm`, and clears them; gives their length.

    rate_of: the learning rate of a group of parameters, from the one that it began with.
    """
    scaler.unscale_(optimiser)
    length = nn.utils.clip_grad_norm_(parameters, clip_norm)
    for group in optimiser.param_groups:
        group["lr"] = rate_of(group["initial_lr"])
    scaler.step(optimiser)
    for parameter in parameters:
        parameter.grad = None
    return length


@contextmanager
def _frozen(parameters: Sequence[nn.Parameter]) -> Iterator[None]:
    """Parameters that get no gradient within the block."""
    for parameter in parameters:
        parameter.requires_grad_(False)
    try:
        yield
    finally:
        for parameter in parameters:
            parameter.requires_grad_(True)


def _mean(count: Tensor | int, like: Tensor) -> Tensor | int:
    """The mean over the processes of a count, of the type and where another number is."""
    if distribution.world_size() == 1:
        return count
    if isinstance(count, int):
        count = torch.full((), count, device=like.device)  # a copy would make the CPU wait
    return distribution.mean(count.double()).to(like.dtype)
