"""`python -m mmbook.datasets`: what it prints, and with which status it ends."""

import subprocess
import sys
from pathlib import Path

import pytest

from mmbook.datasets import __main__, catalogue
from mmbook.datasets.__main__ import main
from tests.datasets.fetching.bad_server import BadServer, running
from tests.datasets.fetching.downloads import CONTENT, archive, archived, plain, real_set


@pytest.fixture
def server():
    with running() as bad:
        bad.files = {"/plain.bin": CONTENT, "/set.zip": archive()}
        yield bad


@pytest.fixture(autouse=True)
def root(server: BadServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for three made-up sets, none of which is there."""
    entries = (
        real_set(plain(server.address), name="one"),
        real_set(plain(server.address), archived(server.address, tmp_path / "scratch"), name="two"),
        real_set(name="three", by_hand="Ask for it at https://example.org/made-up."),
    )
    monkeypatch.setattr(catalogue, "CATALOGUE", entries)
    monkeypatch.setenv("MMBOOK_DATA", str(tmp_path / "data"))
    monkeypatch.delenv("MMBOOK_MIRROR", raising=False)
    return tmp_path / "data"


def status(*words: str) -> int:
    """The exit status, however it is reached."""
    try:
        return main(list(words))
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else 1


def states(printed: str) -> dict[str, str]:
    """The column of `list` that says whether a set is there."""
    rows = [line.split("  ") for line in printed.splitlines() if ": 1 MB; CC0 1.0" in line]
    return {cells[0]: next(cell.strip() for cell in cells[1:] if cell.strip()) for cells in rows}


def test_list(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert status("list") == status() == 0
    printed = capsys.readouterr().out
    assert f"looked for in {root}" in printed
    assert states(printed) == {"one": "-", "two": "-", "three": "by hand"}
    assert status("download", "one") == status("list") == 0
    # All three share one folder here, and the first two a file.
    listed = capsys.readouterr().out
    assert states(listed) == {"one": "here", "two": "in part", "three": "here"}


def test_download_and_verify(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert status("verify") == 0
    assert f"{root} holds none of the sets" in capsys.readouterr().err
    assert status("verify", "two") == 1
    assert "  made-up/plain.bin: missing, it is not there" in capsys.readouterr().out
    assert status("download", "one", "two") == 0
    assert capsys.readouterr().out == f"one: {root / 'made-up'}\ntwo: {root / 'made-up'}\n"
    assert status("verify") == 0
    assert capsys.readouterr().out.splitlines() == [
        "one: 1 of 1 parts verified",
        "two: 2 of 2 parts verified",
        "three: is there, but nothing is recorded to verify it",
    ]
    (root / "made-up/sounds/a/2.wav").write_bytes(b"TWO")
    (root / "made-up/plain.bin").write_bytes(b"short")
    assert status("verify") == status("verify", "two") == 1
    printed = capsys.readouterr().out
    assert "two: 0 of 2 parts verified" in printed
    assert "  made-up/plain.bin: differs, it has 5 bytes instead of 200,000" in printed
    assert "  made-up/sounds: differs, its sha256 is" in printed


def test_what_cannot_be_verified_is_said(
    server: BadServer, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    entry = real_set(plain(server.address, known=False))
    monkeypatch.setattr(catalogue, "CATALOGUE", (entry,))
    assert status("download", "made-up") == status("verify") == 0
    assert "  made-up/plain.bin: unverified, no digest is recorded" in capsys.readouterr().out


def test_a_mirror(
    server: BadServer, root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mirror = str(tmp_path / "mirror")
    assert status("mirror", mirror, "one", "two") == 0
    assert capsys.readouterr().out == f"one: {mirror} has its files\ntwo: {mirror} has its files\n"
    server.files.clear()
    assert status("download", "two", "--mirror", mirror) == status("verify", "two") == 0
    assert len(server.requests) == 2


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("download four", "error: there is no data set 'four'; there are one, two, three"),
        ("verify four", "error: there is no data set 'four'"),
        ("download three", "cannot be fetched by a command.\nAsk for it at https://example.org"),
        ("download one --mirror nowhere", "error: a mirror is a folder or an http(s) address"),
        ("download one three", "cannot be fetched by a command"),
        ("download one four", "error: there is no data set 'four'"),
        (
            "download one two --mirror ~no-such-user/mirror",
            "error: a mirror is a folder or an http(s)",
        ),
        ("download", "error: the NAME of a set is needed"),
        ("mirror", "error: Missing from python -m mmbook.datasets mirror: FOLDER"),
        ("mirror folder", "error: the NAME of a set is needed"),
        ("mirror folder one four", "error: there is no data set 'four'"),
        ("mirror {file} one", "cannot be a folder for files"),
        ("mirror {file}/inside one", "cannot be a folder for files"),
        ("fetch one", "error: Unrecognized options: fetch, one Available subcommands: list, down"),
        ("download one --bogus", "error: Unrecognized options: --bogus"),
        ("list one", "error: Unrecognized options: one"),
    ],
)
def test_what_is_wrong_is_named_before_anything_is_fetched(
    words: str, message: str, server: BadServer, root: Path, tmp_path: Path, capsys
) -> None:
    (tmp_path / "file").write_text("no folder")
    assert status(*words.format(file=tmp_path / "file").split()) == 2
    printed = capsys.readouterr()
    assert message in printed.err
    assert len(printed.err.splitlines()) == (2 if "three" in words else 1)
    assert printed.out == "" and not server.requests and not root.exists()


@pytest.mark.parametrize("words", ["--help", "list --help", "download --help", "mirror --help"])
def test_help_is_no_error(words: str, capsys) -> None:
    assert status(*words.split()) == 0
    printed = capsys.readouterr()
    assert printed.err == "" and "usage: python -m mmbook.datasets" in printed.out
    if "download" in words:
        assert "NAME [NAME ...]" in printed.out and "MMBOOK_MIRROR" in printed.out


@pytest.mark.parametrize("words", ["list", "verify", "verify one", "download one"])
@pytest.mark.parametrize("place", [None, "~no-such-user/data"])
def test_a_missing_home_is_one_line(
    words: str, place: str | None, monkeypatch: pytest.MonkeyPatch, capsys
) -> None:
    def without_home(*_):
        raise KeyError("no such user")

    for name in ("MMBOOK_DATA", "XDG_CACHE_HOME", "HOME"):
        monkeypatch.delenv(name, raising=False)
    if place:
        monkeypatch.setenv("MMBOOK_DATA", place)
    monkeypatch.setattr("pwd.getpwuid", without_home)
    assert status(*words.split()) == 2
    error = capsys.readouterr().err
    assert error.startswith("error: no home folder is known for ~") and "MMBOOK_DATA" in error
    assert error.count("\n") == 1


def test_a_set_that_is_not_all_fetched_says_what_to_do(
    server: BadServer, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    entry = real_set(plain(server.address), by_hand="Ask for the rest.")
    monkeypatch.setattr(catalogue, "CATALOGUE", (entry,))
    assert status("download", "made-up") == 0
    assert "What cannot be fetched by a command: Ask for the rest." in capsys.readouterr().out


def test_an_interruption_is_no_error(monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    def interrupt(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(__main__, "download", interrupt)
    assert status("download", "one") == 130
    assert capsys.readouterr().err == "stopped; the same command goes on from here\n"


def test_as_a_program(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "mmbook.datasets", "verify", "minst"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("error: there is no data set 'minst'; there are digits, ")
