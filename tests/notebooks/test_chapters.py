"""Every chapter of the book passes every check."""

import pytest

from tools.notebooks.book import Book, read_notebook
from tools.notebooks.checks import CHECKS

BOOK = Book()


@pytest.mark.parametrize("path", BOOK.chapters(), ids=lambda path: path.stem)
@pytest.mark.parametrize("name", CHECKS)
def test_chapter(path, name):
    assert CHECKS[name](read_notebook(path), BOOK) == []
