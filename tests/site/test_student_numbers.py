"""The student's edition numbers equations and exercises as the site does, and cites as much."""

import html
import json
import re
from pathlib import Path

import pytest

from tools.editions.plain.contents import read_contents
from tools.editions.student import student_edition
from tools.notebooks.book import REPOSITORY, Book

PAGES = read_contents(REPOSITORY)
SITE_EQUATION = re.compile(r'class="eqno">\(([\d.]+)\)')
SITE_EXERCISE = re.compile(r'caption-number">Exercise ([\d.]+) ?</span> \((.*?)\)</p>', re.S)
EQUATION = re.compile(r"\\tag\{([\d.]+)\}")
EXERCISE = re.compile(r"\*\*Exercise ([\d.]+): (.+?)\.?\*\*")
FIRST_WORD = re.compile(r"[\w-]+")


@pytest.fixture(scope="module")
def edition() -> dict[str, bytes]:
    """The edition of the whole book."""
    return student_edition(Book())


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.path.stem)
def test_numbers_are_those_of_the_site(page, site: Path, edition: dict[str, bytes]):
    shown = (site / f"{page.name}.html").read_text(encoding="utf-8")
    cells = json.loads(edition[page.file])["cells"]
    text = "\n".join("".join(c["source"]) for c in cells if c["cell_type"] == "markdown")
    assert EQUATION.findall(text) == SITE_EQUATION.findall(shown)
    ours = [(number, FIRST_WORD.findall(title)[0]) for number, title in EXERCISE.findall(text)]
    theirs = [
        (number, FIRST_WORD.findall(html.unescape(title))[0])
        for number, title in SITE_EXERCISE.findall(shown)
    ]
    assert ours == theirs


def test_something_was_compared(edition: dict[str, bytes]):
    text = b"".join(edition.values()).decode()
    assert len(re.findall(r"\\\\tag\{", text)) > 100 and text.count("**Exercise ") > 50
