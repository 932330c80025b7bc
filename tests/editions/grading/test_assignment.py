from pathlib import Path

import pytest
from nbformat import NotebookNode

from tools.editions.assignment import assignment, kept_back, main, points
from tools.editions.chapter import exercises, role
from tools.notebooks.book import REPOSITORY, Book, read_notebook


def test_no_solution_is_left(numbers: NotebookNode) -> None:
    made = assignment(numbers, "part/numbers")
    text = "\n".join(cell.source for cell in made.cells)
    assert "solution" not in [role(cell) for cell in made.cells]
    for left in ("_solution", "Solution", "Try first", "Because", "green", "return 2 * number"):
        assert left not in text, left
    assert "Why is it so?" in text
    assert "Read on." in text, "a dropdown outside an exercise is no answer"
    assert "## Next" in text


def test_the_check_of_a_value_is_kept_back_and_others_stay(numbers: NotebookNode) -> None:
    assert [kept_back(one) for one in exercises(numbers)] == [False, True, False]
    made = assignment(numbers, "part/numbers")
    checks = [cell.source for cell in made.cells if role(cell) == "check"]
    assert "exercises.attempt(check_double, double)" in checks[0]
    assert "kept back" in checks[1]
    counted = next(cell.source for cell in made.cells if role(cell) == "exercises")
    assert counted.endswith('Exercises("double", "area")')


def test_the_author_decides_otherwise(numbers: NotebookNode) -> None:
    for cell in numbers.cells:
        if role(cell) == "check":
            cell.metadata["mmbook"]["kept_back"] = True
    made = assignment(numbers, "part/numbers")
    assert "exercises" not in [role(cell) for cell in made.cells], "there is nothing to count"
    assert "tally" not in [role(cell) for cell in made.cells]


def test_titles_say_the_points(numbers: NotebookNode) -> None:
    assert [points(one) for one in exercises(numbers)] == [2, 1, 1]
    text = "\n".join(cell.source for cell in assignment(numbers, "part/numbers").cells)
    assert "{exercise} Double (2 points)\n" in text
    assert "{exercise} Area (1 point)\n" in text
    assert "{exercise} By hand\n" in text, "nobody grades it"


def test_a_cell_asks_for_the_name(numbers: NotebookNode) -> None:
    made = assignment(numbers, "part/numbers")
    assert made.cells[2].source == 'student = {"name": "", "id": ""}'
    assert made.metadata.mmbook.chapter == "part/numbers"


def test_the_chapter_stays_as_it_was(numbers: NotebookNode) -> None:
    before = str(numbers)
    assignment(numbers, "part/numbers")
    assert str(numbers) == before


@pytest.mark.parametrize("path", Book(REPOSITORY).chapters(), ids=lambda path: path.stem)
def test_every_chapter_of_the_book(path: Path) -> None:
    notebook = read_notebook(path)
    made = assignment(notebook, path.stem)
    text = "\n".join(cell.source for cell in made.cells)
    assert "{solution}" not in text and "Show an answer" not in text
    assert "_solution" not in text and "Solution(" not in text
    assert len(exercises(notebook)) == [role(cell) for cell in made.cells].count("exercise")


def test_the_command_writes_a_notebook_and_says_what_is_in_it(
    course: Book, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    chapter = str(course.root / "chapters" / "part" / "numbers")
    assert main([chapter, "--folder", str(tmp_path)], course) == 0
    assert read_notebook(tmp_path / "part" / "numbers.ipynb").cells
    assert "3 exercises, 4 points; checks kept back: colours" in capsys.readouterr().out


def test_what_a_lecturer_changed_is_not_written_again(course: Book, tmp_path: Path) -> None:
    file = tmp_path / "part" / "numbers.ipynb"
    words = ["part", "part/numbers", "--folder", str(tmp_path)]
    assert main(words, course) == 0
    changed = file.read_text().replace("You will double them.", "For Monday.")
    file.write_text(changed)
    assert main(words, course) == 0
    assert file.read_text() == changed


@pytest.mark.parametrize("name", ["part/letters", "empty"])
def test_a_chapter_that_is_not_there_is_named(
    name: str, course: Book, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (course.root / "chapters" / "empty").mkdir(exist_ok=True)
    assert main(["part/numbers", name, "--folder", str(tmp_path / "made")], course) == 2
    assert name in capsys.readouterr().err
    assert not (tmp_path / "made").exists()
