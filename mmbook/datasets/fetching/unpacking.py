"""Unpacking an archive that may be damaged or hostile, so that all of it appears or nothing."""

import gzip
import os
import shutil
import stat
import zipfile
from collections.abc import Callable
from fnmatch import fnmatch
from pathlib import Path, PurePosixPath
from typing import IO, Any, TypeVar

from mmbook.datasets.entries import DataDamagedError
from mmbook.datasets.fetching.integrity import BROKEN_ARCHIVE, contents_fault
from mmbook.datasets.fetching.sources import Contents

LARGEST = 2**30  # bytes that are unpacked where no size is recorded
_CHUNK = 2**20
Result = TypeVar("Result")


def unpack(archive: Path, contents: Contents, target: Path) -> None:
    """Unpack a .gz to the file `target`, or a part of a .zip to the folder `target`.

    It is unpacked beside the target, checked, and then renamed as a whole.
    Raises DataDamagedError where it is not what `contents` says, has a member that would lie
    elsewhere, or is larger than it may be; then nothing remains.
    """
    part = target.with_name(f".{target.name}.unpacking")
    _remove(part)  # of a process that was killed
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        limit = LARGEST if contents.size is None else contents.size
        if archive.suffix == ".gz":
            with gzip.open(archive) as packed:
                _copy(packed, part, limit)
        else:
            _unzip(archive, contents, part, limit)
        if fault := contents_fault(part, contents):
            raise DataDamagedError(fault)
        _flush(part)
        part.replace(target)
    except (DataDamagedError, FileExistsError, NotADirectoryError) as error:
        raise DataDamagedError(f"{archive} cannot be used: {error}") from error
    finally:
        _remove(part)


def _unzip(path: Path, contents: Contents, part: Path, limit: int) -> None:
    """Write the chosen members of a zip archive below a folder."""
    part.mkdir()
    with _reading(zipfile.ZipFile, path) as archive:
        for member in archive.infolist():
            name = _safe_name(member)
            if member.is_dir() or not name.is_relative_to(contents.inside):
                continue
            name = name.relative_to(contents.inside)
            if not fnmatch(str(name), contents.pattern):
                continue
            file = part / name
            file.parent.mkdir(parents=True, exist_ok=True)
            with _reading(archive.open, member) as packed:
                limit -= _copy(packed, file, limit)


def _safe_name(member: zipfile.ZipInfo) -> PurePosixPath:
    """A member's path, which stays in its folder and is no link."""
    name = PurePosixPath(member.filename)
    if name.is_absolute() or ".." in name.parts or "\\" in member.filename:
        raise DataDamagedError(f"its member {member.filename!r} would lie outside of its folder")
    if stat.S_ISLNK(member.external_attr >> 16):
        raise DataDamagedError(f"its member {member.filename!r} is a link")
    return name


def _copy(packed: gzip.GzipFile | IO[bytes], path: Path, limit: int) -> int:
    """Write a new file of at most `limit` bytes; returns how many there were."""
    size = 0
    with path.open("xb") as file:
        while chunk := _reading(packed.read, _CHUNK):
            size += len(chunk)
            if size > limit:
                raise DataDamagedError("it unpacks to more than it should")
            file.write(chunk)
    return size


def _reading(read: Callable[[Any], Result], argument: Any) -> Result:
    """Call what reads the archive, so that its errors are told from those of writing."""
    try:
        return read(argument)
    except BROKEN_ARCHIVE as error:
        raise DataDamagedError(str(error)) from error


def _flush(path: Path) -> None:
    """Have the disk take what was written before it is renamed: power may fail after that."""
    if path.is_dir():
        os.sync()  # once for thousands of files
    else:
        with path.open("rb") as file:
            os.fsync(file.fileno())


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
