"""Fetching one file over HTTP so that a broken connection costs only what was not yet sent."""

import http.client
import os
import socket
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

from tqdm import tqdm

from mmbook.datasets.fetching.integrity import file_fault
from mmbook.datasets.fetching.sources import Source

LARGEST = 2**32  # bytes that are taken where no size is recorded
_CHUNK = 2**16


@dataclass(frozen=True)
class Patience:
    """How long to wait for a server.

    timeout: seconds without an answer. rate: bytes a second, below which it counts as stalled.
    tries: of each address. pause: seconds before the second try, doubled for each further one.
    """

    timeout: float = 30.0
    rate: float = 1000.0
    tries: int = 4
    pause: float = 1.0


class UnreachableError(Exception):
    """No address provided the file; the message has one line an address."""


class _Passing(Exception):
    """What another try may mend."""


class _Final(Exception):
    """What another try would only repeat."""


def fetch(source: Source, target: Path, addresses: Sequence[str], patience: Patience) -> None:
    """Fetch a source's file to `target`, which is then whole, or not there.

    What arrives is kept in `target`.part until it is complete and its size and digest are right,
    so a later call continues it: the server is asked for the rest, provided that its file is still
    the same one (RFC 9110, section 13.1.5). A server that cannot do that sends all of it again.
    Raises UnreachableError, and OSError where the disk does not take it.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(target.name + ".part")
    failures = []
    for address in addresses:
        try:
            _fetch_from(address, source, part, patience)
        except _Final as failure:
            failures.append(f"{address}: {failure}")
        else:
            part.replace(target)
            _drop(part)
            return
    raise UnreachableError("\n".join(failures))


def _fetch_from(address: str, source: Source, part: Path, patience: Patience) -> None:
    """Complete the part file from one address. Raises _Final."""
    cause = ""
    for attempt in range(patience.tries):
        if attempt:
            time.sleep(patience.pause * 2 ** (attempt - 1))
        begun = part.stat().st_size if part.exists() else 0
        try:
            if not begun or begun != source.size:
                _continue(address, source, part, begun, patience)
        except _Passing as failure:
            cause = str(failure)
            continue
        cause = file_fault(part, source)
        if not cause:
            return
        _drop(part)
        if not begun:
            break  # all of it came from here just now
    raise _Final(cause)


def _continue(address: str, source: Source, part: Path, begun: int, patience: Patience) -> None:
    """Ask for what the part file lacks, and write what comes. Raises _Passing or _Final."""
    headers = {"User-Agent": "mmbook"}
    notes = _version_file(part)
    version = notes.read_text("utf-8", errors="replace") if notes.exists() else ""
    if begun and version and version.isascii() and version.isprintable():
        headers |= {"Range": f"bytes={begun}-", "If-Range": version}
    with _open(Request(address, headers=headers), part, patience) as response:
        start = begun if response.status == http.client.PARTIAL_CONTENT else 0
        if start and not response.headers.get("Content-Range", "").startswith(f"bytes {start}-"):
            _drop(part)
            raise _Passing("sent another part than it was asked for")
        length = response.headers.get("Content-Length", "")
        total = start + int(length) if length.isdecimal() else None
        if source.size is not None and total not in (None, source.size):
            raise _Final(f"offers {total:,} bytes instead of {source.size:,}")
        with part.open("r+b" if start else "wb") as file:
            if not start:
                notes.write_text(_version(response.headers), encoding="utf-8")
            file.seek(start)
            bar = tqdm(
                desc=part.name.removesuffix(".part"),
                total=total or source.size,
                initial=start,
                unit="B",
                unit_scale=True,
                disable=None,  # where stderr is no terminal
            )
            with bar:
                _copy(response, file, bar, source.size or LARGEST, patience)
            os.fsync(file.fileno())
        if total is not None and part.stat().st_size < total:
            raise _Passing(f"sent only {part.stat().st_size:,} of {total:,} bytes")


def _open(request: Request, part: Path, patience: Patience) -> Any:
    """The response to a request; what went wrong becomes _Passing or _Final."""
    try:
        return urlopen(request, timeout=patience.timeout)
    except HTTPError as error:
        error.close()
        if error.code == http.client.REQUESTED_RANGE_NOT_SATISFIABLE:
            _drop(part)  # it is longer than the file
        again = error.code in (408, 416, 425, 429) or error.code >= 500
        kind, (reason, *_) = _Passing if again else _Final, str(error.reason).split("\n")
        raise kind(f"answered {error.code}, {reason}") from error
    except URLError as error:
        if isinstance(error.reason, socket.gaierror):
            raise _Final(f"no network, or no such host ({error.reason.strerror})") from error
        gone = isinstance(error.reason, FileNotFoundError | PermissionError)  # of a mirror's folder
        raise (_Final if gone else _Passing)(str(error.reason)) from error
    except (OSError, http.client.HTTPException) as error:
        raise _Passing(f"broke off: {error!r}") from error


def _copy(response: Any, file: IO[bytes], bar: Any, limit: int, patience: Patience) -> None:
    """Write what comes. Raises _Passing where it stalls or breaks off, _Final where it is more."""
    since, received = time.monotonic(), 0
    while True:
        try:
            chunk = response.read1(_CHUNK)
        except (OSError, ValueError, http.client.HTTPException) as error:
            raise _Passing(f"broke off: {error!r}") from error
        if not chunk:
            return
        if file.tell() + len(chunk) > limit:
            raise _Final(f"sends more than {limit:,} bytes")
        file.write(chunk)
        bar.update(len(chunk))
        received += len(chunk)
        passed = time.monotonic() - since
        if passed > patience.timeout:
            if received < patience.rate * passed:
                raise _Passing(f"sent only {received} bytes in {passed:.0f} s")
            since, received = time.monotonic(), 0


def _drop(part: Path) -> None:
    """Forget a part file and its version."""
    part.unlink(missing_ok=True)
    _version_file(part).unlink(missing_ok=True)


def _version_file(part: Path) -> Path:
    """Where it is kept which version of the file a part file belongs to."""
    return part.with_name(part.name + ".version")


def _version(headers: Any) -> str:
    """What tells one version of the file from another: a strong ETag, or else its date."""
    etag = headers.get("ETag", "")
    return etag if etag.startswith('"') else headers.get("Last-Modified", "")
