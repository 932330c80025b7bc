"""The command line: `python -m mmbook.experiments NAME --tier mini|medium|full [options]`."""

import sys

from mmbook.command_line import reported
from mmbook.experiments.harness.names import PROGRAM, listing


@reported
def main(words: list[str]) -> int:
    """Run what the command line says; returns the exit status."""
    # What computes is imported only where something is computed: it takes seconds.
    name, *rest = words or ["list"]
    if name in ("list", "-h", "--help"):
        print("\n".join(listing()))
        return 0
    if name == "status":
        from mmbook.experiments.harness.provenance import status

        print("\n".join(status()))
        return 0
    if name.startswith("-"):
        raise ValueError(f"the NAME of an experiment comes before {name}; {PROGRAM} shows them")
    from mmbook.experiments.harness.running import run_experiment

    return run_experiment(name, rest)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
