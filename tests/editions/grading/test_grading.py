"""A folder of submissions to the small book, graded once; each is a case of its own."""

import csv
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from nbformat.v4 import new_code_cell, new_notebook

from tests.editions.grading.conftest import chapter_cells
from tests.editions.grading.hostile import (
    BROKEN,
    HARMLESS,
    LINKS,
    MOVED,
    NAMES,
    RIGHT,
    UNREADABLE,
    answered,
    hand_in,
)
from tools.editions.grading.__main__ import ask, main
from tools.editions.grading.host import Limits, Request
from tools.notebooks.book import REPOSITORY, Book, write_notebook

pytestmark = pytest.mark.xdist_group("grading")  # they share what is graded once
Row = dict[str, str]
READABLE = ("right.ipynb", "old.ipynb", "marked.IPYNB", "two")
DOUBLE, COLOURS, AREA = (f"part/numbers/{name}" for name in ("double", "colours", "area"))


@pytest.fixture(scope="module")
def folder(course: Book, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The submissions, graded with two seconds and 500 MB an answer."""
    folder = tmp_path_factory.mktemp("submissions")
    hand_in(folder)
    limits = ["--seconds", "2", "--memory-mb", "500"]
    assert main([str(folder), *limits], course) == 0
    return folder


@pytest.fixture(scope="module")
def grades(folder: Path) -> dict[str, Row]:
    """The rows of the CSV by the submission's name."""
    with (folder / "grades.csv").open(encoding="utf-8-sig", newline="") as file:
        return {row["submission"]: row for row in csv.DictReader(file)}


def got(row: Row) -> tuple[str, str, str, str]:
    return row[DOUBLE], row[COLOURS], row[AREA], row["total"]


def test_a_stub_has_no_points(grades: dict[str, Row]) -> None:
    row = grades["stub.ipynb"]
    assert got(row) == ("0", "0", "0", "0")
    assert "double: nothing here yet" in row["reasons"]


def test_right_answers_have_all(grades: dict[str, Row]) -> None:
    row = grades["right.ipynb"]
    assert (*got(row), row["of"], row["reasons"]) == ("2", "1", "1", "4", "4", "")


@pytest.mark.parametrize("name", BROKEN)
def test_a_bad_answer_costs_its_own_exercise_and_is_told_why(
    name: str, grades: dict[str, Row]
) -> None:
    row = grades[f"{name}.ipynb"]
    assert got(row) == ("0", "1", "1", "2"), row["reasons"]
    assert BROKEN[name][1] in row["reasons"]


def test_nothing_was_written_into_the_repository(grades: dict[str, Row]) -> None:
    assert not [*REPOSITORY.glob("stolen*")]


@pytest.mark.parametrize("file", [*(f"{name}.ipynb" for name in (*HARMLESS, *MOVED)), *READABLE])
def test_right_answers_count_wherever_they_stand(file: str, grades: dict[str, Row]) -> None:
    row = grades[file]
    assert got(row) == ("2", "1", "1", "4"), row["reasons"]


@pytest.mark.parametrize(
    "name, reason",
    {
        **{name: reason for name, (_, reason) in UNREADABLE.items()},
        **dict.fromkeys(LINKS, "a link"),
        "nobody": "there is no notebook in this folder",
        "two": "numbers (2).ipynb: a second notebook of part/numbers",
    }.items(),
)
def test_what_cannot_be_read_is_named(name: str, reason: str, grades: dict[str, Row]) -> None:
    assert reason in grades[name]["reasons"]


def test_names_are_no_formulas_and_can_be_printed(grades: dict[str, Row]) -> None:
    shown = {name: grades[f"named-{place}.ipynb"]["name"] for place, name in enumerate(NAMES)}
    assert shown == NAMES
    assert got(grades["'=??.ipynb"]) == ("2", "1", "1", "4")


def test_a_name_that_comes_twice_is_named(grades: dict[str, Row]) -> None:
    assert "=1+1 also handed in named-0.ipynb" in grades["twin.ipynb"]["reasons"]
    assert grades["twin.ipynb"]["total"] == "4"


def test_a_grader_that_is_killed_leaves_the_table_that_was_there(
    course: Book, folder: Path
) -> None:
    before = (folder / "grades.csv").read_bytes()
    command = "import sys; from pathlib import Path; from tools.notebooks.book import Book\n"
    command += "from tools.editions.grading.__main__ import main\n"
    command += "main([sys.argv[1], '--seconds', '2'], Book(Path(sys.argv[2])))"
    grader = subprocess.Popen(
        [sys.executable, "-c", command, str(folder), str(course.root)], start_new_session=True
    )
    time.sleep(6)
    grader.kill()
    grader.wait()
    assert (folder / "grades.csv").read_bytes() == before
    deadline = time.monotonic() + 20
    while alive := _hosts(course.root):
        assert time.monotonic() < deadline, f"these processes were left: {alive}"
        time.sleep(0.2)


def _hosts(book: Path) -> list[str]:
    """Processes that work in the book's chapter folder."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if os.readlink(process / "cwd").startswith(str(book)):
                found.append(process.name)
        except OSError:
            continue
    return found


def test_a_notebook_has_so_much_time_in_all(course: Book) -> None:
    path = course.root / "chapters" / "part" / "numbers.ipynb"
    cells = [BROKEN["sleep"][0], RIGHT["area"]]
    request = Request(str(path), {"a": (cells, ["double", "area"])}, Limits(2, in_all=1))
    slept, late = [verdict.reason for _, verdict in ask(request)]
    assert slept.startswith("still running after")
    assert late == "no time is left of the 1 s for a notebook"


@pytest.mark.parametrize(
    "words, message",
    [
        (["nothing"], "there is no folder nothing"),
        (["empty"], "empty is empty"),
        (["in", "part/letters"], "no chapter 'part/letters'"),
        (["in", "in/a.ipynb"], "a.ipynb is no chapter of the book"),
        (["in", "--seconds", "0"], "limits of seconds and memory must be positive"),
        (["in"], "ZeroDivisionError"),
    ],
)
def test_what_cannot_be_graded_is_one_line(
    words: list[str],
    message: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Of a book whose only chapter fails."""
    path = tmp_path / "chapters" / "part" / "numbers.ipynb"
    for folder in (path.parent, tmp_path / "in", tmp_path / "empty"):
        folder.mkdir(parents=True)
    write_notebook(new_notebook(cells=[*chapter_cells(), new_code_cell("1 / 0")]), path)
    write_notebook(answered(RIGHT), tmp_path / "in" / "a.ipynb")
    monkeypatch.chdir(tmp_path)
    assert main(words, Book(tmp_path)) == 2
    said = capsys.readouterr().err.strip().splitlines()
    assert said[-1].startswith("error: ") and message in said[-1]
    assert not (tmp_path / "in" / "grades.csv").exists()
