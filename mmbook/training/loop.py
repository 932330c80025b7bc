"""The one training loop."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from torch import Tensor, nn
from torch.amp.grad_scaler import GradScaler
from torch.nn.functional import cross_entropy
from torch.optim import Optimizer

from mmbook.batch import Batch
from mmbook.training import distribution
from mmbook.training.config import TrainingConfig
from mmbook.training.devices import mixed_precision, pick_device
from mmbook.training.history import History, Recorder
from mmbook.training.optimisers.makers import MakeOptimiser, adamw
from mmbook.training.randomness import batch_order, derived_seed, seed_everything
from mmbook.training.resumable import ResumableRun
from mmbook.training.schedules import Schedule, cosine, learning_rate_at
from mmbook.training.validation import EarlyStopping, Validation


class Objective(nn.Module):
    """A model and its loss as one module: inputs and targets in, the loss out."""

    def __init__(self, model: nn.Module, loss: Callable[[Any, Tensor], Tensor]) -> None:
        super().__init__()
        self.model, self.loss = model, loss

    def forward(self, inputs: dict[str, Tensor], targets: Tensor) -> Tensor:
        return self.loss(self.model(inputs), targets)


def update(
    model: nn.Module, optimiser: Optimizer, scaler: GradScaler, rate: float, clip_norm: float
) -> None:
    """Takes one step along the gradients, shortened to `clip_norm`, and clears them."""
    scaler.unscale_(optimiser)
    nn.utils.clip_grad_norm_(model.parameters(), clip_norm)
    for group in optimiser.param_groups:
        group["lr"] = rate
    scaler.step(optimiser)
    scaler.update()
    optimiser.zero_grad()


def fit(
    model: nn.Module,
    samples: Batch,
    config: TrainingConfig,
    *,
    loss: Callable[[Any, Tensor], Tensor] = cross_entropy,
    make_optimiser: MakeOptimiser = adamw,
    schedule: Schedule = cosine,
    validation: Validation | None = None,
    augment: Callable[[Batch], Batch] | None = None,
    checkpoint: Path | None = None,
    progress: bool = True,
) -> History:
    """Trains a model in place: on one device or, under torchrun, on many.

    `model(inputs)` gives outputs; `loss(outputs, targets)` their mean loss over a batch. `augment`
    makes the batch that the model sees out of each batch of samples, on the training device; what
    it draws from the global generator follows from the seed and the step. The model is left on the
    training device, in evaluation mode; where `validation` is given, with the weights that were
    best on those samples, and the run may stop early. Where `checkpoint` is given, the run is
    saved there, and goes on from there if the file exists, to the weights it would have had
    without a break; processes on several machines need it in a folder they share.

    Raises ValueError where there are no samples, CheckpointError where the file is damaged or of
    another run, and FloatingPointError where the loss of a step is not finite.
    """
    if not len(samples):
        raise ValueError("there are no samples to train on")
    device = pick_device(config.device)
    distribution.join_processes(device, config.batch_size)
    optimiser = make_optimiser(model.to(device).train(), config)
    autocast, scaler = mixed_precision(config.precision, device)
    objective = distribution.replicate(Objective(model, loss), device)
    samples = samples.to(device)
    watch = EarlyStopping(validation, model, loss, autocast)
    with Recorder(config, progress, schedule) as recorder:
        run = ResumableRun(
            checkpoint, config, schedule, samples, model, optimiser, scaler, recorder, watch
        )
        done = run.restore()
        order = batch_order(len(samples), config.batch_size, config.seed, start=done)
        for step in range(done, config.steps):
            if watch.has_ended:
                break
            seed_everything(derived_seed("step", config.seed, step, distribution.rank()))
            indices, weight = distribution.share(next(order))
            batch = samples[indices.to(device)]
            batch = augment(batch) if augment else batch
            with autocast:
                value = objective(batch.inputs, batch.targets) * weight
            scaler.scale(value).backward()
            rate = learning_rate_at(step, config, schedule)
            update(model, optimiser, scaler, rate, config.clip_norm)
            recorder.add(value)
            watch.look(step + 1)
            run.save(step + 1)
    watch.take_best()
    model.eval()
    return recorder.history(watch.losses)
