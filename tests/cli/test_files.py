"""Which files are meant by what a user names."""

from pathlib import Path

from mmbook.cli.files import find_files


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
