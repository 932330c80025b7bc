"""One file a trained result: a configuration and what it runs.

`python -m mmbook.experiments list` names them.
"""

from mmbook.experiments.registry import EXPERIMENTS, Experiment, find

__all__ = ["EXPERIMENTS", "Experiment", "find"]
