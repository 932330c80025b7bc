"""Which files are meant by what a user names."""

from pathlib import Path

import pytest

from mmbook.cli import files
from mmbook.cli.files import find_files, meant_once, reason


def test_folders_are_searched_and_sorted(tmp_path: Path) -> None:
    for name in ("b.png", "a.PNG", "ä/c.jpg", "ä/.hidden.png", ".git/d.png", "notes.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "folder.png").mkdir()
    found = list(find_files([tmp_path], {".png", ".jpg"}))
    names = [path.relative_to(tmp_path).as_posix() for path, _ in found]
    assert names == ["a.PNG", "b.png", "ä/c.jpg"] and not any(problem for _, problem in found)


def test_named_files_are_meant_whatever_they_are_called(tmp_path: Path) -> None:
    (tmp_path / "x").touch()
    assert list(find_files([tmp_path / "x", tmp_path / "x"], {".png"})) == [
        (tmp_path / "x", None),
        (tmp_path / "x", None),
    ]


def test_what_is_not_there_is_said_and_the_rest_goes_on(tmp_path: Path) -> None:
    (tmp_path / "x.png").touch()
    (tmp_path / "empty").mkdir()
    wanted = [tmp_path / "none", tmp_path / "empty", tmp_path / "x.png"]
    found = list(find_files(wanted, {".png", ".jpg"}))
    assert [path for path, _ in found] == wanted
    problems = [str(problem) for _, problem in found]
    assert problems[0] == "there is no such file or folder"
    assert problems[1] == "the folder holds no file that ends in .jpg, .png"
    assert problems[2] == "None"


def test_links_to_nothing_are_said_and_not_left_out(tmp_path: Path) -> None:
    (tmp_path / "x.png").symlink_to("nowhere.png")
    (tmp_path / "round.png").symlink_to("round.png")
    (tmp_path / "x.txt").symlink_to("nowhere.txt")
    found = {path.name: str(problem) for path, problem in find_files([tmp_path], {".png"})}
    assert found["x.png"] == "it is a link to what is not there"
    assert found.keys() == {"x.png", "round.png"} and "cannot be read" in found["round.png"]
    (named,) = find_files([tmp_path / "x.txt"], {".png"})
    assert str(named[1]) == "it is a link to what is not there"


def test_a_folder_that_may_not_be_read_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files.os, "access", lambda *_: False)
    (found,) = find_files([tmp_path], {".png"})
    assert str(found[1]) == "the folder may not be read"


def test_a_name_that_is_too_long_is_said(tmp_path: Path) -> None:
    (found,) = find_files([tmp_path / ("x" * 300)], {".png"})
    assert str(found[1]) == "it cannot be read: File name too long"


def test_a_file_is_meant_once_under_its_first_name(tmp_path: Path) -> None:
    (tmp_path / "x.png").touch()
    (tmp_path / "y.png").symlink_to("x.png")
    wanted = [tmp_path / "y.png", tmp_path, tmp_path / "x.png"]
    assert list(meant_once(wanted, {".png"})) == [(tmp_path / "y.png", None)]


@pytest.mark.parametrize(
    ("message", "short"),
    [
        ("cannot read the sound file a/x.wav: no format", "no format"),
        ("the sound file a/x.wav is empty", "the file is empty"),
        ("a/x.wav holds no samples", "the file holds no samples"),
        ("a/x.wav: it holds samples", "it holds samples"),
        ("no name in it", "no name in it"),
    ],
)
def test_a_reason_does_not_repeat_the_name(message: str, short: str) -> None:
    assert reason(ValueError(message), Path("a/x.wav")) == short
