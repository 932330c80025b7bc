"""Samples in tar files: how they are written, and read by number.

The layout is that of WebDataset: a shard is a plain tar file, and members that stand together and
share what comes before the first point of their name are one sample: 000017.png, 000017.txt.
"""

import tarfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from io import BytesIO
from itertools import islice
from pathlib import Path
from typing import Any

CHECKSUM = "MMBOOK.crc32"  # of a member's bytes, in its extended header, which others pass over
BLOCK = 512  # a tar file is made of these, and ends in two of zeros
KEY = "__key__"
Sample = Mapping[str, bytes]  # {extension: content}


class ShardError(ValueError):
    """A shard that cannot be read; the message names shard, member and byte."""


@dataclass(frozen=True)
class Place:
    """Where a member's content lies: from which byte on, how many, and their checksum if known."""

    name: str
    start: int
    size: int
    crc32: int | None


def write_shards(
    samples: Iterable[Mapping[str, Any]], folder: Path, samples_each: int
) -> list[Path]:
    """Writes samples to shard-000000.tar, shard-000001.tar, ... in a folder; gives their paths.

    samples: {"__key__": a name without points and slashes, extension: bytes, ...} each. The same
    samples give the same bytes. A checksum of each member goes into its extended header.
    Raises ValueError for a sample without a key or content, or whose key comes twice in a row.
    """
    if samples_each < 1:
        raise ValueError(f"a shard needs 1 sample or more, not {samples_each}")
    folder.mkdir(parents=True, exist_ok=True)
    numbered = iter(enumerate(samples))
    paths: list[Path] = []
    before = None
    while group := list(islice(numbered, samples_each)):
        paths.append(folder / f"shard-{len(paths):06}.tar")
        with tarfile.open(paths[-1], "w", format=tarfile.PAX_FORMAT) as archive:
            for number, sample in group:
                for member, content in _members(sample, number, before):
                    archive.addfile(member, BytesIO(content))
                before = sample[KEY]
    return paths


def _members(
    sample: Mapping[str, Any], number: int, before: str | None
) -> Iterator[tuple[tarfile.TarInfo, bytes]]:
    key = sample.get(KEY)
    if not isinstance(key, str) or not key or "." in key or "/" in key or key == before:
        raise ValueError(
            f"sample {number} needs a {KEY} of its own, without points and slashes, not {key!r}"
        )
    parts = {name: content for name, content in sample.items() if name != KEY}
    if not parts or not all(isinstance(content, bytes) for content in parts.values()):
        raise ValueError(f"sample {number}, {key!r}, needs bytes by extension, one at least")
    for extension, content in parts.items():
        member = tarfile.TarInfo(f"{key}.{extension}")
        member.size = len(content)
        member.pax_headers = {CHECKSUM: str(zlib.crc32(content))}
        yield member, content


class Shard:
    """One shard, open: its samples by number. Its headers are read once, its contents when asked.

    Raises ShardError where a header is damaged, or the file ends before its end: Python's own
    `tarfile` takes both for the end, and says nothing.
    """

    def __init__(self, path: Path) -> None:
        self.path, self._file = path, path.open("rb")
        self.keys: list[str] = []
        self.places: list[dict[str, Place]] = []
        try:
            self._read_headers()
        except BaseException:
            self.close()
            raise

    def __len__(self) -> int:
        return len(self.keys)

    def __getitem__(self, number: int) -> Sample:
        """The contents of a sample. Raises ShardError where one is cut off or was changed."""
        return {name: self._content(place) for name, place in self.places[number].items()}

    def close(self) -> None:
        """Closes the file."""
        self._file.close()

    def _read_headers(self) -> None:
        size, last, end = self.path.stat().st_size, "", 0
        try:
            with tarfile.open(fileobj=self._file, mode="r:") as archive:
                for member in archive:
                    last, end = member.name, member.offset_data + member.size
                    if end > size:
                        said = f"{end} bytes are needed, and the file has {size}"
                        raise self._error(last, member.offset_data, f"is cut off: {said}")
                    if member.isfile():
                        self._add(member)
        except tarfile.TarError as error:
            raise self._error(last, end, f"cannot be read: {error}") from error
        end += -end % BLOCK
        self._file.seek(end)
        if self._file.read(2 * BLOCK) != bytes(2 * BLOCK):
            raise self._error(last, end, "is followed by what is neither a header nor the end")

    def _add(self, member: tarfile.TarInfo) -> None:
        folder, _, name = member.name.rpartition("/")
        stem, _, extension = name.partition(".")
        key = f"{folder}/{stem}" if folder else stem
        if not self.keys or self.keys[-1] != key:
            self.keys.append(key)
            self.places.append({})
        if extension in self.places[-1]:
            raise self._error(member.name, member.offset_data, "comes twice in its sample")
        known = member.pax_headers.get(CHECKSUM)
        crc32 = None if known is None else int(known)
        self.places[-1][extension] = Place(member.name, member.offset_data, member.size, crc32)

    def _content(self, place: Place) -> bytes:
        self._file.seek(place.start)
        content = self._file.read(place.size)
        if len(content) < place.size:
            raise self._error(place.name, place.start, f"is cut off after {len(content)} bytes")
        if place.crc32 not in (None, zlib.crc32(content)):
            raise self._error(
                place.name, place.start, "is not what was written: its checksum fails"
            )
        return content

    def _error(self, member: str, byte: int, what: str) -> ShardError:
        where = f"member {member!r}, byte {byte}" if member else f"byte {byte}"
        return ShardError(f"{self.path}: {where}: {what}; write or fetch this shard again")
