"""Where files are: what ships with the book, and the reader's real data sets."""

import os
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def _shipped(name: str) -> Path:
    """A folder that lies beside the package in a checkout and inside it in a wheel."""
    packed = _PACKAGE / f"_{name}"
    return packed if packed.is_dir() else _PACKAGE.parent / name


def data_folder() -> Path:
    """The folder of the data that ships with the book."""
    return _shipped("data")


def results_folder() -> Path:
    """The folder of the recorded results."""
    return _shipped("results")


def real_data_folder() -> Path:
    """The folder of real data sets: `MMBOOK_DATA`, or `mmbook` in the user's cache folder.

    Raises FileNotFoundError where that is in a home folder which this user does not have.
    """
    named = os.environ.get("MMBOOK_DATA")
    cache = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    folder = Path(named) if named else Path(cache) / "mmbook"
    try:
        return folder.expanduser()
    except RuntimeError as error:
        raise FileNotFoundError(
            f"no home folder is known for {folder}, where real data sets would be: set the "
            "environment variable MMBOOK_DATA to a folder for them"
        ) from error
