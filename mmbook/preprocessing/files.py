"""What is asked of every file before it is read."""

from pathlib import Path


def check_file(path: Path, error: type[ValueError]) -> Path:
    """Return a path unchanged unless something is there that is no regular file.

    A device or a pipe may give bytes without an end.
    Raises `error`, a kind of ValueError, that names the path.
    """
    if path.exists() and not path.is_file():
        raise error(f"{path} is no regular file, but a directory, a device or a pipe: name a file")
    return path
