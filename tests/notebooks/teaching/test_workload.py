"""What a chapter takes is counted in it; what it needs is what its header names."""

import pytest
from nbformat.v4 import new_markdown_cell

from tools.notebooks.book import Book, write_notebook
from tools.notebooks.header import reading_minutes
from tools.teaching.workload import Workload, spent, workloads


def test_counts_text_code_and_exercises(two):
    first, later = workloads(two)
    assert (first.name, first.part, first.exercises) == ("part/chapter", "First", ("Doubling",))
    assert (first.text, later.text) == (1, 3)
    assert later.code - first.code == 3
    assert (first.run, first.title) == (1.2, "Chapter")
    assert later.minutes == later.text + later.code + 15


def test_needs_the_earlier_chapters_that_it_names(two):
    first, later = workloads(two)
    assert first.needs == ()
    assert later.needs == ("part/chapter",)


def test_a_chapter_without_measurements_is_named(two, chapter):
    del chapter.metadata["mmbook"]
    write_notebook(chapter, two.root / "chapters" / "other" / "later.ipynb")
    with pytest.raises(ValueError, match="other/later: it has no header box, or was never meas"):
        workloads(two)


def test_directives_and_comments_are_not_read(chapter):
    before = reading_minutes(chapter)
    chapter.cells.append(new_markdown_cell("<!--" + "word " * 900 + "-->\n:::{note}\n:::"))
    assert reading_minutes(chapter) == before == 1


@pytest.mark.parametrize(
    ("minutes", "said"),
    [(1, "5 min"), (44, "45 min"), (119, "120 min"), (120, "2 h"), (1290, "21½ h")],
)
def test_time_is_said_roughly(minutes, said):
    assert spent(minutes).replace("\u00a0", " ") == said


def test_the_book_says_what_each_chapter_needs():
    """Every chapter but the first stands on an earlier one."""
    first, *others = workloads(Book())
    assert first.needs == ()
    assert [it.name for it in others if not it.needs] == []
    assert all(isinstance(it, Workload) and it.exercises for it in [first, *others])
