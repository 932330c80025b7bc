"""The site for a course holds no solution: in no page, no search index and no download."""

import re
from pathlib import Path

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from tools.editions.chapter import defined, role
from tools.editions.course import build_course
from tools.editions.solutions import without_solutions, without_words_on_solutions
from tools.notebooks.book import REPOSITORY, Book, read_notebook

CHAPTERS = Book().chapters()
DIRECTIVE = (
    "````{exercise} Sum\n:label: e\n\nShow it.\n\n```{dropdown} Show an answer\nSo.\n```\n````"
)
PROOF = "```{solution} e\n:class: dropdown\n\nThus.\n```\n\n```{exercise} Next\nGo on.\n```"


def solution(source: str):
    return new_code_cell(source, metadata={"tags": ["solution", "hide-cell"]})


def texts(*cells) -> list[str]:
    notebook = new_notebook(cells=list(cells))
    return [cell.source for cell in without_solutions(notebook).cells]


def test_answers_in_the_text_go_and_the_exercises_stay() -> None:
    assert texts(new_markdown_cell(DIRECTIVE)) == [
        "````{exercise} Sum\n:label: e\n\nShow it.\n\n````"
    ]
    assert texts(new_markdown_cell(PROOF)) == ["```{exercise} Next\nGo on.\n```"]


def test_the_section_goes_with_all_that_is_in_it_up_to_the_next() -> None:
    found = texts(
        new_markdown_cell("## Summary\n\nAll of it.\n\n## Solutions\n\nTry first."),
        new_markdown_cell("### A hint"),
        new_code_cell("helper_of_solutions = 1"),
        solution("def a_solution(): ..."),
        new_markdown_cell("## Further\n\nRead on."),
        new_code_cell("kept = 1"),
    )
    assert found == ["## Summary\n\nAll of it.", "## Further\n\nRead on.", "kept = 1"]


def test_a_solution_outside_the_section_goes_too() -> None:
    assert texts(solution("a_solution = 1"), new_code_cell("b = 2")) == ["b = 2"]


def test_pages_do_not_speak_of_solutions_that_are_not_there() -> None:
    text = "One<!--solutions-->, and\ntwo<!--/solutions-->. <!--solutions-->A<!--/solutions-->"
    assert without_words_on_solutions(text) == "One. "
    for page, words in (("intro.md", "stay folded"), ("chapters/appendix/setup.md", "the folded")):
        whole = (REPOSITORY / page).read_text(encoding="utf-8")
        assert words in whole and words not in without_words_on_solutions(whole)


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_everything_else_of_a_chapter_stays(path: Path) -> None:
    notebook = read_notebook(path)
    left = without_solutions(notebook)
    code = [cell.id for cell in notebook.cells if cell.cell_type == "code"]
    gone = {cell.id for cell in notebook.cells if role(cell) == "solution"}
    assert [cell.id for cell in left.cells if cell.cell_type == "code"] == [
        name for name in code if name not in gone
    ]
    text = "\n".join(cell.source for cell in left.cells)
    assert not re.search(r"\{solution|Show an answer|## Solutions", text)


@pytest.fixture(scope="module")
def course() -> Path:
    """The site for a course, built now."""
    return build_course(REPOSITORY)


def test_no_file_of_the_site_holds_a_solution(course: Path) -> None:
    names = set()
    for path in CHAPTERS:
        for cell in read_notebook(path).cells:
            if role(cell) == "solution":
                names |= {n.lower() for n in defined(cell.source) if n.lower().endswith("solution")}
    assert len(names) > 30
    searched = [
        file for file in course.rglob("*") if file.suffix in {".html", ".js", ".ipynb", ".md"}
    ]
    found = {
        f"{file.relative_to(course)}: {name}"
        for file in searched
        if "mathjax" not in file.parts
        for name in re.findall(r"\w+", file.read_text(encoding="utf-8"))
        if name.lower() in names
    }
    assert found == set()
    pages = {file.relative_to(course).as_posix() for file in searched}
    assert {"searchindex.js", "_sources/chapters/mathematics/attention.ipynb"} <= pages
    attention = (course / "chapters/mathematics/attention.html").read_text(encoding="utf-8")
    first = (course / "intro.html").read_text(encoding="utf-8")
    assert "exercises with checks" in first and "stay folded" not in first
    assert "def check_loops" in re.sub("<[^>]*>", "", attention) and "#solutions" not in attention
