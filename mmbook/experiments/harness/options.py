"""What is wrong with an experiment's options, said before anything is computed."""

import math
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from mmbook.training import pick_device


def check_options(config: Any, default: Any, name: str = "") -> None:
    """Raise ValueError that names the first option with a value that no experiment can use.

    default: the configuration as it ships, which tells counts from other numbers: a whole number
    that is 1 or more there must stay so, all others must not be negative. Numbers must be finite,
    lists that hold something must go on to, and a device must be on this machine.
    """
    if is_dataclass(config):
        for field in fields(config):
            inner = f"{name}.{field.name}" if name else f"--{field.name}".replace("_", "-")
            value, usual = getattr(config, field.name), getattr(default, field.name, None)
            if field.name == "device":
                pick_device(value)
            check_options(value, usual, inner.replace("_", "-"))
    elif isinstance(config, Mapping):
        for key, value in config.items():
            usual = default.get(key) if isinstance(default, Mapping) else None
            check_options(value, usual, f"{name}.{key}")
    elif isinstance(config, tuple):
        if default and not config:
            raise ValueError(f"{name} needs one value or more")
        several = isinstance(default, tuple)
        lowest = min((v for v in default if isinstance(v, int)), default=0) if several else default
        for value in config:
            check_options(value, lowest, name)
    elif isinstance(config, int) and not isinstance(config, bool):
        least = 1 if isinstance(default, int) and default >= 1 else 0
        if config < least:
            raise ValueError(f"{name} must be {least} or more, not {config}")
    elif isinstance(config, float) and not math.isfinite(config):
        raise ValueError(f"{name} must be a finite number, not {config}")
