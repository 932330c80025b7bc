"""`python -m tools.editions.grading FOLDER`: grade what students handed in."""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from nbformat import NotebookNode

from mmbook.command_line import check_writable, reported
from mmbook.exercises import Verdict
from tools.editions.assignment import name_of, points
from tools.editions.chapter import exercises
from tools.editions.grading.host import Limits, Request
from tools.editions.grading.submissions import TABLE, Submission, read_submissions
from tools.editions.grading.table import Verdicts, rows, shown, write_csv
from tools.notebooks.book import REPOSITORY, Book, read_notebook
from tools.notebooks.offline import METHOD, offline_command

THREADS = ("OMP", "MKL", "OPENBLAS")


def ask(request: Request) -> list[tuple[str, Verdict]]:
    """Submission and verdict of every answer of a request, from a process without a network.

    Raises `ValueError` with the last line of its errors where the chapter itself fails.
    """
    command = [sys.executable, "-m", "tools.editions.grading.host"]
    command, environment = offline_command(command, os.environ.get(METHOD, "auto"))
    with tempfile.TemporaryDirectory() as empty:
        environment |= {f"{library}_NUM_THREADS": "1" for library in THREADS}
        environment |= {"CUDA_VISIBLE_DEVICES": "", "MMBOOK_DATA": empty}
        paths = [environment.get("PYTHONPATH", ""), str(REPOSITORY)]
        environment |= {"PYTHONPATH": os.pathsep.join(filter(None, paths)), "MPLBACKEND": "agg"}
        done = subprocess.run(
            command,
            input=request.to_json() + "\n",
            capture_output=True,
            text=True,
            env=environment,
            cwd=Path(request.chapter).parent,
        )
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    if not lines or lines[-1] != {"done": True}:
        said = done.stderr.strip().splitlines() or [f"exit code {done.returncode}"]
        raise ValueError(f"{request.chapter} cannot judge answers: {said[-1]}")
    return [(submission, Verdict(**fields)) for submission, fields in lines[:-1]]


def grade(
    submissions: Sequence[Submission], chapters: dict[str, NotebookNode], book: Book, limits: Limits
) -> Verdicts:
    """Judge every exercise of every notebook that was handed in."""
    asked = [name for name in chapters if any(name in one.chapters for one in submissions)]
    cores = len(os.sched_getaffinity(0))
    verdicts = {}
    print(f"{len(submissions)} submissions, {len(asked)} chapters", file=sys.stderr, flush=True)

    def judged(name: str) -> tuple[str, list[tuple[str, Verdict]]]:
        names = [one.name for one in exercises(chapters[name])]
        handed = {
            one.name: (one.chapters[name], names) for one in submissions if name in one.chapters
        }
        path = book.root / "chapters" / f"{name}.ipynb"
        at_once = max(1, cores // len(asked))
        return name, ask(Request(str(path), handed, limits, at_once))

    with ThreadPoolExecutor(cores) as pool:
        for name, found in pool.map(judged, asked):
            for submission, verdict in found:
                verdicts[submission, name, verdict.exercise] = verdict
            print(f"{name}: {len(found)} answers judged", file=sys.stderr, flush=True)
    return verdicts


@reported
def main(words: list[str], book: Book | None = None) -> int:
    """Grade a folder: print the table and write it into the folder."""
    parser = argparse.ArgumentParser(prog="python -m tools.editions.grading", description=__doc__)
    parser.add_argument("folder", type=Path, help="a notebook, or a folder of them, a student")
    parser.add_argument("chapters", nargs="*", help="such as mathematics/attention; all by default")
    parser.add_argument("--seconds", type=float, default=Limits.seconds, help="for one answer")
    parser.add_argument("--in-all", type=float, default=Limits.in_all, help="for one notebook")
    parser.add_argument("--memory-mb", type=int, default=Limits.memory_mb, help="for one answer")
    options = parser.parse_args(words)
    book = book or Book()
    limits = Limits(options.seconds, options.in_all, options.memory_mb)
    paths = [path for name in options.chapters for path in book.find(name)] or book.chapters()
    chapters = {name_of(path, book): read_notebook(path) for path in paths}
    chapters = {name: notebook for name, notebook in chapters.items() if exercises(notebook)}
    if not chapters:
        raise ValueError(f"no exercises can be graded in {', '.join(options.chapters)}")
    submissions = read_submissions(options.folder, chapters)
    check_writable(options.folder)
    verdicts = grade(submissions, chapters, book, limits)
    handed = {name for one in submissions for name in one.chapters}
    worth = {
        (name, one.name): points(one)
        for name, notebook in chapters.items()
        if options.chapters or name in handed
        for one in exercises(notebook)
    }
    table = rows(submissions, verdicts, worth)
    write_csv(table, options.folder / TABLE)
    print(f"{shown(table)}\n\n{options.folder / TABLE}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
