"""How long the first load of every data set takes, each in a fresh process."""

import subprocess
import sys

from mmbook.datasets.catalogue import real_sets

_SPLITS = {"coco-cc": "all", "nltk": None}
# The file cache of the system may still hold the files; nothing of Python's is warm.
_PROGRAM = """
import sys, time
from mmbook.datasets import load
started, used = time.perf_counter(), time.process_time()
items = load(*sys.argv[1:])
rows = len(items) if hasattr(items, "__len__") else 1
print(f"{rows:7,} items, {time.perf_counter() - started:6.2f} s, "
      f"{time.process_time() - used:6.2f} s of computing")
"""


def loading() -> None:
    """Load the training split of each set that is on this machine, whole, and print the time."""
    for entry in real_sets():
        if not entry.present():
            print(f"{'load ' + entry.name:58} not on this machine")
            continue
        split = _SPLITS.get(entry.name, "train")
        arguments = [entry.name, *([split] if split else [])]
        command = [sys.executable, "-c", _PROGRAM, *arguments]
        done = subprocess.run(command, capture_output=True, text=True)
        outcome = done.stdout.rstrip() or done.stderr.strip().splitlines()[-1]
        print(f"{'load ' + ' '.join(arguments):58} {outcome}")


BENCHMARKS = (loading,)
