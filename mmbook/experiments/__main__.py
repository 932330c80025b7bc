"""The command line: `python -m mmbook.experiments NAME --tier mini|full [options]`."""

import argparse
import sys
from dataclasses import replace
from pathlib import Path

import tyro

from mmbook.datasets.real.base import DataMissingError
from mmbook.evaluation import save_result
from mmbook.evaluation.environment import commit
from mmbook.evaluation.source import modules
from mmbook.experiments.provenance import refuse_unrecordable, status
from mmbook.experiments.registry import EXPERIMENTS, find
from mmbook.training.checkpoints import CheckpointError
from mmbook.training.distribution import is_main

FEWEST_SEEDS = 3  # a record of fewer would say nothing about chance


def main(words: list[str]) -> int:
    """Run what the command line says; returns the exit status."""
    parser = argparse.ArgumentParser("python -m mmbook.experiments", add_help=False)
    parser.add_argument("name", nargs="?", default="list")
    parser.add_argument("--tier", default="mini")
    parser.add_argument("--runs", type=Path, default=Path("runs"))
    parser.add_argument("--record", action="store_true")
    options, rest = parser.parse_known_args(words)
    if options.name == "list":
        print(
            "python -m mmbook.experiments NAME [--tier mini|full] [--runs FOLDER] [--record]"
            " [--help for the options of NAME]\n"
        )
        for experiment in EXPERIMENTS.values():
            print(f"{experiment.name:16} {experiment.summary} ({', '.join(experiment.tiers)})")
        print(f"{'status':16} Which recorded results this code made, and which other code did.")
        return 0
    try:
        if options.name == "status":
            print("\n".join(status()))
            return 0
        experiment, default = find(options.name, options.tier)
        config = tyro.cli(type(default), default=default, args=rest, prog=options.name)
        if not config.seeds or len(set(config.seeds)) < len(config.seeds):
            raise ValueError(f"--seeds needs one seed or more, each once, not {config.seeds}")
        if options.record and len(config.seeds) < FEWEST_SEEDS:
            raise ValueError(f"--record needs {FEWEST_SEEDS} seeds or more, not {config.seeds}")
        folder = options.runs / f"{options.name}-{options.tier}"
        if options.record:
            refuse_unrecordable(folder)
        made_by = {"commit": commit(), "source": modules(experiment.run.__module__)}
        result = replace(experiment.run(options.tier, config, folder), **made_by)
    except (ValueError, DataMissingError, CheckpointError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    if is_main():
        for name, (center, spread) in result.summaries().items():
            print(f"{name:70} {center:7.4f} ± {spread:.4f}")
        print(f"written to {save_result(result, None if options.record else folder)}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
