"""The student's edition of all chapters: no MyST is left, links are sound, code is as it was."""

import json
import re
from posixpath import dirname, join, normpath
from urllib.parse import unquote

import nbformat
import pytest

from tools.editions.plain.contents import read_contents
from tools.editions.student import START, student_edition, validate_edition, write_edition
from tools.notebooks.book import Book, code_cells, read_notebook, tags

pytestmark = pytest.mark.xdist_group("student")  # they share the edition
BOOK = Book()
PAGES = read_contents(BOOK.root)
MYST = re.compile(r"\{[a-z:]+\}`|^\s*:::|^\s*[`~]{3,}\{|<!--|-->|^\([\w-]+\)=|\{\{", re.M)
CODE = re.compile(
    r"^([> ]*(?:```|~~~)).*?^\1|`[^`\n]+`|\$\$.*?\$\$|(?<!\\)\$[^$\n]+\$", re.M | re.S
)
LINK = re.compile(r"(?<!\\)\]\(([^)\s]+)\)")
ANCHOR = re.compile(r'<a id="([^"]+)"')
TAGGED = re.compile(r"\\tag\{([\d.]+)\}")
REFERRED = re.compile(r"\[\(([\d.]+)\)\]\(([^)]*)\)")


@pytest.fixture(scope="module")
def files() -> dict[str, bytes]:
    """The files of the edition."""
    return student_edition(BOOK)


@pytest.fixture(scope="module")
def edition(files) -> dict[str, nbformat.NotebookNode]:
    """Every notebook of the edition by its file."""
    return {
        name: nbformat.reads(text.decode(), as_version=4)
        for name, text in files.items()
        if name.endswith(".ipynb")
    }


def markdown(notebook: nbformat.NotebookNode) -> str:
    """The text of a notebook."""
    return "\n\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")


def test_every_page_is_there(edition):
    assert set(edition) == {START} | {page.file for page in PAGES}
    assert len(edition) > len(BOOK.chapters())


def test_notebooks_are_valid_and_nothing_of_myst_is_left(edition):
    for name, notebook in edition.items():
        nbformat.validate(notebook)
        assert not (found := MYST.search(CODE.sub("", markdown(notebook)))), (name, found)


def test_every_link_leads_somewhere(files, edition):
    anchors = {name: set(ANCHOR.findall(markdown(it))) for name, it in edition.items()}
    checked = 0
    for name, notebook in edition.items():
        for link in LINK.findall(CODE.sub("", markdown(notebook))):
            if re.match(r"https?:", link):
                continue
            file, _, place = unquote(link).partition("#")
            target = normpath(join(dirname(name), file)) if file else name
            assert target in files, (name, link)
            assert not place or place in anchors[target], (name, link)
            checked += 1
    assert checked > 500


def test_every_number_of_an_equation_is_that_of_the_equation(edition):
    numbers = {}
    for name, notebook in edition.items():
        text = markdown(notebook)
        for anchor, rest in re.findall(r'<a id="(eq-[^"]+)"[^\n]*\n\n(\$\$.*?\$\$)', text, re.S):
            (numbers[name, anchor],) = TAGGED.findall(rest)
    assert len(set(numbers.values())) == len(numbers) > 100
    for name, notebook in edition.items():
        for number, link in REFERRED.findall(markdown(notebook)):
            file, _, anchor = link.partition("#")
            target = normpath(join(dirname(name), file)) if file else name
            assert numbers[target, anchor] == number, (name, link)


@pytest.mark.parametrize("page", [p for p in PAGES if p.is_notebook], ids=lambda p: p.path.stem)
def test_code_and_outputs_are_the_chapter_s(page, edition):
    source, made = read_notebook(page.path), edition[page.file]
    extra = made.cells[len(source.cells) :]
    assert [cell.get("id") for cell in extra] in ([], ["references"])
    for ours, theirs in zip(made.cells, source.cells, strict=False):
        assert ours.id == theirs.id and ours.cell_type == theirs.cell_type
        if ours.cell_type == "code":
            for part in ("source", "outputs", "execution_count"):
                assert ours[part] == theirs[part]


def test_what_the_site_folds_is_folded(edition):
    folded = 0
    for notebook in edition.values():
        for cell in notebook.cells:
            hidden = cell.metadata.get("jupyter", {})
            source = {"hide-input", "hide-cell"} & set(tags(cell))
            assert bool(source) == hidden.get("source_hidden", False)
            assert bool(source) == (cell.metadata.get("cellView") == "form")
            if "solution" in tags(cell):
                assert hidden["outputs_hidden"]
                folded += 1
    assert folded > 40


def test_start_leads_to_every_page_with_its_time_and_what_it_needs(small):
    (text,) = [
        "\n".join("".join(cell["source"]) for cell in json.loads(it)["cells"])
        for name, it in student_edition(small).items()
        if name == START
    ]
    assert "## First part" in text and "## Appendix" in text
    assert (
        "**2. [Pairs](part/pairs.ipynb)** · 1 minute to read, 1 s to run  \n"
        "You will add two numbers.  \n"
        "*You need* a pencil; [A first chapter](part/first.ipynb) explains it."
    ) in text
    assert "**1. [A first chapter](part/first.ipynb)** · 1 minute to read  \nYou will see" in text
    assert "**[Words](appendix/words.ipynb)**" in text


def test_every_chapter_says_what_it_needs(edition):
    text = markdown(edition[START])
    chapters = re.findall(r"^\*\*\d+\. .*?(?=\n\n|\Z)", text, re.M | re.S)
    assert len(chapters) == len([page for page in PAGES if page.number is not None])
    for chapter in chapters:
        assert re.search(r"\d+ minutes to read, \d+ s to run  \n", chapter), chapter
        assert "\n*You need* " in chapter


def test_the_same_book_makes_the_same_files(small, tmp_path):
    assert student_edition(small) == student_edition(small)
    write_edition(small, tmp_path / "made")
    made = [it.relative_to(tmp_path / "made") for it in (tmp_path / "made").rglob("*.ipynb")]
    assert {str(path) for path in made} == set(student_edition(small))


def test_a_chapter_of_the_edition_puts_out_what_is_stored(capfd):
    (path,) = BOOK.find("algorithms/text-preprocessing")
    cells = len(list(code_cells(read_notebook(path))))
    assert validate_edition(BOOK, ["algorithms/text-preprocessing"], processes=1) == 0
    assert f"{cells} passed" in capfd.readouterr().out


def test_an_output_that_differs_from_the_stored_one_is_found(small, capfd):
    path = small.root / "chapters/part/pairs.ipynb"
    path.write_text(path.read_text().replace('"1\\n"', '"2\\n"'))
    assert validate_edition(small, ["part/pairs"], processes=1) == 1
    assert "1 failed" in capfd.readouterr().out


def test_a_notebook_that_the_edition_lacks_is_refused(small):
    with pytest.raises(ValueError, match="the edition has no notebook 'part/none'"):
        validate_edition(small, ["part/none"])
