"""The command line: `python -m mmbook PROGRAM INPUT...`; alone, it lists the programs.

Exit status: 0 where all was done, 1 where some input could not be used, 2 for a wrong command.
"""

import os
import sys
from io import TextIOWrapper

from mmbook.cli.registry import PROGRAMS, find


def main(words: list[str]) -> int:
    """Run what the command line says; returns the exit status."""
    if not words or words[0] in ("-h", "--help"):
        print("python -m mmbook PROGRAM [--help for the options of PROGRAM] INPUT...\n")
        for name, summary in PROGRAMS.items():
            print(f"{name:16} {summary}")
        return 0
    try:
        program = find(words[0])
    except ValueError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return program(words[1:])


def run() -> int:
    """`main` as a process: a reader that has gone, or Ctrl-C, is no reason for a traceback."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # None, where there is no output at all
            # A name of a file may hold what the terminal cannot show.
            stream.reconfigure(errors="backslashreplace")
    try:
        status = main(sys.argv[1:])
        if sys.stdout:
            sys.stdout.flush()
        return status
    except OSError as error:  # of writing: what cannot be read is a program's own matter
        if not isinstance(error, BrokenPipeError):
            print(f"error: cannot write: {error.strerror}", file=sys.stderr)
        # Python flushes once more at the end, and would complain again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(run())
