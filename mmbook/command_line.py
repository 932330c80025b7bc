"""What the command lines share: options from dataclasses, and what goes wrong in few words."""

import contextlib
import functools
import io
import os
import re
import sys
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

import tyro

UNUSABLE, INTERRUPTED = 2, 130  # exit statuses
TRACEBACK = "MMBOOK_TRACEBACK"
_MEANT = (ValueError, OSError, ArithmeticError, MemoryError)  # their messages say what to do
Form = TypeVar("Form")
Others = ParamSpec("Others")


def parse(form: type[Form], words: Sequence[str], program: str, **options: Any) -> Form:
    """What the words say, as a `form` that tyro understands. `--help` is printed and exits.

    options: of `tyro.cli`. Raises ValueError in one line where the words are not understood.
    """
    said = io.StringIO()
    try:
        with contextlib.redirect_stderr(said):
            return tyro.cli(form, args=words, prog=program, **options)
    except SystemExit as end:
        if not end.code:
            raise
    # tyro draws a box, with lines or in ASCII: title, sides and rules fall away, and so does what
    # it says of the help.
    rows = (row.strip(" │╰╯|+") for row in said.getvalue().splitlines()[1:])
    text = " ".join(row for row in rows if row.strip("─-"))
    text = re.split("For full helptext|Argument helptext", text)[0].strip(" .")
    raise ValueError(f"{text}; see {program} --help")


def reported(
    main: Callable[Concatenate[list[str], Others], int],
) -> Callable[Concatenate[list[str], Others], int]:
    """The same program, but an error is one message on stderr and the status 2, not a traceback.

    Of an error that nobody foresaw the message begins with its type, and where the environment
    has MMBOOK_TRACEBACK, the traceback is printed before it. A reader that goes away ends it.
    """

    @functools.wraps(main)
    def program(words: list[str], *others: Others.args, **named: Others.kwargs) -> int:
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, io.TextIOWrapper):  # ± in a locale that has none stops nothing
                stream.reconfigure(errors="backslashreplace")
        try:
            status = main(words, *others, **named)
            sys.stdout.flush()
        except KeyboardInterrupt:
            print("stopped; the same command goes on from here", file=sys.stderr)
            return INTERRUPTED
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return 1
        except Exception as error:
            if os.environ.get(TRACEBACK):
                traceback.print_exc()
            kind = "" if isinstance(error, _MEANT) else f"{type(error).__name__}: "
            print(f"error: {kind}{error}", file=sys.stderr)
            return UNUSABLE
        return status

    return program


def check_writable(path: Path) -> None:
    """Raise ValueError unless a folder can be written, or made where it does not exist."""
    there = next(place for place in (path, *path.parents) if os.path.lexists(place))
    if not there.is_dir():
        raise ValueError(f"{path} cannot be a folder for files: {there} is none")
    if not os.access(there, os.W_OK | os.X_OK):
        raise ValueError(f"{path} cannot be written: {there} may not be changed")
