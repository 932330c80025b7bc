"""Which code a result is of: what may be recorded, and which records are of other code."""

from pathlib import Path

from mmbook.evaluation import Result, load_result
from mmbook.evaluation.environment import commit, hardware, versions
from mmbook.evaluation.source import Digests, differences, modules
from mmbook.experiments.harness.finished import Finished, finished, other_code
from mmbook.experiments.harness.registry import EXPERIMENTS
from mmbook.paths import results_folder


def refuse_unrecordable(runs: Path, option: str = "--record") -> None:
    """Raise ValueError where a result could not be made again, or might be of other code.

    A changed working copy is refused because its commit names code that is nowhere; training before
    the commit is not lost by it, as work is told by the code and not by the commit. Finished work
    of another machine, or of other versions of the libraries, are refused because a record states
    where and with what it was made.
    """
    if commit().endswith("+changes"):
        raise ValueError(
            f"{option} needs mmbook and data as they are in a commit, so that others can find "
            "them; commit the changes first (finished weights stay valid)"
        )
    if others := other_code(runs):
        more = f" and {len(others) - 1} more" if len(others) > 1 else ""
        raise ValueError(
            f"{option}: {others[0]}{more}; run once without {option} to make it with this code, "
            f"or delete {runs}"
        )
    for one in finished(runs):
        if other := _elsewhere(one):
            raise ValueError(
                f"{option}: {one.file} was made elsewhere ({'; '.join(other)}), and a record "
                f"would say it was here; delete {runs} to make it here"
            )


def _elsewhere(one: Finished) -> list[str]:
    """What differs between where weights were trained and here: the machine, versions."""
    there = {"hardware": one.facts["hardware"], **one.facts["versions"]}
    here = {"hardware": hardware(), **versions()}
    return [f"{k}: {there.get(k)}, here {here[k]}" for k in here if there.get(k) != here[k]]


def status(folder: Path | None = None) -> list[str]:
    """A line for each recorded result: whether this code made it, or which modules differ.

    Raises ValueError for a file that is no record.
    """
    lines = []
    for file in sorted((folder or results_folder()).glob("*.json")):
        experiment, _, tier = file.stem.rpartition("-")
        said = "there is no such experiment any more"
        if experiment in EXPERIMENTS:
            now = modules(EXPERIMENTS[experiment].run.__module__)
            said = _made_by(load_result(experiment, tier, file.parent), now)
        lines.append(f"{file.stem:24} {said}")
    return lines


def _made_by(record: Result, now: Digests) -> str:
    """Whether the code of now made a record, or gives the same values, or what differs."""
    if record.source == now:
        return "made by this code"
    if record.confirmed and record.confirmed["source"] == now:
        return f"made by other code; this code gives the same for seeds {record.confirmed['seeds']}"
    last = record.confirmed["source"] if record.confirmed else record.source
    if not last:
        return "made by code that is not known (recorded before digests of it)"
    return f"made by other code: {', '.join(differences(last, now))}"
