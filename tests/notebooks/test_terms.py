"""The glossary and the notation: each term once, in two languages, and known where it is used."""

import re

import pytest

from tools.notebooks.book import REPOSITORY, Book, read_notebook

APPENDIX = REPOSITORY / "chapters/appendix"
CHINESE = re.compile(r"[\u4e00-\u9fff]")


def entries() -> list[tuple[list[str], str]]:
    """The names of each term, and what is said of it."""
    text = (APPENDIX / "glossary.md").read_text(encoding="utf-8")
    (body,) = re.findall(r"```\{glossary\}\n:sorted:\n(.*?)```", text, re.S)
    found = []
    for entry in body.strip().split("\n\n"):
        lines = entry.split("\n")
        names = [line for line in lines if not line.startswith(" ")]
        found.append((names, " ".join(line.strip() for line in lines[len(names) :])))
    return found


def prose() -> dict[str, str]:
    """The text of each page and of each chapter's cells, by its file."""
    pages = [REPOSITORY / "intro.md", *(REPOSITORY / "chapters").rglob("*.md")]
    found = {str(path): path.read_text(encoding="utf-8") for path in pages}
    for path in Book(REPOSITORY).chapters():
        cells = read_notebook(path).cells
        found[str(path)] = "\n".join(c.source for c in cells if c.cell_type == "markdown")
    return found


def used(text: str) -> set[str]:
    """The terms that a text links to."""
    roles = [re.sub(r"\s+", " ", role) for role in re.findall(r"\{term\}`([^`]+)`", text)]
    return {re.sub(r".*<(.+)>", r"\1", role).lower() for role in roles}


# Words that readers meet elsewhere; no chapter needs them.
ELSEWHERE = {
    "ablation",
    "checkpoint",
    "conditional independence",
    "epoch",
    "generalisation",
    "spectral normalisation",
}
NAMES = [name for names, _ in entries() for name in names]


def test_each_term_stands_once_and_in_order() -> None:
    assert len({name.lower() for name in NAMES}) == len(NAMES)
    first = [names[0].lower() for names, _ in entries()]
    assert first == sorted(first)


@pytest.mark.parametrize(("names", "said"), entries(), ids=lambda value: str(value)[:30])
def test_a_term_has_an_english_and_a_chinese_name_and_one_sentence(
    names: list[str], said: str
) -> None:
    assert not CHINESE.search(names[0]) and CHINESE.search(names[-1])
    assert said.endswith(".") and not re.search(r"\. [A-Z]", said)


def test_what_chapters_link_to_is_there_and_what_is_there_is_linked_to() -> None:
    linked = {name: used(text) for name, text in prose().items()}
    known = {name.lower() for name in NAMES}
    assert {name: found - known for name, found in linked.items() if found - known} == {}
    everywhere = set().union(*linked.values())
    unused = [n[0] for n, _ in entries() if not everywhere & {name.lower() for name in n}]
    assert set(unused) == ELSEWHERE


def test_the_notation_says_each_symbol_in_two_languages() -> None:
    lines = (APPENDIX / "notation.md").read_text(encoding="utf-8").split("\n")
    rows = [line for line in lines if line.startswith("| ")]
    assert len(rows) > 100
    assert [row for row in rows if not CHINESE.search(row.rstrip("| ").rpartition("|")[2])] == []
