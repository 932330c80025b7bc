"""`make sync` mends what drifted, `--check` finds it, and neither invents anything."""

import pytest
from nbformat.v4 import new_code_cell

from tests.notebooks.conftest import MEASURED
from tools.address import fill_address
from tools.notebooks import __main__ as command
from tools.notebooks.book import Book, read_notebook, tags, write_notebook
from tools.notebooks.checks import CHECKS
from tools.notebooks.results import fill_results
from tools.notebooks.sync import sync_book, sync_notebook

MISSING = "the mark .*digits-fusion-mini.json: no system 'sight'.*nearest is 'both senses'"


@pytest.fixture
def path(book, chapter):
    return book.root / "chapters" / "part" / "chapter.ipynb"


def drift(path) -> None:
    """Change the package cell, the setup cell and a marked number of the chapter."""
    notebook = read_notebook(path)
    for cell in notebook.cells:
        if {"mmbook", "setup"} & set(tags(cell)):
            cell.source = "old = 1"
        cell.source = cell.source.replace("96.1", "12.3")
    write_notebook(notebook, path)


def test_mends_a_drifted_chapter(book, chapter, path):
    drift(path)
    assert sync_book(book, check=True) == [path]
    assert sync_book(book) == [path]
    mended = read_notebook(path)
    assert [cell.source for cell in mended.cells] == [cell.source for cell in chapter.cells]
    assert [problem for check in CHECKS.values() for problem in check(mended, book)] == []
    assert sync_book(book) == []


def test_folds_the_parts_of_an_exercise(book, chapter, path):
    notebook = read_notebook(path)
    for cell in notebook.cells:
        if {"check", "solution"} & set(tags(cell)):
            cell.metadata["tags"] = [tag for tag in tags(cell) if not tag.startswith("hide")]
            del cell.metadata["jupyter"], cell.metadata["mystnb"]
    write_notebook(notebook, path)
    assert sync_book(book, check=True) == [path]
    sync_book(book)
    assert read_notebook(path) == chapter


def test_check_changes_nothing_and_fails(book, path, monkeypatch, capsys):
    monkeypatch.setattr(command, "Book", lambda: book)
    assert command.main(["sync", "--check"]) == 0
    drift(path)
    before = path.read_bytes()
    assert command.main(["sync", "--check"]) == 1
    assert path.read_bytes() == before
    assert "stale: " in capsys.readouterr().out


def test_follows_the_package(book, chapter):
    module = book.root / "mmbook" / "pairs.py"
    module.write_text(module.read_text().replace("Their sum.", "The sum of both."))
    sync_notebook(chapter, book)
    assert any("The sum of both." in cell.source for cell in chapter.cells)


def test_follows_the_repository(book, chapter):
    (book.root / "_config.yml").write_text("repository:\n  url: https://github.com/fork/copy/\n")
    sync_notebook(chapter, book)
    assert "git+https://github.com/fork/copy" in chapter.cells[2].source
    (book.root / "_config.yml").write_text('repository:\n  url: ""\n')
    sync_notebook(chapter, book)
    assert "github.com" not in chapter.cells[2].source


def test_pages_get_numbers_and_the_address(book):
    page = book.root / "README.md"
    page.write_text(
        "<!--result digits-fusion-mini parameters/both senses ,d-->?<!--/result--> weights. "
        "[other](https://github.com/other/tool)\n\n<!--if repository\n"
        "[clone](https://github.com/NAME/REPO), "
        "[run](https://colab.research.google.com/github/NAME/REPO/blob/main/x.ipynb)\n"
        "end-->\n"
    )
    cited = book.root / "CITATION.cff"
    cited.write_text("cff-version: 1.2.0\ntitle: MMBook\n")
    assert set(sync_book(book)) == {page, cited}
    assert page.read_text() == (
        "<!--result digits-fusion-mini parameters/both senses ,d-->1,234<!--/result--> weights. "
        "[other](https://github.com/other/tool)\n\n<!--if repository-->\n"
        "[clone](https://github.com/somebody/multimodal), "
        "[run](https://colab.research.google.com/github/somebody/multimodal/blob/main/x.ipynb)\n"
        "<!--end-->\n"
    )
    assert cited.read_text().endswith("repository-code: https://github.com/somebody/multimodal\n")
    assert sync_book(book) == []


@pytest.mark.parametrize(
    ("mark", "written"),
    [
        (f"{MEASURED} mean %", "96.1 %"),
        (f"{MEASURED} mean points", "96.1 points"),
        (f"{MEASURED} std .4f", "0.0156"),
        (f"{MEASURED} max .2f", "0.97"),
        (f"{MEASURED} seed=0 .2f", "0.95"),
        (f"{MEASURED} min .2f", "0.95"),
        (
            "metric=accuracy audio_snr_db=null system='both senses' image_noise=1.60 max .3f",
            "0.972",
        ),
        ("parameters/both senses d", "1234"),
        ("config/training/steps ,d", "300"),
    ],
)
def test_formats(book, mark, written):
    text = f"<!--result digits-fusion-mini {mark}-->old<!--/result-->"
    assert fill_results(text, book.root / "results") == text.replace("old", written)


@pytest.mark.parametrize(
    ("mark", "said"),
    [
        ("other-mini metrics %-->0<!--/result-->", "results/other-mini.json does not exist"),
        ("digits-fusion-mini system=sight metric=accuracy mean %-->0<!--/result-->", MISSING),
        (f"digits-fusion-mini {MEASURED} seed=3 %-->0<!--/result-->", r"no seed=3.* are \[0, 1\]"),
        (f"digits-fusion-mini {MEASURED} median %-->0<!--/result-->", "one of mean, std, min, max"),
        (f"digits-fusion-mini {MEASURED} %-->0<!--/result-->", "one of mean, std, min, max"),
        ("digits-fusion-mini system=both senses mean %-->0<!--/result-->", "name=value"),
        ("digits-fusion-mini system=early mean %-->0<!--/result-->", "one system, one metric"),
        (f"digits-fusion-mini {MEASURED} metric=x mean %-->0<!--/result-->", "one system, one"),
        ("digits-fusion-mini metric='accuracy mean %-->0<!--/result-->", "the mark .*quotation"),
        ("digits-fusion-mini config/step d-->0<!--/result-->", "at 'step' it has training"),
        ("digits-fusion-mini seconds/x d-->0<!--/result-->", "it has no parts"),
        ("digits-fusion-mini config/training %-->0<!--/result-->", "cannot be written as '%'"),
        ("digits-fusion-mini seconds d-->0", "malformed"),
        ("digits-fusion-mini-->0<!--/result-->", "malformed"),
    ],
)
def test_marks_that_cannot_be_filled(book, mark, said):
    with pytest.raises(ValueError, match=said):
        fill_results(f"<!--result {mark}", book.root / "results")


def test_errors_name_the_file_and_the_cell(book, chapter, path):
    chapter.cells.append(new_code_cell("x", metadata={"tags": ["mmbook"]}))
    write_notebook(chapter, path)
    with pytest.raises(ValueError, match=r"chapter\.ipynb: cell 16: tagged mmbook, without"):
        sync_book(book)
    chapter.cells[-1].metadata["mmbook"] = {"object": "mmbook.pairs.Nothing"}
    write_notebook(chapter, path)
    with pytest.raises(ValueError, match=r"cell 16: mmbook/pairs\.py defines no 'Nothing'"):
        sync_book(book)


def test_an_unmarked_address_stays():
    assert (
        fill_address("https://github.com/a/b", "https://github.com/c/d") == "https://github.com/a/b"
    )


def test_an_example_of_a_mark_stays(book):
    text = "Write `<!--result NAME-TIER path FORMAT-->`, or `<!--if repository-->`, then a line."
    assert fill_address(fill_results(text, book.root), "https://github.com/c/d") == text


def test_settings_without_an_address(tmp_path):
    (tmp_path / "_config.yml").write_text("title: x\n")
    assert Book(tmp_path).repository == ""


@pytest.mark.parametrize("name", ["part/chapter", "chapters/part", "chapters/part/chapter.ipynb"])
def test_a_chapter_is_found_by_its_names(book, path, name):
    assert book.find(name) == [path]


def test_a_chapter_that_is_not_there(book):
    with pytest.raises(ValueError, match="no chapter 'part/other'"):
        book.find("part/other")
