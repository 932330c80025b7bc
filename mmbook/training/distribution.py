"""Training in several processes, which torchrun starts and tells apart by environment variables.

Every process holds the whole model and takes its share of each global batch. In a single process
each function here does the obvious: the share is the batch, the mean is the value.
"""

import atexit
import os

import torch
from torch import Tensor, distributed, nn
from torch.nn.parallel import DistributedDataParallel


def world_size() -> int:
    """The number of processes that train together."""
    return int(os.environ.get("WORLD_SIZE", "1"))


def rank() -> int:
    """This process's number among all, from 0."""
    return int(os.environ.get("RANK", "0"))


def local_rank() -> int:
    """This process's number among those of its machine, from 0."""
    return int(os.environ.get("LOCAL_RANK", "0"))


def is_main() -> bool:
    """Whether this process is the one that writes files and shows progress."""
    return rank() == 0


def join_processes(device: torch.device, batch_size: int) -> None:
    """Connects the processes, once; does nothing in a single one.

    Raises ValueError where the global batch has less than a sample for each process.
    """
    if batch_size < world_size():
        raise ValueError(
            f"batch_size {batch_size} is the global batch and leaves some of {world_size()} "
            f"processes without a sample; use at least {world_size()}"
        )
    if world_size() > 1 and not distributed.is_initialized():
        if device.type == "cuda":
            torch.cuda.set_device(device)
        distributed.init_process_group("nccl" if device.type == "cuda" else "gloo")
        atexit.register(distributed.destroy_process_group)


def replicate(objective: nn.Module, device: torch.device) -> nn.Module:
    """A module whose backward pass averages the gradients of all processes.

    It looks in each step for parameters that the loss does not depend on, so that a model may
    leave out a modality, even in one process only. (Where it finds none, PyTorch says so once.)
    """
    if world_size() == 1:
        return objective
    devices = [device] if device.type == "cuda" else None
    return DistributedDataParallel(objective, devices, find_unused_parameters=True)


def share(batch: Tensor) -> tuple[Tensor, float]:
    """This process's part of a global batch of indices (size,), and the weight of its mean loss.

    Parts differ by one sample at most. The weights average to 1, and make the mean over the
    processes of the weighted losses, and of their gradients, that over the global batch.
    """
    part = batch.tensor_split(world_size())[rank()]
    return part, len(part) * world_size() / len(batch)


def mean(values: Tensor) -> Tensor:
    """The mean over the processes of each value."""
    if world_size() == 1:
        return values
    total = values.clone()
    distributed.all_reduce(total)
    return total / world_size()
