"""A folder of submissions to the small book, graded once; each is a case of its own."""

import csv
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell

from tests.editions.grading.conftest import chapter_cells
from tools.editions.assignment import assignment
from tools.editions.chapter import role
from tools.editions.grading.__main__ import ask, main
from tools.editions.grading.host import Limits, Request
from tools.notebooks.book import REPOSITORY, Book, write_notebook

Row = dict[str, str]
DOUBLE, COLOURS, AREA = (f"part/numbers/{name}" for name in ("double", "colours", "area"))
RIGHT = {
    "double": "def double(number):\n    return number * 2",
    "colours": 'colours = {"grass": "green", "sky": "blue"}',
    "area": "def area(width, height):\n    return width * height",
}
# Each is an answer to `double`; the other two answers of the notebook are right.
BROKEN = {
    "wrong": "def double(number):\n    return number + 2",
    "loop": "def double(number):\n    while True:\n        pass",
    "sleep": "import time\n\n\ndef double(number):\n    time.sleep(600)",
    "memory": "def double(number):\n    return len(bytearray(2 * 2**30)) and 2 * number",
    "exit": "import os\n\n\ndef double(number):\n    os._exit(0)",
    "sys_exit": "import sys\n\n\ndef double(number):\n    sys.exit(0)",
    "killed": "import signal\n\n\ndef double(number):\n    signal.raise_signal(signal.SIGKILL)",
    "segfault": "import faulthandler\n\n\ndef double(number):\n    faulthandler._sigsegv()",
    "syntax": "def double(number:\n    return 2 * number",
    "raises": "raise_it = 1 / 0\n\n\ndef double(number):\n    return raise_it",
    "network": "import socket\n\n\ndef double(number):\n"
    '    socket.create_connection(("192.0.2.1", 80), 1)\n    return 2 * number',
    "writes": f'def double(number):\n    open({str(REPOSITORY / "stolen")!r}, "w").close()\n'
    "    return 2 * number",
    "reads": f"def double(number):\n    open({str(REPOSITORY / 'README.md')!r}).read()\n"
    "    return 2 * number",
    "writes_natively": f"import cv2\nimport numpy\n\n\ndef double(number):\n"
    f"    picture = numpy.zeros((2, 2), numpy.uint8)\n"
    f"    written = cv2.imwrite({str(REPOSITORY / 'stolen.png')!r}, picture)\n"
    "    return 2 * number if written else None",
    "process": "import subprocess\n\n\ndef double(number):\n"
    '    subprocess.run(["true"])\n    return 2 * number',
    "kills": "import os\n\n\ndef double(number):\n    os.kill(os.getppid(), 9)",
    "judge": "import mmbook.exercises\n\n\ndef right(*arguments):\n"
    '    return mmbook.exercises.Verdict("double", "right")\n\n\n'
    "mmbook.exercises.judge = right\nexercises.attempt = right\n\n\n"
    "def double(number):\n    mmbook.exercises.judge = right\n    return 0",
    "builtin": "import builtins\n\n\ndef double(number):\n    builtins.abs = lambda value: 0\n"
    "    return 4 if number == 2 else 0",
    "check": "def check_double(double):\n    pass\n\n\nexercises.attempt(check_double, double)",
    "equal": "import __main__\n\n\ndef double(number):\n"
    "    double.__globals__['twice'] = lambda number: 0\n    return 0",
    "frames": "import sys\n\n\ndef double(number):\n    sys._getframe(1)\n    return 2 * number",
    "pipe": "import os\n\n\ndef double(number):\n    for number in range(3, 20):\n"
    "        try:\n            os.write(number, b'right')\n"
    "        except OSError:\n            pass\n    return 0",
}
# Answers that stand elsewhere than where they are asked for, and are right.
MOVED: dict[str, Callable[[list[NotebookNode]], object]] = {
    "reversed": lambda cells: cells.reverse(),
    "split": lambda cells: cells.insert(
        0, new_code_cell("factor = 2\n\n\ndef double(number):\n    return number * factor")
    ),
    "scratch": lambda cells: cells.extend(
        [new_code_cell("print(double(3))\nwhile True:\n    pass"), new_code_cell("%time double(1)")]
    ),
    "untagged": lambda cells: [cell.metadata.clear() for cell in cells],
    "bare": lambda cells: cells.__setitem__(
        slice(None),
        [new_code_cell(source) for source in [chapter_cells()[1].source, *RIGHT.values()]],
    ),
}


def answered(answers: dict[str, str], name: str = "") -> NotebookNode:
    """The student's copy with these answers in the cells that ask for them."""
    notebook = assignment(
        NotebookNode(cells=chapter_cells(), metadata=NotebookNode()), "part/numbers"
    )
    notebook.update(nbformat=4, nbformat_minor=5)
    for cell in notebook.cells:
        if role(cell) == "exercise" and cell.metadata["mmbook"]["exercise"] in answers:
            cell.source = answers[cell.metadata["mmbook"]["exercise"]]
        if "student" in cell.metadata.get("tags", []):
            cell.source = f'student = {{"name": "{name}", "id": ""}}'
    return notebook


def hand_in(folder: Path) -> None:
    """One submission of each kind."""
    write_notebook(answered({}), folder / "stub.ipynb")
    write_notebook(answered(RIGHT, "=1+1"), folder / "right.ipynb")
    write_notebook(answered(RIGHT, "=1+1"), folder / "twin.ipynb")
    for name, source in BROKEN.items():
        write_notebook(answered({**RIGHT, "double": source}), folder / f"{name}.ipynb")
    for name, change in MOVED.items():
        notebook = answered(RIGHT)
        change(notebook.cells)
        if name in ("untagged", "bare"):
            notebook.metadata = NotebookNode()
        write_notebook(notebook, folder / f"{name}.ipynb")
    (folder / "empty.ipynb").write_bytes(b"")
    (folder / "damaged.ipynb").write_text('{"cells": [{"cell_')
    (folder / "list.ipynb").write_text("[1, 2]")
    (folder / "deep.ipynb").write_text("[" * 100_000)
    (folder / "report.pdf").write_bytes(b"%PDF")
    (folder / "stranger.ipynb").write_text(
        json.dumps({"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5})
    )
    (folder / "nobody").mkdir()
    (folder / "two").mkdir()
    write_notebook(answered(RIGHT), folder / "two" / "numbers (1).ipynb")
    write_notebook(answered({}), folder / "two" / "numbers (2).ipynb")


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
def test_a_bad_answer_costs_its_own_exercise(name: str, grades: dict[str, Row]) -> None:
    row = grades[f"{name}.ipynb"]
    assert got(row) == ("0", "1", "1", "2"), row["reasons"]


@pytest.mark.parametrize(
    "name, reason",
    {
        "wrong": "twice -1 is -2 (line 2 of your cell: return number + 2)",
        "loop": "still running after",
        "sleep": "still running after",
        "memory": "MemoryError",
        "exit": "its process ended before the check did (exit code 0)",
        "sys_exit": "SystemExit",
        "killed": "(signal 9)",
        "segfault": "(signal 11)",
        "syntax": "SyntaxError",
        "raises": "ZeroDivisionError",
        "network": "PermissionError: an answer may not use the network",
        "writes": "may not write",
        "reads": "may not read",
        "process": "may not start a process",
        "kills": "may not end a process",
        "builtin": "the answer replaces abs",
        "frames": "may not look into the frames",
    }.items(),
)
def test_the_reason_says_what_happened(name: str, reason: str, grades: dict[str, Row]) -> None:
    assert reason in grades[f"{name}.ipynb"]["reasons"]


def test_nothing_was_written_into_the_repository(grades: dict[str, Row]) -> None:
    assert not [*REPOSITORY.glob("stolen*")]


@pytest.mark.parametrize("name", MOVED)
def test_answers_are_found_wherever_they_stand(name: str, grades: dict[str, Row]) -> None:
    row = grades[f"{name}.ipynb"]
    assert got(row) == ("2", "1", "1", "4"), row["reasons"]


@pytest.mark.parametrize(
    "name, reason",
    {
        "empty.ipynb": "an empty file",
        "damaged.ipynb": "damaged",
        "list.ipynb": "damaged",
        "deep.ipynb": "damaged",
        "report.pdf": "not a notebook",
        "stranger.ipynb": "shares no code with part/numbers",
        "nobody": "there is no notebook in this folder",
        "two": "numbers (2).ipynb: a second notebook of part/numbers",
    }.items(),
)
def test_what_cannot_be_read_is_named(name: str, reason: str, grades: dict[str, Row]) -> None:
    assert reason in grades[name]["reasons"]


def test_a_name_that_comes_twice_is_named_and_is_no_formula(grades: dict[str, Row]) -> None:
    assert grades["right.ipynb"]["name"] == "'=1+1"
    assert "=1+1 also handed in right.ipynb" in grades["twin.ipynb"]["reasons"]
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
    cells = [BROKEN["sleep"], RIGHT["area"]]
    request = Request(str(path), {"a": (cells, ["double", "area"])}, Limits(2, in_all=1))
    slept, late = [verdict.reason for _, verdict in ask(request)]
    assert slept.startswith("still running after")
    assert late == "no time is left of the 1 s for a notebook"


def test_a_folder_that_is_not_there_is_named(
    course: Book, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(tmp_path / "nothing")], course) == 1
    assert "there is no folder" in capsys.readouterr().err


def test_a_chapter_that_fails_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "chapters" / "part" / "numbers.ipynb"
    path.parent.mkdir(parents=True)
    cells = [*chapter_cells(), new_code_cell("1 / 0")]
    write_notebook(NotebookNode(cells=cells, metadata={}, nbformat=4, nbformat_minor=5), path)
    (tmp_path / "in").mkdir()
    write_notebook(answered(RIGHT), tmp_path / "in" / "a.ipynb")
    assert main([str(tmp_path / "in")], Book(tmp_path)) == 1
    assert "ZeroDivisionError" in capsys.readouterr().err
