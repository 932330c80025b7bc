"""The lines of the header box that are made: once, in their place, and right."""

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from tools.notebooks.header import (
    reading_line,
    reading_minutes,
    with_measured_line,
    with_reading_line,
)
from tools.notebooks.sync import sync_notebook

BOX = ":::{admonition} Box\nText.\n:::"
MEASURED = {"seconds": 12, "peak_memory_mb": 640}


def chapter(*texts: str):
    header = new_markdown_cell("many words " * 900, metadata={"tags": ["header"]})
    code = new_code_cell("many = 'words'\n" * 900)
    return new_notebook(cells=[header, code, *map(new_markdown_cell, texts)])


@pytest.mark.parametrize(
    ("texts", "minutes"),
    [
        (("",), 1),
        (("word " * 200,), 1),
        (("word " * 150, "word, " * 51), 2),
        (("| word | " * 200,), 1),
        (("<!--result a b c-->word<!--/result--> " * 200,), 1),
        ((":::{exercise} Title\n:label: name\n\n" + "word " * 200 + "\n:::",), 1),
        ((":::{exercise} Title\n:label: name\n\n" + "word " * 201 + "\n:::",), 2),
        (("- *word* " * 400,), 2),
    ],
)
def test_minutes_are_those_of_the_text(texts, minutes):
    assert reading_minutes(chapter(*texts)) == minutes


@pytest.mark.parametrize("measured", [False, True])
def test_the_reading_line_is_put_in_once(measured):
    box = with_measured_line(BOX, MEASURED) if measured else BOX
    once = with_reading_line(box, 20)
    assert with_reading_line(once, 20) == once
    changed = with_reading_line(once, 1)
    assert reading_line(20) not in changed and changed.count(reading_line(1)) == 1
    assert "1 minute for the text, at 200 words" in changed
    assert once.endswith("\n:::")
    paragraphs = once.removesuffix("\n:::").split("\n\n")
    leads = [paragraph.split(" ")[0] for paragraph in paragraphs[1:]]
    assert leads == ["**Reading.**", "**Measured.**"][: 1 + measured]


def test_the_lines_do_not_depend_on_their_order():
    assert with_measured_line(with_reading_line(BOX, 20), MEASURED) == with_reading_line(
        with_measured_line(BOX, MEASURED), 20
    )


def test_sync_states_it(book, chapter):
    chapter.cells.append(new_markdown_cell("word " * 1000))
    sync_notebook(chapter, book)
    assert reading_line(6) in chapter.cells[1].source
