"""What the command lines share: words become options, errors become one message."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from mmbook.command_line import check_writable, parse, reported


@dataclass(frozen=True)
class Options:
    """Some."""

    steps: int
    name: str = "long"

    def __post_init__(self) -> None:
        if self.steps < 1:
            raise ValueError(f"steps must be positive, not {self.steps}")


def test_words_become_options() -> None:
    assert parse(Options, ["--steps", "3"], "program") == Options(3)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], "Missing from program: --steps INT (required); see program --help"),
        (["--steps", "x"], "Error parsing --steps: invalid literal for int() with base 10: 'x'"),
        (["--steps", "0"], "steps must be positive, not 0"),
        (["--stesp", "1"], "--stesp"),
        (["--steps", "3", "--steps"], "Missing value for argument '--steps'"),
    ],
)
def test_what_is_not_understood_is_one_line(
    words: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(ValueError) as caught:
        parse(Options, words, "program")
    assert message in str(caught.value)
    assert "\n" not in str(caught.value) and "│" not in str(caught.value)
    assert "".join(capsys.readouterr()) == ""


def test_help_ends_the_program_as_no_error(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        parse(Options, ["--help"], "program")
    assert caught.value.code == 0
    assert "--steps INT" in capsys.readouterr().out


def failing(error: BaseException):
    @reported
    def main(words: list[str]) -> int:
        raise error

    return main([])


def test_errors_are_reported(capsys: pytest.CaptureFixture[str], monkeypatch) -> None:
    monkeypatch.delenv("MMBOOK_TRACEBACK", raising=False)
    assert failing(ValueError("no")) == 2
    assert capsys.readouterr().err == "error: no\n"
    assert failing(IndexError("out")) == 2
    assert capsys.readouterr().err == "error: IndexError: out\n"
    assert failing(KeyboardInterrupt()) == 130
    assert capsys.readouterr().err == "stopped; the same command goes on from here\n"
    monkeypatch.setenv("MMBOOK_TRACEBACK", "1")
    assert failing(IndexError("out")) == 2
    assert "Traceback" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        failing(SystemExit(3))


def run(program: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", "-c", program.format(python=sys.executable)],
        capture_output=True,
        text=True,
        env=os.environ | environment,
        timeout=120,
    )


def test_a_reader_that_goes_away_is_no_traceback() -> None:
    done = run("{python} -m mmbook.datasets list | true")
    assert done.stderr == ""


def test_what_an_encoding_lacks_is_written_otherwise(tmp_path: Path) -> None:
    done = run(
        "{python} -m mmbook.datasets list", PYTHONIOENCODING="ascii", MMBOOK_DATA=str(tmp_path)
    )
    assert done.returncode == 0 and "112 \\xd7 112" in done.stdout


def test_folders_that_can_be_written(tmp_path: Path) -> None:
    check_writable(tmp_path)
    check_writable(tmp_path / "a" / "b")
    assert not list(tmp_path.iterdir())
    (tmp_path / "file").touch()
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    for wrong in ("file", "file/inside", "link", "link/inside"):
        with pytest.raises(ValueError, match="cannot be a folder for files"):
            check_writable(tmp_path / wrong)


def test_a_folder_that_may_not_be_changed(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)  # nothing is forbidden to root
    with pytest.raises(ValueError, match="may not be changed"):
        check_writable(tmp_path / "a")
