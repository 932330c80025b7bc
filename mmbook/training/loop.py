"""The one training loop."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import torch
from torch import nn

from mmbook.batch import Batch, Source
from mmbook.training.config import TrainingConfig
from mmbook.training.hardware import distribution
from mmbook.training.hardware.devices import pick_device
from mmbook.training.hooks import Hook
from mmbook.training.objectives import CLASSIFICATION, Objectives
from mmbook.training.randomness import derived_seed, seed_everything
from mmbook.training.saving.history import History, Recorder
from mmbook.training.saving.resumable import ResumableRun, identity_of
from mmbook.training.schedules import Schedule, cosine
from mmbook.training.steps import Stepper
from mmbook.training.streams import Shuffled, Stream
from mmbook.training.validation import EarlyStopping, Validation

Augment = Callable[[Batch], Batch]


def stream_of(data: Source | Stream, config: TrainingConfig) -> Stream:
    """The batches of a run: a stream as it is, a data set shuffled as the settings say.

    Raises ValueError for anything else, where there are no samples, or too few in a batch for each
    process and micro-batch.
    """
    if callable(getattr(data, "batch", None)):
        return data  # type: ignore[return-value]
    if not hasattr(data, "__getitem__") or isinstance(data, list | tuple | Mapping):
        raise ValueError(
            "data must be a Batch, a source of batches (rows in, Batch out) or a stream with "
            f"`batch(step, part, parts)`, not a {type(data).__name__}"
        )
    if not len(data):  # type: ignore[arg-type]
        raise ValueError("there are no samples to train on")
    parts = distribution.world_size() * config.accumulate
    if config.batch_size < parts:
        raise ValueError(
            f"batch_size {config.batch_size} is the global batch and leaves some of {parts} "
            f"processes or micro-batches without a sample; use at least {parts}"
        )
    return Shuffled(data, config.batch_size, config.seed)  # type: ignore[arg-type]


def batches_of(
    stream: Stream,
    step: int,
    config: TrainingConfig,
    device: torch.device,
    augment: Augment | None,
) -> list[Batch]:
    """This process's micro-batches of a step, on the training device, as the model sees them."""
    parts = distribution.world_size() * config.accumulate
    first, found = distribution.rank() * config.accumulate, []
    for part in range(first, first + config.accumulate):
        batch = stream.batch(step, part, parts).to(device)
        if not len(batch):
            raise ValueError(f"step {step} has no sample for each of its {parts} parts")
        found.append(augment(batch) if augment else batch)
    return found


def check_weights(model: nn.Module, steps: int) -> None:
    """Raises FloatingPointError where a weight is not finite after the last of so many steps."""
    for name, weight in model.named_parameters():
        own = getattr(weight, "to_local", lambda w=weight: w)()  # of a sharded one, the part here
        if not own.isfinite().all():
            raise FloatingPointError(
                f"after {steps} steps, {name} holds values that are not finite; lower the "
                "learning rate or the weight decay"
            )


def fit(
    model: nn.Module,
    data: Source | Stream,
    config: TrainingConfig,
    objectives: Objectives = CLASSIFICATION,
    *,
    schedule: Schedule = cosine,
    validation: Validation | None = None,
    augment: Augment | None = None,
    hooks: Sequence[Hook] = (),
    checkpoint: Path | None = None,
    progress: bool = True,
) -> History:
    """Trains a model in place: on one device or, under torchrun, on many.

    data: a data set, of which each step sees `config.batch_size` samples in an order that follows
    from `config.seed`, or a stream, which decides that itself. A step minimises each of the
    objectives: those in a list take turns, those in a tuple move at once. Each group of parameters
    has its own learning rate times what `schedule` says.

    Where several processes train, each gets a part of a batch, and the weights are copied to all; a
    model that comes sharded (`torch.distributed.fsdp.fully_shard`) stays so, but is not saved.

    `augment` makes the batch that the model sees out of each batch of samples, on the training
    device; what it draws from the global generator follows from the seed and the step. The hooks
    look at the model after each step, and may end the run. The model is left on the training
    device, in evaluation mode; where `validation` is given, with the weights that were best on
    those samples, and the run may stop early. Where `checkpoint` is given, the run is saved there,
    and goes on from there if the file exists, to the weights it would have had without a break;
    processes on several machines need it in a folder they share.

    Raises ValueError where there are no samples, CheckpointError where the file is damaged or of
    another run, and FloatingPointError where a step's loss or gradient, or a weight after the last
    step, is not finite.
    """
    for hook in hooks:
        if not callable(getattr(hook, "after", None)):
            raise ValueError(f"a hook needs `after(step, model)`, which {hook!r:.60} lacks")
    device = pick_device(config.device)
    stream = stream_of(data, config)
    distribution.join_processes(device)
    stepper = Stepper(model.to(device).train(), objectives, config, schedule, device)
    watch = EarlyStopping(validation, stepper.objectives[0].loss, stepper.autocast)
    hooks = [*hooks, watch]
    with Recorder(config, progress, schedule, stepper.scaler.is_enabled()) as recorder:
        run, has_ended = None, False
        if checkpoint:
            identity = identity_of(stepper, stream, schedule, validation, augment)
            run = ResumableRun(Path(checkpoint), identity, stepper, recorder, hooks)
            has_ended = run.restore()
        for step in range(len(recorder.losses), config.steps):
            if has_ended:
                break
            seed_everything(derived_seed("step", config.seed, step, distribution.rank()))
            batches = batches_of(stream, step, config, device, augment)
            model.train()  # whatever mode a hook or an augmentation has left
            recorder.add(*stepper.take(step, batches))
            has_ended = any([hook.after(step, model) for hook in hooks])
            if run:
                run.save(step + 1, has_ended)
    check_weights(model, len(recorder.losses))
    watch.take_best(model)
    model.eval()
    return recorder.history(watch.losses)
