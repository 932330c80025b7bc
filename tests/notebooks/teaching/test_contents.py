"""The contents on the first page follow the chapters."""

import pytest

from tools.editions.plain.contents import read_contents
from tools.notebooks.book import REPOSITORY, write_notebook
from tools.notebooks.sync import sync_book
from tools.teaching.contents import book_contents, fill_contents

TOC = """format: jb-book
root: intro
parts:
  - caption: Part
    chapters:
      - file: chapters/part/chapter
  - caption: Appendix
    numbered: false
    chapters:
      - file: chapters/notes
      - file: chapters/more
"""
MARKS = "# A book\n\n<!--contents-->\n<!--/contents-->\n\nThe end.\n"
CARD = """::::{grid-item-card} 1. Pairs
:link: chapters/part/chapter
:link-type: doc

You will add two numbers.

:::{card-footer}
1 min to read
:::
::::"""


@pytest.fixture
def book(book):
    (book.root / "_toc.yml").write_text(TOC)
    (book.root / "chapters/notes.md").write_text("(notes)=\n# Notes\n\nNotes of\nall kinds.\n")
    (book.root / "chapters/more.md").write_text("# More\n\n```{bibliography}\n```\n")
    return book


def test_a_chapter_has_its_promise_and_its_time(book, chapter):
    contents = book_contents(book.root)
    assert contents.startswith("### Part\n\n:::::{grid} 1 1 2 2\n")
    assert CARD in contents
    links = "[Notes](chapters/notes), [More](chapters/more)."
    assert contents.endswith(f"### Appendix\n\n{links}")


def test_sync_writes_them_once(book, chapter):
    page = book.root / "intro.md"
    page.write_text(MARKS)
    assert sync_book(book) == [page]
    assert page.read_text().startswith("# A book\n\n<!--contents-->\n\n### Part\n")
    assert page.read_text().endswith("\n\n<!--/contents-->\n\nThe end.\n")
    assert sync_book(book) == []


def test_a_page_without_marks_stays(tmp_path):
    assert fill_contents("`<!--contents-->` is a mark.", tmp_path) == "`<!--contents-->` is a mark."


def test_what_cannot_be_made_is_named(book, chapter):
    with pytest.raises(ValueError, match="have no <!--/contents-->"):
        fill_contents("<!--contents-->\n", book.root)
    chapter.cells[0].source = "No title."
    write_notebook(chapter, book.root / "chapters/part/chapter.ipynb")
    with pytest.raises(ValueError, match="chapter does not open with a title and a promise"):
        fill_contents(MARKS, book.root)


def test_the_first_page_has_them():
    text = (REPOSITORY / "intro.md").read_text(encoding="utf-8")
    assert fill_contents(text, REPOSITORY) == text
    chapters = [page for page in read_contents(REPOSITORY) if page.number is not None]
    assert text.count("min to read") == len(chapters) >= 13
