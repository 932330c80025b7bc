"""What the package costs beside a reference that does the same, in one run: `make bench`.

Each line is the median time of ours over the reference's, with the range of the ratio over rounds
in which the two take turns, so that a machine whose speed drifts slows both.
"""

import importlib
import pkgutil

import torch

import benchmarks

if __name__ == "__main__":
    for module in pkgutil.iter_modules(benchmarks.__path__):
        for benchmark in getattr(
            importlib.import_module(f"benchmarks.{module.name}"), "BENCHMARKS", ()
        ):
            torch.manual_seed(0)
            benchmark()
