"""`python -m tools.notebooks`: run, sync, check or validate chapters."""

import argparse
import os
import sys
from pathlib import Path

from nbclient.exceptions import CellExecutionError

from mmbook.command_line import reported
from tools.notebooks.book import Book
from tools.notebooks.checks import problems
from tools.notebooks.run import run_chapter
from tools.notebooks.sync import sync_book
from tools.notebooks.validate import validate


def parse(words: list[str]) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m tools.notebooks", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    run = commands.add_parser("run", help="execute chapters, measure them and store the outputs")
    run.add_argument("--gpu", action="store_true", help="store only what the GPU took")
    sync = commands.add_parser("sync", help="copy package source, results and the address in")
    sync.add_argument("--check", action="store_true", help="change nothing; list what is stale")
    check = commands.add_parser("check", help="print every problem of the chapters")
    valid = commands.add_parser("validate", help="execute offline and compare with the outputs")
    valid.add_argument("-n", "--processes", type=int, default=2)
    for command in (run, check, valid):
        command.add_argument("chapters", nargs="*", help="such as background/multimodal-models")
    return parser.parse_args(words)


@reported
def main(words: list[str]) -> int:
    """Carry out one command; 0 where nothing was wrong."""
    options, book = parse(words), Book()
    if options.command == "sync":
        return _sync(book, options.check)
    chapters = [path for name in options.chapters for path in book.find(name)] or book.chapters()
    if options.command == "validate":
        return validate(chapters, options.processes)
    return (_run if options.command == "run" else _check)(book, chapters, options)


def _sync(book: Book, check: bool) -> int:
    stale = sync_book(book, check)
    for path in stale:
        print(f"{'stale' if check else 'written'}: {os.path.relpath(path)}")
    print(f"{len(stale)} files {'are stale; run make sync' if check else 'written'}.")
    return int(check and bool(stale))


def _run(book: Book, chapters: list[Path], options: argparse.Namespace) -> int:
    failed = 0
    for path in chapters:
        name = os.path.relpath(path)
        try:
            measured = run_chapter(path, options.gpu)
        except (CellExecutionError, RuntimeError) as error:
            failed += 1
            print(f"{name}: failed\n{error}", file=sys.stderr)
        else:
            print(f"{name}: {measured.seconds} s, {measured.peak_memory_mb} MB")
    return int(failed > 0)


def _check(book: Book, chapters: list[Path], options: argparse.Namespace) -> int:
    found = [problem for path in chapters for problem in problems(path, book)]
    print("\n".join([*found, f"{len(chapters)} chapters, {len(found)} problems."]))
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
