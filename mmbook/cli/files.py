"""What a user names on the command line: files, folders with files in them, files to write."""

import os
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

IMAGES = frozenset({".png", ".jpg", ".jpeg"})
SOUNDS = frozenset({".wav", ".flac", ".ogg", ".opus", ".mp3", ".aiff", ".aif", ".au"})


class InputError(ValueError):
    """An input that cannot be used; the message says why, and what would be right."""


def find_files(
    inputs: Iterable[Path], endings: Collection[str]
) -> Iterator[tuple[Path, InputError | None]]:
    """The files that are meant, each with None, or with the reason why there is none.

    A file is meant whatever it is called. A folder stands for the files below it whose names have
    one of the endings (in any case), in the order of their paths; hidden ones are left out.
    """
    for path in inputs:
        if not os.path.isdir(path):
            yield path, _problem(path)
            continue
        found = sorted(file for file in path.rglob("*") if _is_meant(file, path, endings))
        if not os.access(path, os.R_OK | os.X_OK):
            yield path, InputError("the folder may not be read")
        elif not found:
            kinds = ", ".join(sorted(endings))
            yield path, InputError(f"the folder holds no file that ends in {kinds}")
        yield from ((file, _problem(file)) for file in found)


def meant_once(
    inputs: Iterable[Path], endings: Collection[str]
) -> Iterator[tuple[Path, InputError | None]]:
    """What `find_files` finds, each file once, under the first of its names."""
    known: set[str] = set()
    for path, problem in find_files(inputs, endings):
        if (place := os.path.realpath(path)) not in known:
            known.add(place)
            yield path, problem


def _problem(path: Path) -> InputError | None:
    """Why nothing is there."""
    try:
        os.stat(path)
    except FileNotFoundError:
        dangling = os.path.islink(path)
        return InputError(
            "it is a link to what is not there" if dangling else "there is no such file or folder"
        )
    except OSError as error:
        return InputError(f"it cannot be read: {error.strerror}")
    return None


def _is_meant(file: Path, folder: Path, endings: Collection[str]) -> bool:
    is_hidden = any(part.startswith(".") for part in file.relative_to(folder).parts)
    if is_hidden or file.suffix.lower() not in endings:
        return False
    return os.path.isfile(file) or not os.path.exists(file)  # a link to nothing is a fault to name


def printable(name: object) -> str:
    """A name on one line: what no line can show, as a newline in it, stands as its escape."""
    return "".join(
        letter if letter.isprintable() else letter.encode("unicode_escape").decode("ascii")
        for letter in str(name)
    )


def reason(error: Exception, path: Path) -> str:
    """The message of an error without the name of the file, which stands before it already."""
    text = getattr(error, "strerror", None) or str(error)
    for start in (f"cannot read the image {path}: ", f"cannot read the sound file {path}: "):
        text = text.removeprefix(start)
    text = text.removeprefix(f"{path}: ").replace(f"the sound file {path} ", "the file ")
    if text.startswith(f"{path} "):
        text = "the file " + text.removeprefix(f"{path} ")
    return text.replace("pass at_least to read it smaller", "shrink it beforehand")


def check_place(place: Path) -> None:
    """Raise InputError unless a file can be written there."""
    target = Path(os.path.realpath(place))
    if target.exists() and not target.is_file():
        raise InputError(f"{place} is no file that can be replaced: name a new file")
    if not target.parent.is_dir():
        raise InputError(f"{place} cannot be written: there is no folder {target.parent}")
    if not os.access(target.parent, os.W_OK | os.X_OK):
        raise InputError(
            f"{place} cannot be written: the folder {target.parent} may not be changed"
        )


@contextmanager
def replaced(place: Path) -> Iterator[Path]:
    """A path to write to, which in the end takes the place: others see the old file or the new one.

    Where writing fails, nothing of it is left.
    """
    target = Path(os.path.realpath(place))
    half = target.with_name(f".mmbook-{os.getpid()}.new")
    try:
        yield half
        os.replace(half, target)
    finally:
        half.unlink(missing_ok=True)
