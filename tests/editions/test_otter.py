"""Otter-Grader gives the points that the book's own grader gives, without a network."""

import ast
import contextlib
import csv
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import CodeType
from zipfile import ZipFile

import nbformat
import pytest
import yaml
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell
from otter.test_files import ExceptionTestFile

from tests.editions.grading.conftest import course  # noqa: F401  a fixture
from tests.editions.grading.hostile import RIGHT, double
from tests.editions.test_answers import CHAPTERS, written
from tools.editions.assignment import points
from tools.editions.chapter import Exercise, exercises, judged, role
from tools.editions.grading.__main__ import main as grade
from tools.editions.grading.judging import RUN
from tools.editions.grading.slicing import needed
from tools.editions.otter import file_of_test, main, unpack_package
from tools.notebooks.book import REPOSITORY, Book, read_notebook
from tools.notebooks.offline import METHOD, offline_command

REAL = "algorithms/speech-preprocessing"
pytestmark = pytest.mark.xdist_group("otter")  # they share a package that is built
Points = dict[str, float]


def solved(exercise: Exercise) -> str:
    """The book's solution under the names that are asked for."""
    body = ast.parse(exercise.solution.source).body[:-1]
    names = zip(exercise.answers, judged(exercise.solution.source, exercise.name), strict=True)
    return "\n".join([ast.unparse(ast.Module(body, [])), *(f"{a} = {b}" for a, b in names)])


def answered(handout: Path, answers: dict[str, str], check: str = "") -> NotebookNode:
    """A student's notebook with answers; the check of exercise `check` is edited to pass."""
    notebook = nbformat.read(handout, as_version=4)
    for cell in notebook.cells:
        name = cell.metadata.get("mmbook", {}).get("exercise", "")
        if role(cell) == "exercise" and name in answers:
            cell.source = answers[name]
        if role(cell) == "check" and name == check:
            cell.source = f"def check_{name}(*answers):\n    pass\n\n\n"
            cell.source += f"print(exercises.attempt(check_{name}, 1))"
    return notebook


def otter(notebook: Path, autograder: Path, output: Path) -> Points:
    """The points that `otter run` writes down for a notebook, by exercise."""
    output.mkdir()
    words = ["run", "--no-logo", "-a", str(autograder), "-o", str(output), str(notebook)]
    command, environment = offline_command(
        [sys.executable, "-m", "otter", *words], os.environ.get(METHOD, "auto")
    )
    done = subprocess.run(command, env=environment, cwd=output, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    found = json.loads((output / "results.json").read_text(encoding="utf-8"))["tests"]
    return {one["name"]: one["score"] for one in found if "score" in one}


def both(
    folder: Path, book: Book, chapter: str, hand_in: Callable[[Path], dict[str, NotebookNode]]
) -> tuple[dict[str, Points], dict[str, Points]]:
    """The points of submissions, by their name: Otter's, and those of the book's own grader.

    Otter grades a chapter of the book in half a minute, so each submission should show much.
    """
    assert main([chapter, "--folder", str(folder / "made")], book) == 0
    made, submissions = folder / "made" / chapter, folder / "submissions"
    submissions.mkdir()
    found = {}
    for name, notebook in hand_in(made / f"{made.name}.ipynb").items():
        nbformat.write(notebook, submissions / f"{name}.ipynb")
        zipped = made / "autograder.zip"
        found[name] = otter(submissions / f"{name}.ipynb", zipped, folder / name)
    assert grade([str(submissions), chapter], book) == 0
    with (submissions / "grades.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = {row["submission"].removesuffix(".ipynb"): row for row in csv.DictReader(file)}
    names = next(iter(found.values()))
    ours = {
        name: {one: float(row[f"{chapter}/{one}"]) for one in names} for name, row in rows.items()
    }
    return found, ours


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package, unpacked once for all tests."""
    folder = tmp_path_factory.mktemp("package")
    unpack_package(folder)
    return folder


@pytest.fixture(autouse=True)
def unpacked(package: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command takes that package instead of building it anew."""

    def copy(folder: Path) -> None:
        shutil.copytree(package, folder, dirs_exist_ok=True)

    monkeypatch.setattr("tools.editions.otter.unpack_package", copy)


def test_points_of_a_small_chapter(course: Book, tmp_path: Path) -> None:  # noqa: F811
    def hand_in(handout: Path) -> dict[str, NotebookNode]:
        helpless = answered(handout, RIGHT)  # the check of `area` needs the chapter's `twice`
        helpless.cells.append(new_code_cell("twice = exercises = points = name = None"))
        wrong = {"area": RIGHT["area"], "colours": 'colours = {"grass": "green", "sky": "grey"}'}
        base = RIGHT | {"double": double("raise BaseException('no error')")}
        return {
            "stub": answered(handout, {}),
            "helpless": helpless,
            "wrong": answered(handout, wrong, check="double"),
            "base": answered(handout, base),
        }

    found, ours = both(tmp_path, course, "part/numbers", hand_in)
    assert (
        found
        == ours
        == {
            "stub": {"double": 0, "colours": 0, "area": 0},
            "helpless": {"double": 2, "colours": 1, "area": 1},
            "wrong": {"double": 0, "colours": 0, "area": 1},
            "base": {"double": 0, "colours": 1, "area": 1},
        }
    )


def test_points_of_a_chapter_of_the_book(tmp_path: Path) -> None:
    asked = exercises(read_notebook(CHAPTERS[REAL]))
    full = {one.name: float(points(one)) for one in asked}

    def hand_in(handout: Path) -> dict[str, NotebookNode]:
        given = {one.name: solved(one) for one in asked}
        given["tones"] = next(iter(written(REAL)["tones"]["wrong"].values()))
        del given["htk"]
        return {"given": answered(handout, given, check="htk")}

    found, ours = both(tmp_path, Book(REPOSITORY), REAL, hand_in)
    expected = full | {"tones": 0.0, "htk": 0.0}
    assert found == ours == {"given": expected} and sum(expected.values()) > 0


# Where a check needs a class, a file or a function of other cells; all chapters take ten minutes.
NEEDY = (
    "algorithms/text-preprocessing",
    "concepts/general-model",
    "mathematics/attention",
    "projects/image-text/preprocessing",
)


@pytest.mark.parametrize("name", NEEDY)
def test_a_check_brings_what_it_needs_of_its_chapter(name: str) -> None:
    notebook = read_notebook(CHAPTERS[name])
    cells = [cell.source for cell in notebook.cells if role(cell) in RUN]
    for one in exercises(notebook):
        test = ExceptionTestFile.from_string(file_of_test(one, notebook, name))
        assert (test.name, test.possible) == (one.name, points(one))
        notebook_of_student: dict[str, object] = {"__name__": "__main__"}
        for statement in needed([*cells, solved(one)], one.answers):
            assert isinstance(statement.code, CodeType)
            with contextlib.suppress(Exception):
                exec(statement.code, notebook_of_student)
        test.run(notebook_of_student)
        assert test.passed_all, test.summary()


def test_the_zip_installs_what_the_package_imports_and_holds_the_package(
    course: Book,  # noqa: F811
    tmp_path: Path,
) -> None:
    assert main(["part/numbers", "--folder", str(tmp_path)], course) == 0
    with ZipFile(tmp_path / "part" / "numbers" / "autograder.zip") as file:
        inside = set(file.namelist())
        environment = yaml.safe_load(file.read("environment.yml"))
    assert {"tests/double.py", "tests/colours.py", "tests/area.py"} < inside
    assert {"files/mmbook/exercises.py", "files/mmbook/_data/models/README.md"} < inside
    needs = environment["dependencies"][-1]["pip"]
    assert {need.partition("==")[0] for need in needs} > {"torch", "numpy", "soundfile"}
    assert not [need for need in needs if need.startswith(("mmbook", "opencv-python=="))]


def test_a_name_that_two_cells_give_a_value_is_refused(
    course: Book,  # noqa: F811
) -> None:
    notebook = read_notebook(course.root / "chapters" / "part" / "numbers.ipynb")
    notebook.cells.append(new_code_cell("area = 6", id="last"))
    one = exercises(notebook)[2]
    with pytest.raises(ValueError, match="the cell last gives area a value too"):
        file_of_test(one, notebook, "part/numbers")
