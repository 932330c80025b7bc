"""An assignment for Otter-Grader and Gradescope: `python -m tools.editions.otter CHAPTER…`.

`_build/otter/PART/CHAPTER` gets the student's notebook, as in an assignment, a folder `tests` with
a file an exercise, and `autograder.zip`, which `otter run`, `otter grade` and Gradescope take. The
book's package lies in the zip, beside the notebook, so a grading machine installs only what the
package imports, and needs neither an address of the book nor a wheel.
"""

import argparse
import ast
import contextlib
import json
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Sequence
from pathlib import Path
from zipfile import ZipFile

from nbformat import NotebookNode
from otter.generate import main as generate
from packaging.requirements import Requirement

from mmbook.command_line import reported
from tools.editions.assignment import assignment_file, kept_back, name_of, points, summary
from tools.editions.chapter import Exercise, defined, exercises, role
from tools.editions.grading.judging import RUN
from tools.editions.grading.slicing import needed
from tools.editions.reader import renew
from tools.notebooks.book import REPOSITORY, Book, read_notebook

ZIP = "autograder.zip"
# Students see points and reasons: at once where no check is kept back, else when grades are out.
SETTINGS = {"show_all_public": True, "show_hidden": True}
# A grading machine has no GPU, and no libGL, which OpenCV's usual build loads.
INDEX = "--extra-index-url https://download.pytorch.org/whl/cpu"
HEADLESS = {"opencv-python": "opencv-python-headless"}
TEST = '''\
"""Exercise {name} of {chapter}; tools/editions/otter.py wrote this file."""

import ast
import contextlib

from otter.test_files import test_case

from mmbook.exercises import judge

OK_FORMAT = False
name = "{name}"
points = {points}

# The check and what it needs of the chapter. It sees no name of the notebook that is graded but
# those of classes, as the objects in the notebook are of its own ones. Statements are chosen by the
# names that they give values, so one that fails may be one that the check can do without.
CHECK = \'\'\'
{check}
\'\'\'


@test_case(name="{name}", hidden={hidden})
def test_{name}(env):
    book = {{"__name__": "__chapter__"}}
    for statement in ast.parse(CHECK).body:
        theirs = env.get(getattr(statement, "name", None))
        if isinstance(statement, ast.ClassDef) and isinstance(theirs, type):
            book[statement.name] = theirs
            continue
        with contextlib.suppress(Exception):
            exec(compile(ast.Module([statement], []), "<the check>", "exec"), book)
    answers = [eval(answer, env) for answer in {answers}]
    try:
        verdict = judge(book["check_{name}"], *answers)
    except BaseException as error:  # of which Otter would let the whole notebook fail
        raise AssertionError(f"{{type(error).__name__}}: {{error}}") from None
    assert verdict.right, verdict
'''


def file_of_test(exercise: Exercise, notebook: NotebookNode, chapter: str) -> str:
    """The test of an exercise in Otter's format with exceptions.

    Raises `ValueError` where another cell gives the answer a value: Otter runs the whole notebook,
    so that cell's value, and not the student's, could be judged.
    """
    for cell in notebook.cells:
        if cell.cell_type == "code" and cell.id != exercise.stub.id and role(cell) != "solution":
            for answer in sorted({*exercise.answers} & defined(cell.source)):
                raise ValueError(f"{chapter}: the cell {cell.id} gives {answer} a value too")
    check = check_source(exercise.name, notebook)
    return TEST.format(
        name=exercise.name,
        chapter=chapter,
        points=points(exercise),
        check=check.replace("\\", "\\\\").replace("'''", r"\'\'\'"),
        hidden=kept_back(exercise),
        answers=list(exercise.answers),
    )


def check_source(exercise: str, notebook: NotebookNode) -> str:
    """The function that checks an exercise, after the statements of the chapter that it needs."""
    cells = [cell.source for cell in notebook.cells if role(cell) in RUN]
    for cell in notebook.cells:
        if role(cell) == "check":  # less its last statement, the attempt
            cells.append(ast.unparse(ast.Module(ast.parse(cell.source).body[:-1], [])))
    statements = needed(cells, [f"check_{exercise}"])
    return "\n".join(ast.unparse(one.node) for one in statements if one.node is not None)


def requirements(root: Path = REPOSITORY) -> list[str]:
    """What a grading machine installs: what the package imports, in the book's tested versions."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    names = {Requirement(one).name for one in project["dependencies"]}
    pins = (root / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pinned = [pin.partition("==") for pin in pins]
    return [INDEX, *(f"{HEADLESS.get(a, a)}=={b}" for a, _, b in pinned if a in names)]


def unpack_package(folder: Path) -> None:
    """Put the package with its data into `folder`; needs no network."""
    wheel = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder)]
    done = subprocess.run([*wheel, str(REPOSITORY)], capture_output=True, text=True)
    if done.returncode:
        said = (done.stdout + done.stderr).strip().splitlines()
        raise ValueError(f"the package cannot be built: {said[-1] if said else 'no reason given'}")
    (made,) = folder.glob("*.whl")
    with ZipFile(made) as file:
        file.extractall(folder)
    made.unlink()


def write_autograder(path: Path, book: Book, folder: Path, package: Path) -> Path:
    """Write the tests and the zip for the chapter at `path` below `folder`; returns where.

    `package` is a folder that `unpack_package` filled.
    """
    chapter, notebook = name_of(path, book), read_notebook(path)
    files = {one.name: file_of_test(one, notebook, chapter) for one in exercises(notebook)}
    target = (folder / chapter).resolve()
    shutil.rmtree(target / "tests", ignore_errors=True)
    (target / "tests").mkdir(parents=True)
    for name, text in files.items():
        (target / "tests" / f"{name}.py").write_text(text, encoding="utf-8")
    with tempfile.TemporaryDirectory() as made, contextlib.chdir(package):
        needs, settings = Path(made, "requirements.txt"), Path(made, "otter_config.json")
        needs.write_text("\n".join(requirements()), encoding="utf-8")
        settings.write_text(json.dumps(SETTINGS), encoding="utf-8")
        generate(
            tests_dir=str(target / "tests"),
            output_path=str(target / ZIP),
            config=str(settings),
            requirements=str(needs),
            no_environment=True,
            python_version=f"{sys.version_info.major}.{sys.version_info.minor}",
            files=sorted(entry.name for entry in Path().iterdir()),
        )
    return target / ZIP


def write_chapters(paths: Sequence[Path], book: Book, folder: Path) -> list[str]:
    """Write notebooks, tests and zips; a line for each notebook that a lecturer had changed."""
    handouts = {path: assignment_file(path, book) for path in dict.fromkeys(paths)}
    said = []
    with tempfile.TemporaryDirectory() as package:
        unpack_package(Path(package))
        for path, made in handouts.items():
            write_autograder(path, book, folder, Path(package))
            name = name_of(path, book)
            said += renew({f"{name}/{path.name}": one for one in made.values()}, folder)
    return said


@reported
def main(words: list[str], book: Book | None = None) -> int:
    """Write what the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m tools.editions.otter")
    parser.add_argument("chapters", nargs="+", help="such as mathematics/attention")
    parser.add_argument("--folder", type=Path, default=Path("_build/otter"))
    options = parser.parse_args(words)
    book = book or Book()
    paths = [path for name in options.chapters for path in book.find(name)]
    for changed in write_chapters(paths, book, options.folder):
        print(changed)
    for path in dict.fromkeys(paths):
        place = options.folder / name_of(path, book)
        print(f"{place}: {path.name}, {ZIP}; {summary(read_notebook(path))}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
