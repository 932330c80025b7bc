"""Training in several processes, which torchrun starts and tells apart by environment variables.

Every process holds the whole model and takes its part of each global batch. In a single process
each function here does the obvious: the mean is the value.
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


def join_processes(device: torch.device) -> None:
    """Connects the processes, once; does nothing in a single one, or where they are connected."""
    if world_size() > 1 and not distributed.is_initialized():
        if device.type == "cuda":
            torch.cuda.set_device(device)
        distributed.init_process_group("nccl" if device.type == "cuda" else "gloo")
        atexit.register(distributed.destroy_process_group)


def is_sharded(model: nn.Module) -> bool:
    """Whether each process holds a part of the weights, as after PyTorch's `fully_shard`."""
    return any(hasattr(parameter, "device_mesh") for parameter in model.parameters())


def replicate(module: nn.Module, device: torch.device) -> nn.Module:
    """A module whose backward pass averages the gradients of all processes.

    It looks in each step for parameters that the outputs do not depend on, so that a model may
    leave out a modality, even in one process only. (Where it finds none, PyTorch says so once.)
    One that is sharded averages by itself.
    """
    if world_size() == 1 or is_sharded(module):
        return module
    devices = [device] if device.type == "cuda" else None
    return DistributedDataParallel(module, devices, find_unused_parameters=True)


def whole(values: Tensor) -> Tensor:
    """The values of all processes where each holds a part of them; others as they are."""
    return values.full_tensor() if hasattr(values, "full_tensor") else values  # type: ignore[attr-defined]


def mean(values: Tensor) -> Tensor:
    """The mean over the processes of each value."""
    if world_size() == 1:
        return values
    total = values.clone()
    distributed.all_reduce(total)
    return total / world_size()
