"""The page on the source documents: each entry names a chapter, and each chapter has one."""

import re

import pytest

from tools.editions.plain.contents import read_contents
from tools.editions.plain.myst import myst_parser
from tools.editions.plain.targets import find_targets
from tools.notebooks.book import REPOSITORY

NAME = "chapters/appendix/documents"
FOLLOWED = ("Background", "Core concepts", "Core algorithms", "Mathematics", "Projects")
NOT_YET = "not in the book yet"
DOC = re.compile(r"\{doc\}`([^`<]+)`")
ENTRY = re.compile(r"^- \*\*(.+?)\*\*(?: \(added\))?: (.+)\n((?:\n|  .+\n)*)", re.M)
LINK = re.compile(r"\]\(([^)\s]+)\)")

PAGES = read_contents(REPOSITORY)
(PAGE,) = (page for page in PAGES if page.name == NAME)
TARGETS = find_targets(PAGES, myst_parser(REPOSITORY))


def read_rows() -> list[tuple[str, str, str]]:
    """The page's entries: what the documents have, the chapter, what is different."""
    (text,) = PAGE.texts()
    rows = [(found[1], found[2].strip(), found[3].strip()) for found in ENTRY.finditer(text)]
    assert len(rows) == sum(line.startswith("- ") for line in text.split("\n"))
    return rows


ROWS = read_rows()


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0][:40])
def test_an_entry_names_a_chapter_that_exists_or_says_that_there_is_none(row: tuple[str, str, str]):
    names = DOC.findall(row[1])
    assert bool(names) != (row[1] == NOT_YET)
    for name in names:
        assert TARGETS.page(name, PAGE).page in PAGES


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0][:40])
def test_what_is_different_is_shown_in_a_section(row: tuple[str, str, str]):
    links = LINK.findall(row[2])
    assert links or row[1] == NOT_YET or row[0] == "Questions"
    for link in links:
        assert TARGETS.place(link, PAGE).anchor, f"{link} leads to a page and not to a section"


def test_each_chapter_that_follows_the_documents_has_an_entry():
    named = {TARGETS.page(name, PAGE).page.name for row in ROWS for name in DOC.findall(row[1])}
    expected = {page.name for page in PAGES if page.part in FOLLOWED}
    assert expected <= named


def test_no_chapter_is_called_missing_that_exists():
    """An entry of what is missing is to be changed when its chapter comes."""
    missing = [row[0] for row in ROWS if row[1] == NOT_YET]
    coming = {
        "Image recognition": "applications/image-recognition",
        "Speech recognition: what is said": "applications/speech-recognition",
        "Speech recognition: who speaks": "applications/speaker-recognition",
        "Machine translation": "applications/machine-translation",
        "Language and vision: questions about pictures": "applications/visual-question-answering",
        "Tools: frameworks": "tools/frameworks",
        "Tools and resources around them": "tools/ecosystem",
        "Challenge: compute": "outlook/compute",
        "Challenge: scarce data": "outlook/data-scarcity",
        "Challenge: privacy": "outlook/privacy",
        "Challenge: explainability": "outlook/explainability",
        "Trends": "outlook/trends",
    }
    assert set(missing) <= set(coming)
    written = {page.name.removeprefix("chapters/") for page in PAGES}
    assert [name for name in missing if coming[name] in written] == []
