"""Run one experiment as the command line says, and write its result."""

import inspect
import sys
from dataclasses import dataclass, make_dataclass, replace
from pathlib import Path
from typing import Annotated, Any

from tyro.conf import AvoidSubcommands, FlagCreatePairsOff, arg

from mmbook.command_line import INTERRUPTED, check_writable, parse
from mmbook.evaluation import load_result, save_result
from mmbook.evaluation.environment import commit
from mmbook.evaluation.source import modules
from mmbook.experiments.harness.confirming import confirmed
from mmbook.experiments.harness.extending import check_extension, extended
from mmbook.experiments.harness.finished import finished_files
from mmbook.experiments.harness.names import PROGRAM
from mmbook.experiments.harness.options import check_options
from mmbook.experiments.harness.provenance import refuse_unrecordable
from mmbook.experiments.harness.registry import Experiment, find
from mmbook.paths import results_folder
from mmbook.training.hardware.distribution import is_main

FEWEST_SEEDS = 3  # a record of fewer would say nothing about chance


@dataclass(frozen=True)
class Choice:
    """What the defaults of the other options depend on."""

    tier: str = "mini"


@dataclass(frozen=True)
class Run:
    """What every experiment is run with."""

    tier: Annotated[
        str,
        arg(
            metavar="mini|medium|full",
            help="on what ships with the book (medium: longer, digits-fusion), or on real data",
        ),
    ] = "mini"
    runs: Annotated[
        Path, arg(metavar="FOLDER", help="of trained weights and interrupted runs, which go on")
    ] = Path("runs")
    record: Annotated[
        FlagCreatePairsOff[bool], arg(help="write the result where the book reads it")
    ] = False
    confirm: Annotated[
        FlagCreatePairsOff[bool],
        arg(
            help="run a seed of the record again, or those in --seeds; where all values are the "
            "recorded ones, the record says so"
        ),
    ] = False
    extend: Annotated[
        FlagCreatePairsOff[bool],
        arg(
            help="add the --systems that are run to the record, which keeps what it has; code, "
            "data, settings and machine must be the same"
        ),
    ] = False


def run_experiment(name: str, words: list[str]) -> int:
    """Run an experiment with the options in the words; returns the exit status."""
    experiment, default = find(name, _tier(words))
    run, config = _read(words, experiment, default)
    recorded = load_result(name, run.tier) if run.confirm or run.extend else None
    if recorded and run.confirm and config.seeds == default.seeds:
        config = replace(config, seeds=tuple(recorded.seeds[:1]))
    folder = run.runs / f"{experiment.name}-{run.tier}"
    _check(run, config, default, folder)
    if recorded and run.extend:
        check_extension(recorded, config)
    # Read before the run: what is changed while it goes on did not make its result.
    made_by = {"commit": commit(), "source": modules(experiment.run.__module__)}
    try:
        result = replace(experiment.run(run.tier, config, folder), **made_by)
    except KeyboardInterrupt:
        if is_main():
            print(_stopped(folder), file=sys.stderr)
        return INTERRUPTED
    if is_main():
        path = save_result(result, None if run.record else folder)
        for what, (center, spread) in result.summaries().items():
            print(f"{what:70} {center:7.4f} ± {spread:.4f}")
        if recorded:
            measured = load_result(name, run.tier, folder)
            kept = extended if run.extend else confirmed
            path = save_result(kept(recorded, measured))
        print(f"written to {path}")
    return 0


def _stopped(folder: Path) -> str:
    """What an interrupted run leaves, and how to go on."""
    kept = [_counted(len(finished_files(folder)), "finished part")]
    if half := len(list(folder.rglob("*.ckpt"))):
        kept.append(_counted(half, "half-trained model"))
    return f"stopped; {folder} keeps {' and '.join(kept)}: give the same command again to go on"


def _counted(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


def _tier(words: list[str]) -> str:
    """The tier, on which the defaults of all other options depend, whatever those are."""
    options: Any = {"return_unknown_args": True, "add_help": False}
    choice, _ = parse(Choice, words, PROGRAM, **options)  # type: ignore[misc]
    return choice.tier


def _read(words: list[str], experiment: Experiment, default: Any) -> tuple[Run, Any]:
    """The options of every experiment and those of this one, which share one help."""
    plain = arg(name="")  # so that it is --seeds and not --config.seeds
    fields = [("run", Annotated[Run, plain]), ("config", Annotated[type(default), plain])]
    both = make_dataclass("Both", fields, frozen=True)
    read = parse(
        both,
        words,
        f"{PROGRAM} {experiment.name}",
        default=both(Run(), default),
        description=f"{experiment.summary}\n\n{inspect.getdoc(default)}",
        config=(AvoidSubcommands,),
    )
    return read.run, read.config


def _check(run: Run, config: Any, default: Any, folder: Path) -> None:
    """Look for all that is wrong before anything is computed. Raises ValueError."""
    check_options(config, default)
    if len(set(config.seeds)) < len(config.seeds):
        raise ValueError(f"--seeds must name each seed once, not {config.seeds}")
    asked = [f"--{name}" for name in ("record", "confirm", "extend") if getattr(run, name)]
    if len(asked) > 1:
        raise ValueError(
            f"--record makes a new record, --confirm and --extend keep the old one: give one, not "
            f"{' and '.join(asked)}"
        )
    if run.record and len(config.seeds) < FEWEST_SEEDS:
        raise ValueError(f"--record needs {FEWEST_SEEDS} seeds or more, not {config.seeds}")
    if asked:
        refuse_unrecordable(folder, asked[0])
    if is_main():
        check_writable(folder)
        check_writable(results_folder() if asked else folder)
