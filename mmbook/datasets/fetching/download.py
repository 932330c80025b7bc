"""Getting a real data set from its publisher, or from a mirror in the classroom."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import quote

from filelock import FileLock, Timeout

from mmbook.datasets.catalogue import find
from mmbook.datasets.entries import DataDamagedError, DataMissingError, RealSet
from mmbook.datasets.fetching.integrity import examine, file_fault
from mmbook.datasets.fetching.sources import Source
from mmbook.datasets.fetching.transfer import Patience, UnreachableError, fetch
from mmbook.datasets.fetching.unpacking import unpack
from mmbook.paths import real_data_folder

MIRROR = "MMBOOK_MIRROR"


class DownloadError(DataMissingError):
    """A data set could not be fetched; the message says why, and what can be done."""


def download(name: str, *, mirror: str | None = None, patience: Patience | None = None) -> Path:
    """Get a real set into the folder of real data, as its loader reads it; returns its folder.

    What is already there and whole is left alone; what a broken download left is continued.
    mirror: a folder, or the address of one, as `fill_mirror` makes it; it is tried before the
    publisher. Without it, the environment variable MMBOOK_MIRROR may name one.
    Raises ValueError for an unknown name or mirror, DownloadError where something cannot be
    fetched or written, DataDamagedError where files of the set are not what was released.
    """
    root = real_data_folder()

    def provide(source: Source) -> None:
        if _is_there(source, root):
            return
        _fetch(source, root, mirror, patience)
        if source.contents:
            archive = root / source.file
            try:
                unpack(archive, source.contents, root / source.place)
            except DataDamagedError:
                archive.unlink()
                raise
            archive.unlink()

    entry = find_fetchable(name)
    if not all(_is_there(source, root) for source in entry.sources):
        _provide_all(entry, root, provide)
    return root / entry.folder


def fill_mirror(
    name: str, folder: Path, *, mirror: str | None = None, patience: Patience | None = None
) -> None:
    """Fetch a set's files as they are published, for others to download from that folder.

    Raises what `download` does.
    """

    def provide(source: Source) -> None:
        _fetch(source, folder, mirror, patience)

    _provide_all(find_fetchable(name), folder, provide)


def find_real(name: str) -> RealSet:
    """The catalogue's entry of a real set. Raises ValueError for another name."""
    entry = find(name)
    if isinstance(entry, RealSet):
        return entry
    raise ValueError(f"{name} is {entry.kind}: it needs no download")


def find_fetchable(name: str) -> RealSet:
    """The same, but raises DownloadError too where the set can be had by hand only."""
    entry = find_real(name)
    if entry.sources:
        return entry
    raise DownloadError(f"{entry.title} cannot be fetched by a command.\n{entry.way}")


def _provide_all(entry: RealSet, root: Path, provide: Callable[[Source], None]) -> None:
    """Provide every source, one process at a time; what goes wrong names the set."""
    try:
        root.mkdir(parents=True, exist_ok=True)
        with _alone(root / f".{entry.name}.lock", entry.title):
            for source in entry.sources:
                provide(source)
    except UnreachableError as error:
        raise DownloadError(
            f"{entry.title} ({entry.size}; {entry.licence}) could not be fetched:\n{error}\n"
            f"What arrived is kept; to go on from there:\n"
            f"    python -m mmbook.datasets download {entry.name}\n"
            f"Where there is no network, --mirror or {MIRROR} can name a folder or a server that "
            f"has the files. The publisher: {entry.homepage}"
        ) from error
    except DataMissingError:
        raise
    except OSError as error:
        raise DownloadError(
            f"{entry.title} ({entry.size}) cannot be written below {root}: {error.strerror} "
            f"({error.filename or root}). Make room or choose another folder with MMBOOK_DATA."
        ) from error
    finally:
        for source in entry.sources:
            _remove_empty((root / source.file).parent, root)


def _remove_empty(folder: Path, root: Path) -> None:
    """Remove a folder below `root`, and those around it, as far as nothing is in them."""
    with suppress(OSError):  # it holds something, or was never made
        while folder != root:
            folder.rmdir()
            folder = folder.parent


@contextmanager
def _alone(path: Path, title: str) -> Iterator[None]:
    """Hold a lock, which the system gives back should the process be killed."""
    lock = FileLock(path)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        print(f"waiting for another process that fetches {title}", file=sys.stderr)
        lock.acquire()
    try:
        yield
    finally:
        lock.release()


def _is_there(source: Source, root: Path) -> bool:
    """Whether nothing is to be done. Raises DataDamagedError where a folder is in the way."""
    finding = examine(source, root)
    path = root / source.place
    if finding.state == "differs" and path.is_dir():
        raise DataDamagedError(
            f"{path} is there, but {finding.reason}: move it away to have it fetched again"
        )
    return finding.path == source.place and finding.state in ("whole", "unverified")


def _fetch(source: Source, root: Path, mirror: str | None, patience: Patience | None) -> None:
    """Fetch a file unless it is there, for instance of a process that was killed later."""
    path = root / source.file
    if not path.is_file() or file_fault(path, source):
        address = mirror_address(mirror)
        first = (f"{address}/{quote(source.file)}",) if address else ()
        fetch(source, path, (*first, *source.urls), patience or Patience())


def mirror_address(mirror: str | None) -> str:
    """The address of a mirror, or of the one that the environment names; "" where there is none.

    Raises ValueError for one that is neither a folder nor an http(s) address.
    """
    mirror = mirror or os.environ.get(MIRROR) or ""
    if mirror and not mirror.startswith(("http://", "https://")):
        folder = Path(mirror)
        with suppress(RuntimeError):  # there is no such user's home
            folder = folder.expanduser()
        if not folder.is_dir():
            raise ValueError(f"a mirror is a folder or an http(s) address, not {mirror!r}")
        mirror = folder.resolve().as_uri()
    return mirror.rstrip("/")
