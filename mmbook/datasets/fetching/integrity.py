"""Whether files are what their publisher released: sizes, counts and digests."""

import hashlib
import lzma
import os
import zipfile
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from typing import Literal

from mmbook.datasets.entries import DataDamagedError
from mmbook.datasets.fetching.sources import Contents, Source
from mmbook.paths import real_data_folder

# What reading a bad archive may raise; RuntimeError for an encrypted one, OSError for a place
# that cannot be and for what bzip2 cannot make out.
BROKEN_ARCHIVE = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, RuntimeError, OSError)


@dataclass(frozen=True)
class Finding:
    """What was found of one source: its path, relative to the folder of real data, and why.

    whole: it is what was released. unverified: it may be, but no digest is recorded.
    differs: it is not, because it was damaged or changed.
    """

    path: str
    state: Literal["whole", "unverified", "differs", "missing"]
    reason: str = ""


def digest(path: Path) -> str:
    """A file's sha256 in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def folder_digest(folder: Path, files: list[Path]) -> str:
    """The digest of what `sha256sum` prints for the files, sorted by name in bytes."""
    names = sorted(os.fsencode(path.relative_to(folder).as_posix()) for path in files)
    digests = [digest(folder / os.fsdecode(name)).encode() for name in names]
    lines = (b"%s  %s\n" % line for line in zip(digests, names, strict=True))
    return hashlib.sha256(b"".join(lines)).hexdigest()


# {sha256: places below the folder of real data} of all files that the catalogue records.
_places: dict[str, set[str]] = {}


def record_places(sources: Iterable[Source]) -> None:
    """Remember where the files of these sources belong, for `refuse_foreign`."""
    for source in sources:
        sha256 = source.contents.sha256 if source.contents else source.sha256
        if sha256:
            _places.setdefault(sha256, set()).add(source.place)


def refuse_foreign(path: Path, content: bytes) -> None:
    """Raise DataDamagedError where a file's content is known to be another file of a set."""
    places = _places.get(hashlib.sha256(content).hexdigest())
    root = real_data_folder()
    if places and path.is_relative_to(root) and path.relative_to(root).as_posix() not in places:
        raise DataDamagedError(f"{path} is not what its name says, but {min(places)}")


def file_fault(path: Path, source: Source) -> str:
    """What is wrong with the file that was fetched from a source; "" where nothing is."""
    size = path.stat().st_size
    if source.size is not None and size != source.size:
        return f"it has {size:,} bytes instead of {source.size:,}"
    if source.sha256 and (found := digest(path)) != source.sha256:
        return f"its sha256 is {found} instead of {source.sha256}"
    if source.file.endswith(".zip"):
        try:
            with zipfile.ZipFile(path) as archive:
                broken = archive.testzip()
        except BROKEN_ARCHIVE as error:
            return f"it is no whole zip archive: {error}"
        return f"its member {broken} is damaged" if broken else ""
    return ""


def contents_fault(path: Path, contents: Contents) -> str:
    """What is wrong with what was unpacked to a path; "" where nothing is."""
    files = [path]
    if path.is_dir():
        files = [file for file in path.rglob("*") if file.is_file()]
        files = [f for f in files if fnmatch(f.relative_to(path).as_posix(), contents.pattern)]
    if contents.files is not None and len(files) != contents.files:
        return f"it holds {len(files):,} files instead of {contents.files:,}"
    size = sum(file.stat().st_size for file in files)
    if contents.size is not None and size != contents.size:
        return f"it has {size:,} bytes instead of {contents.size:,}"
    if contents.sha256 is None:
        return ""
    found = folder_digest(path, files) if path.is_dir() else digest(path)
    expected = contents.sha256
    return "" if found == expected else f"its sha256 is {found} instead of {expected}"


def examine(source: Source, root: Path) -> Finding:
    """Look for what a source provides below a folder, unpacked or as it was published."""
    place, packed = root / source.place, root / source.file
    if source.contents and place.exists():
        fault, known = contents_fault(place, source.contents), source.contents.sha256
    elif packed.is_file():
        place, fault, known = packed, file_fault(packed, source), source.sha256
    else:
        return Finding(source.place, "missing", "it is not there")
    path = place.relative_to(root).as_posix()
    if fault:
        return Finding(path, "differs", fault)
    return Finding(path, "whole") if known else Finding(path, "unverified", "no digest is recorded")
