"""Made-up real sets that the tests of downloading share."""

import gzip
import hashlib
import io
import random
import zipfile
from pathlib import Path

from mmbook.datasets.entries import RealSet
from mmbook.datasets.fetching.integrity import folder_digest
from mmbook.datasets.fetching.sources import Contents, Source
from mmbook.datasets.fetching.transfer import Patience

CONTENT = random.Random(0).randbytes(200_000)
FILES = {"a/1.wav": b"one" * 5000, "a/2.wav": b"two", "b/3.wav": b"", "notes.txt": b"no sound"}
PATIENCE = Patience(timeout=0.3, rate=1000, tries=3, pause=0.001)


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def zipped(files: dict[str, bytes]) -> bytes:
    """An archive with these members."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def real_set(*sources: Source, name: str = "made-up", by_hand: str = "") -> RealSet:
    return RealSet(
        name=name,
        title="Made-up set",
        what="Nothing.",
        teaches="nothing",
        size="1 MB",
        licence="CC0 1.0",
        homepage="https://example.org/made-up",
        folder="made-up",
        layout="one file",
        sources=sources,
        by_hand=by_hand,
    )


def plain(*addresses: str, known: bool = True) -> Source:
    """A file as it is, at /plain.bin; `known` says whether size and digest are recorded."""
    urls = tuple(f"{address}/plain.bin" for address in addresses)
    if not known:
        return Source(urls, "made-up/plain.bin")
    return Source(urls, "made-up/plain.bin", len(CONTENT), sha256(CONTENT))


def packed(address: str) -> Source:
    """A gzipped file, at /plain.bin.gz."""
    contents = Contents("made-up/plain.bin", len(CONTENT), sha256(CONTENT))
    archive = gzip.compress(CONTENT, mtime=0)
    file = "made-up/plain.bin.gz"
    return Source((f"{address}/plain.bin.gz",), file, len(archive), sha256(archive), contents)


def archived(address: str, scratch: Path) -> Source:
    """A zip archive without a digest at /set.zip, of whose folder `set` the sounds are taken."""
    sounds = {name: content for name, content in FILES.items() if name.endswith(".wav")}
    for name, content in sounds.items():
        (scratch / name).parent.mkdir(parents=True, exist_ok=True)
        (scratch / name).write_bytes(content)
    contents = Contents(
        "made-up/sounds",
        size=sum(map(len, sounds.values())),
        sha256=folder_digest(scratch, [scratch / name for name in sounds]),
        files=len(sounds),
        inside="set",
        pattern="*.wav",
    )
    return Source((f"{address}/set.zip",), "made-up.zip", contents=contents)


def archive() -> bytes:
    """What lies at /set.zip."""
    return zipped({f"set/{name}": content for name, content in FILES.items()})
