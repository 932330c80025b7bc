"""Downloads from a server that does everything a server should not do."""

import errno
import gzip
import io
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from filelock import FileLock
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mmbook.datasets.entries import DataDamagedError, DataMissingError
from mmbook.datasets.fetching import transfer
from mmbook.datasets.fetching.download import DownloadError, download, fill_mirror
from mmbook.datasets.fetching.sources import Contents, Source
from mmbook.datasets.fetching.transfer import Patience
from tests.datasets.fetching.bad_server import (
    BadServer,
    announce,
    another_part,
    chunked,
    corrupt,
    drip,
    endless,
    redirect,
    running,
    serve,
    stall,
    status,
    truncate,
)
from tests.datasets.fetching.downloads import (
    CONTENT,
    FILES,
    PATIENCE,
    archive,
    archived,
    packed,
    plain,
    real_set,
)

ONCE = Patience(timeout=0.3, rate=1000, tries=1, pause=0)
LOOP = redirect("/plain.bin")  # followed as often as Python's library likes
NOBODY = "http://127.0.0.1:9"  # where nothing listens


@pytest.fixture
def server():
    with running() as bad:
        bad.files = {
            "/plain.bin": CONTENT,
            "/plain.bin.gz": gzip.compress(CONTENT, mtime=0),
            "/set.zip": archive(),
        }
        yield bad


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MMBOOK_DATA", str(tmp_path / "data"))
    monkeypatch.delenv("MMBOOK_MIRROR", raising=False)
    return tmp_path / "data"


def get(*sources: Source, **options) -> Path:
    """Download a set as if it were in the catalogue."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("mmbook.datasets.catalogue.CATALOGUE", (real_set(*sources),))
        return download("made-up", **{"patience": PATIENCE, **options})


def left(root: Path) -> set[str]:
    """The files below a folder, without the lock."""
    files = {path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()}
    return files - {".made-up.lock"}


def arrived(root: Path) -> bool:
    """Whether the file is there, whole, and nothing else; it must never be there in part."""
    path = root / "made-up/plain.bin"
    assert not path.exists() or path.read_bytes() == CONTENT
    return left(root) == {"made-up/plain.bin"}


# What may pass


@pytest.mark.parametrize("known", [True, False], ids=["known", "unknown"])
@pytest.mark.parametrize(
    "behave",
    [
        truncate(0),
        truncate(60_000),
        stall(60_000),
        chunked(3),
        *map(status, (408, 429, 500, 503)),
    ],
    ids=["nothing", "cut", "stalled", "chunked", "408", "429", "500", "503"],
)
def test_what_passes_is_tried_again(server: BadServer, root: Path, behave, known: bool) -> None:
    server.script = [behave, behave]
    get(plain(server.address, known=known))
    assert arrived(root)
    assert len(server.requests) == 3


def test_only_the_rest_is_asked_for(server: BadServer, root: Path) -> None:
    server.script = [truncate(80_000), truncate(50_000)]
    get(plain(server.address))
    assert [asked for _, asked in server.requests] == ["", "bytes=80000-", "bytes=130000-"]
    assert server.sent == len(CONTENT)
    assert arrived(root)


def test_a_later_call_continues(server: BadServer, root: Path) -> None:
    server.script = [truncate(80_000)]
    with pytest.raises(DownloadError, match=r"sent only 80,000 of 200,000 bytes"):
        get(plain(server.address), patience=ONCE)
    assert left(root) == {"made-up/plain.bin.part", "made-up/plain.bin.part.version"}
    get(plain(server.address), patience=ONCE)
    assert server.requests[1] == ("/plain.bin", "bytes=80000-")
    assert arrived(root)


@given(cuts=st.lists(st.integers(0, len(CONTENT)), max_size=5))
@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_wherever_it_is_cut(server: BadServer, tmp_path_factory, cuts: list[int]) -> None:
    root = tmp_path_factory.mktemp("cut")
    server.script, server.sent = [truncate(cut) for cut in cuts], 0
    patience = Patience(timeout=5, tries=len(cuts) + 1, pause=0)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MMBOOK_DATA", str(root))
        get(plain(server.address), patience=patience)
    assert arrived(root)
    assert server.sent == len(CONTENT)


def test_a_server_without_ranges_sends_all_again(server: BadServer, root: Path) -> None:
    server.ranges, server.script = False, [truncate(80_000)]
    get(plain(server.address))
    assert server.sent == 80_000 + len(CONTENT)
    assert arrived(root)


@pytest.mark.parametrize("version", ["", 'W/"1"'], ids=["none", "weak"])
def test_a_version_that_cannot_be_told_is_fetched_anew(
    server: BadServer, root: Path, version: str
) -> None:
    server.version, server.script = version, [truncate(80_000)]
    get(plain(server.address))
    assert [asked for _, asked in server.requests] == ["", ""]
    assert arrived(root)


def test_parts_of_two_versions_are_not_joined(server: BadServer, root: Path) -> None:
    def replace(handler, content) -> None:
        truncate(80_000)(handler, content)
        server.version, server.files["/plain.bin"] = '"2"', CONTENT[::-1]

    server.script = [replace]
    get(plain(server.address, known=False))
    assert server.requests[1] == ("/plain.bin", "bytes=80000-")
    assert (root / "made-up/plain.bin").read_bytes() == CONTENT[::-1]


@pytest.mark.parametrize("wrong", [corrupt, another_part])
def test_a_wrong_rest_is_fetched_anew(server: BadServer, root: Path, wrong) -> None:
    server.script = [truncate(80_000), wrong]
    get(plain(server.address))
    assert [asked for _, asked in server.requests] == ["", "bytes=80000-", ""]
    assert arrived(root)


@pytest.mark.parametrize("known", [True, False], ids=["known", "unknown"])
def test_a_part_longer_than_the_file_is_dropped(server, root: Path, known: bool) -> None:
    (root / "made-up").mkdir(parents=True)
    (root / "made-up/plain.bin.part").write_bytes(CONTENT + b"more")
    (root / "made-up/plain.bin.part.version").write_text('"1"')
    get(plain(server.address, known=known))
    assert arrived(root)


@pytest.mark.parametrize("version", [b"\0" * 3, b"\xff\xfe", '"é"'.encode(), b'"1"\n', b""])
def test_a_damaged_note_of_the_version_costs_only_time(server, root: Path, version: bytes) -> None:
    (root / "made-up").mkdir(parents=True)
    (root / "made-up/plain.bin.part").write_bytes(CONTENT[:9])
    (root / "made-up/plain.bin.part.version").write_bytes(version)
    get(plain(server.address))
    assert server.requests == [("/plain.bin", "")]
    assert arrived(root)


def test_a_complete_part_needs_no_server(root: Path) -> None:
    (root / "made-up").mkdir(parents=True)
    (root / "made-up/plain.bin.part").write_bytes(CONTENT)
    get(plain(NOBODY))
    assert arrived(root)


# What does not pass


@pytest.mark.parametrize(
    ("behave", "cause", "requests"),
    [
        (status(403), "answered 403, Forbidden", 1),
        (status(404), "answered 404, Not Found", 1),
        (LOOP, "answered 302, The HTTP server returned a redirect error", 5),
        (status(404, ""), r"answered 404, \n", 1),
        (announce(5), "offers 200,005 bytes instead of 200,000", 1),
        (announce(-5), "offers 199,995 bytes instead of 200,000", 1),
        (corrupt, "its sha256 is .* instead of", 1),
        (endless, "sends more than 200,000 bytes", 1),
        (drip, "sent only .* bytes in 0 s", 3),
        (stall(1000), r"broke off: TimeoutError\('timed out'\)", 3),
        (status(500), "answered 500, Internal Server Error", 3),
    ],
)
def test_the_second_address_is_tried(server, root: Path, behave, cause: str, requests: int) -> None:
    server.script = [behave] * 20
    with pytest.raises(DownloadError, match=cause):
        get(plain(server.address))
    assert len(server.requests) == requests or behave is LOOP
    assert not (root / "made-up/plain.bin").exists()
    with running() as good:
        good.files = server.files
        get(plain(server.address, good.address), patience=ONCE)
    assert arrived(root)


def test_a_redirection_is_followed(server: BadServer, root: Path) -> None:
    server.files["/moved.bin"] = CONTENT
    server.script = [redirect("/moved.bin")]
    get(plain(server.address))
    assert arrived(root)


@pytest.mark.parametrize(
    ("behave", "cause"), [(announce(5), "sent only"), (endless, "sends more than 300,000 bytes")]
)
def test_a_file_without_digest_has_bounds_too(
    server: BadServer, root: Path, monkeypatch: pytest.MonkeyPatch, behave, cause: str
) -> None:
    monkeypatch.setattr(transfer, "LARGEST", 300_000)
    server.script = [behave] * 3
    with pytest.raises(DownloadError, match=cause):
        get(plain(server.address, known=False))
    assert not (root / "made-up/plain.bin").exists()


def test_without_network_the_error_says_what_to_do(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unknown(*_, **__):
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(DataMissingError) as caught:
        get(plain("http://one.example.org", "http://two.example.org"), patience=Patience())
    message = str(caught.value)
    for part in (
        "Made-up set (1 MB; CC0 1.0) could not be fetched",
        "http://one.example.org/plain.bin: no network, or no such host",
        "http://two.example.org/plain.bin: no network, or no such host",
        "python -m mmbook.datasets download made-up",
        "MMBOOK_MIRROR",
        "https://example.org/made-up",
    ):
        assert part in message
    assert not left(root)


def test_nothing_is_left_where_nothing_arrived(root: Path, tmp_path: Path) -> None:
    mine = root / "made-up"
    nested = Source((f"{NOBODY}/x.bin",), "made-up/raw/deep/x.bin")
    for _ in range(2):
        with pytest.raises(DownloadError):
            get(nested, patience=ONCE)
        assert not mine.exists()
    mine.mkdir()
    (mine / "notes.txt").write_text("the reader's")
    with pytest.raises(DownloadError):
        get(nested, patience=ONCE)
    assert [path.name for path in mine.iterdir()] == ["notes.txt"]


def test_what_arrived_is_kept_and_is_not_the_set(server: BadServer, root: Path) -> None:
    server.script = [truncate(80_000)]
    with pytest.raises(DownloadError):
        get(plain(server.address), patience=ONCE)
    assert left(root) == {"made-up/plain.bin.part", "made-up/plain.bin.part.version"}
    missing = real_set(plain(server.address))
    assert not missing.present()
    with pytest.raises(DataMissingError) as caught:
        missing.part("plain.bin")
    for part in ("Made-up set (1 MB; CC0 1.0)", "python -m mmbook.datasets download made-up"):
        assert part in str(caught.value)


def test_a_part_that_is_missing_is_named_with_size_and_licence(root: Path) -> None:
    (root / "made-up").mkdir(parents=True)
    (root / "made-up/other.bin").write_bytes(b"1")
    with pytest.raises(DataMissingError) as caught:
        real_set(plain(NOBODY)).part("plain.bin")
    for part in ("holds no plain.bin", "1 MB; CC0 1.0", "mmbook.datasets download made-up"):
        assert part in str(caught.value)


def test_nobody_listens(root: Path) -> None:
    with pytest.raises(DownloadError, match=r"127\.0\.0\.1:9/plain\.bin: .*refused"):
        get(plain(NOBODY))


def test_a_full_disk_is_named_and_nothing_is_lost(
    server: BadServer, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(transfer.os, "fsync", full)
        with pytest.raises(DownloadError, match=r"Made-up.*No space left on device.*MMBOOK_DATA"):
            get(plain(server.address))
    get(plain(server.address))
    assert arrived(root)
    assert server.sent == len(CONTENT)


def test_a_folder_that_cannot_be_written_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_bytes(b"")
    monkeypatch.setenv("MMBOOK_DATA", str(tmp_path / "file" / "data"))
    with pytest.raises(
        DownloadError, match=r"cannot be written below .*file/data.*Not a directory"
    ):
        get(plain(NOBODY))


# Archives


def test_a_gzipped_file_is_unpacked(server: BadServer, root: Path) -> None:
    server.script = [truncate(80_000)]
    get(packed(server.address))
    assert arrived(root)
    get(packed(server.address))
    assert len(server.requests) == 2


def test_a_folder_of_an_archive_is_unpacked(server: BadServer, root: Path, tmp_path: Path) -> None:
    get(archived(server.address, tmp_path / "scratch"))
    expected = {f"made-up/sounds/{name}" for name in FILES if name.endswith(".wav")}
    assert left(root) == expected
    for name in expected:
        assert (root / name).read_bytes() == FILES[name.removeprefix("made-up/sounds/")]
    get(archived(server.address, tmp_path / "scratch"))
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("damage", "cause"),
    [
        (lambda content: b"<html>Please log in</html>", "File is not a zip file"),
        (lambda content: content[:-30], "File is not a zip file"),
        (
            lambda content: content[:60] + bytes([content[60] ^ 255]) + content[61:],
            "invalid|damaged",
        ),
    ],
    ids=["page", "cut", "turned"],
)
def test_an_archive_without_digest_must_be_whole(server, root, tmp_path, damage, cause) -> None:
    server.files["/set.zip"] = damage(archive())
    with pytest.raises(DownloadError, match=cause):
        get(archived(server.address, tmp_path / "scratch"))
    assert not left(root)


def test_an_archive_of_something_else_leaves_nothing(server: BadServer, root: Path) -> None:
    contents = Contents("made-up/sounds", files=7, inside="set")
    with pytest.raises(DataDamagedError, match=r"made-up\.zip cannot be used: it holds 4 files"):
        get(Source((f"{server.address}/set.zip",), "made-up.zip", contents=contents))
    assert not left(root)


def test_a_folder_that_is_in_the_way_is_left_alone(server, root: Path, tmp_path: Path) -> None:
    (root / "made-up/sounds").mkdir(parents=True)
    (root / "made-up/sounds/mine.wav").write_bytes(b"mine")
    with pytest.raises(DataDamagedError, match=r"sounds is there, but it holds 1 files .* move it"):
        get(archived(server.address, tmp_path / "scratch"))
    assert left(root) == {"made-up/sounds/mine.wav"}
    assert not server.requests


def test_a_damaged_file_is_replaced(server: BadServer, root: Path) -> None:
    (root / "made-up").mkdir(parents=True)
    (root / "made-up/plain.bin").write_bytes(CONTENT[:-1])
    get(packed(server.address))
    assert arrived(root)


# Other processes


def run(code: str, repository: Path) -> subprocess.Popen:
    """A Python process with the made-up sets at hand."""
    start = (
        "import os, pathlib, sys, types\n"
        "package = types.ModuleType('mmbook.datasets')\n"  # its own would import torch: seconds
        "package.__path__ = ['mmbook/datasets']\n"
        "sys.modules['mmbook.datasets'] = package\n"
        "from mmbook.datasets import catalogue\n"
        "from mmbook.datasets.fetching.download import download\n"
        "from tests.datasets.fetching.downloads import archived, plain, real_set\n"
    )
    return subprocess.Popen([sys.executable, "-c", start + code], cwd=repository)


def test_killed_while_downloading(server: BadServer, root: Path, repository: Path) -> None:
    server.script = [stall(120_000)]
    part = root / "made-up/plain.bin.part"
    code = f"catalogue.CATALOGUE = (real_set(plain({server.address!r})),)\ndownload('made-up')"
    process = run(code, repository)
    deadline = time.monotonic() + 60
    while not part.exists() or part.stat().st_size < 100_000:
        assert time.monotonic() < deadline and process.poll() is None
        time.sleep(0.01)
    process.kill()
    assert process.wait() == -signal.SIGKILL
    assert left(root) == {"made-up/plain.bin.part", "made-up/plain.bin.part.version"}
    begun = part.stat().st_size
    get(plain(server.address))
    assert server.requests == [("/plain.bin", ""), ("/plain.bin", f"bytes={begun}-")]
    assert arrived(root)


def test_killed_while_unpacking(
    server: BadServer, root: Path, repository: Path, tmp_path: Path
) -> None:
    code = (
        "os.sync = lambda: os.kill(os.getpid(), 9)\n"
        f"source = archived({server.address!r}, pathlib.Path({str(tmp_path / 'scratch')!r}))\n"
        "catalogue.CATALOGUE = (real_set(source),)\n"
        "download('made-up')"
    )
    assert run(code, repository).wait() == -signal.SIGKILL
    assert "made-up/.sounds.unpacking/a/1.wav" in left(root)
    assert not (root / "made-up/sounds").exists()
    get(archived(server.address, tmp_path / "scratch"))
    assert left(root) == {f"made-up/sounds/{name}" for name in FILES if name.endswith(".wav")}
    assert len(server.requests) == 1


def test_one_process_at_a_time(server: BadServer, root: Path, capsys) -> None:
    root.mkdir()
    lock = FileLock(root / ".made-up.lock")
    thread = threading.Thread(target=get, args=(plain(server.address),))
    with lock:
        thread.start()
        thread.join(0.3)
        assert thread.is_alive() and not server.requests
        # As the other process would have done by now:
        (root / "made-up").mkdir()
        (root / "made-up/plain.bin").write_bytes(CONTENT)
    thread.join(5)
    assert not thread.is_alive() and not server.requests
    assert capsys.readouterr().err == "waiting for another process that fetches Made-up set\n"


def test_no_reader_sees_a_part_of_it(server: BadServer, root: Path, tmp_path: Path) -> None:
    seen = []

    def watched(handler, content) -> None:
        head = handler.start(content)
        for at in range(0, len(head), 10_000):
            handler.send(head[at : at + 10_000])
            seen.append(arrived(root) or (root / "made-up/sounds").exists())

    server.script = [watched, watched]
    get(plain(server.address), archived(server.address, tmp_path / "scratch"))
    assert len(seen) > 10
    assert not seen[0]
    assert (root / "made-up/sounds").is_dir()


# Mirrors


@pytest.fixture
def mirror(server: BadServer, root: Path, tmp_path: Path) -> Path:
    """A folder that was filled from the publisher, who is then gone."""
    folder = tmp_path / "class room"
    sources = plain(server.address), archived(server.address, tmp_path / "scratch")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("mmbook.datasets.catalogue.CATALOGUE", (real_set(*sources),))
        for _ in range(2):  # the second time there is nothing to do
            fill_mirror("made-up", folder, patience=PATIENCE)
    assert len(server.requests) == 2
    assert left(folder) == {"made-up/plain.bin", "made-up.zip"}
    return folder


@pytest.mark.parametrize("how", ["folder", "address", "variable"])
def test_a_mirror_serves_what_it_was_filled_with(
    mirror: Path, root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    sources = plain(NOBODY), archived(NOBODY, tmp_path / "scratch")
    with running() as local:
        local.files = {f"/at/{name}": (mirror / name).read_bytes() for name in left(mirror)}
        if how == "variable":
            monkeypatch.setenv("MMBOOK_MIRROR", str(mirror))
        options = {"folder": {"mirror": str(mirror)}, "address": {"mirror": f"{local.address}/at/"}}
        get(*sources, **options.get(how, {}))
    assert (root / "made-up/plain.bin").read_bytes() == CONTENT
    assert (root / "made-up/sounds/a/2.wav").read_bytes() == b"two"
    assert left(mirror) == {"made-up/plain.bin", "made-up.zip"}


@pytest.mark.parametrize("damage", [Path.unlink, lambda path: path.write_bytes(CONTENT[1:])])
def test_what_a_mirror_lacks_comes_from_the_publisher(mirror, server, root, damage) -> None:
    damage(mirror / "made-up/plain.bin")
    get(plain(server.address), mirror=str(mirror), patience=ONCE)
    assert arrived(root)


def test_a_mirror_that_is_none_is_refused(root: Path, tmp_path: Path) -> None:
    for mirror in (str(tmp_path / "none"), "ftp://example.org"):
        with pytest.raises(ValueError, match="a mirror is a folder or an http"):
            get(plain(NOBODY), mirror=mirror)


# The rest


def test_sets_that_cannot_be_downloaded(root: Path) -> None:
    with pytest.raises(ValueError, match=r"no data set 'minst'; there are .*mnist"):
        download("minst")
    with pytest.raises(ValueError, match="digits is generated: it needs no download"):
        download("digits")
    with pytest.raises(DownloadError, match=r"(?s)COCO.* cannot be fetched by a command.*Take"):
        download("coco-cc")
    assert not root.exists()


@pytest.mark.parametrize("terminal", [True, False])
def test_progress_is_shown_on_a_terminal(server, root, monkeypatch, terminal: bool) -> None:
    stderr = io.StringIO()
    stderr.isatty = lambda: terminal
    monkeypatch.setattr(sys, "stderr", stderr)
    server.script = [truncate(80_000), serve]
    get(plain(server.address))
    assert ("plain.bin: 100%" in stderr.getvalue()) == terminal
    assert bool(stderr.getvalue()) == terminal


def test_a_source_says_what_it_needs() -> None:
    with pytest.raises(ValueError, match=r"x\.bin needs at least one address"):
        Source((), "x.bin")
    with pytest.raises(ValueError, match=r"x\.bin must be a \.gz or a \.zip"):
        Source(("http://example.org",), "x.bin", contents=Contents("x"))
