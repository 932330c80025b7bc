"""The experiments that can be run by name.

A new one is a module in `mmbook.experiments`, and its name in `mmbook.experiments.harness.names`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

from mmbook.evaluation import Result
from mmbook.experiments.harness.names import MODULES


@dataclass(frozen=True)
class Experiment:
    """A named experiment: a configuration for each tier, and what runs one.

    run: (tier, configuration, folder for checkpoints) to its result.
    """

    name: str
    summary: str
    tiers: Mapping[str, Any]
    run: Callable[[str, Any, Path], Result]

    @classmethod
    def of(cls, module: ModuleType) -> "Experiment":
        """What a module holds: its name, the first line of its docstring, TIERS and `run`."""
        name = module.__name__.rpartition(".")[2].replace("_", "-")
        return cls(name, (module.__doc__ or "").partition("\n")[0], module.TIERS, module.run)


_modules = (import_module(f"mmbook.experiments.{name}") for name in MODULES)
EXPERIMENTS = {experiment.name: experiment for experiment in map(Experiment.of, _modules)}


def find(name: str, tier: str) -> tuple[Experiment, Any]:
    """An experiment and its configuration for a tier; ValueError names what there is."""
    if name not in EXPERIMENTS:
        raise ValueError(f"no experiment {name!r}; there are: {', '.join(EXPERIMENTS)}")
    experiment = EXPERIMENTS[name]
    if tier not in experiment.tiers:
        raise ValueError(f"no tier {tier!r} of {name}; there are: {', '.join(experiment.tiers)}")
    return experiment, experiment.tiers[tier]
