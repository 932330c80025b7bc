"""Where a model is trained, and in which number format."""

import torch
from torch.amp.grad_scaler import GradScaler

from mmbook.training.hardware.distribution import local_rank, world_size


def pick_device(name: str = "auto") -> torch.device:
    """The device called `name`; "auto" is a CUDA GPU where there is one, else the CPU.

    Under torchrun each process takes the GPU of its own number. Raises ValueError for a name that
    is no device's, for a device that this machine or this PyTorch lacks, or that cannot compute
    ("meta"), and for one GPU named where several processes need one each.
    """
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "cpu"
    try:
        device = torch.device(str(name))
    except RuntimeError as error:
        raise ValueError(
            f"device must be 'auto', 'cpu', 'cuda' or 'cuda:0', not {name!r}"
        ) from error
    if device.type == "cpu" and not device.index:
        return device
    if device.type != "cuda":
        _check_is_there(device, device.index or 0)
        return device
    if device.index is not None and world_size() > 1:
        raise ValueError(f"device {name!r} is one GPU for {world_size()} processes; use 'cuda'")
    index = local_rank() if device.index is None else device.index
    _check_is_there(device, index)
    return torch.device("cuda", index)


def _check_is_there(device: torch.device, index: int) -> None:
    """Raise ValueError unless this machine has the accelerator, and as many of them."""
    found = torch.accelerator.current_accelerator(check_available=True)
    count = torch.accelerator.device_count() if found and found.type == device.type else 0
    if index >= count:
        raise ValueError(
            f"device '{device.type}:{index}' is not on this machine, which has {count} devices of "
            "this kind that PyTorch can compute on; use 'cpu', or start fewer processes"
        )


def pick_precision(name: str, device: torch.device) -> torch.dtype:
    """The number format of the products inside a model.

    "auto" is float32 on the CPU; on a GPU bfloat16 where the hardware has it, else float16.
    Raises ValueError for another name.
    """
    known = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}
    if name != "auto":
        if name not in known:
            raise ValueError(f"precision must be auto or one of {', '.join(known)}, not {name!r}")
        return known[name]
    if device.type != "cuda":
        return torch.float32
    has_bfloat16 = torch.cuda.get_device_capability(device) >= (8, 0)
    return torch.bfloat16 if has_bfloat16 else torch.float16


def mixed_precision(name: str, device: torch.device) -> tuple[torch.autocast, GradScaler]:
    """The context in which a model computes its loss, and the scaler of its gradients.

    The weights stay float32. float16 has so small a range that small gradients would vanish: the
    scaler multiplies the loss, and divides the gradients again. Otherwise it does nothing.
    Source: Micikevicius et al. (2018), Mixed Precision Training.
    """
    dtype = pick_precision(name, device)
    autocast = torch.autocast(device.type, dtype=dtype, enabled=dtype != torch.float32)
    return autocast, GradScaler(device.type, enabled=dtype == torch.float16)
