"""What a student does with the edition, in a real JupyterLab in headless Chromium, offline."""

import json
import re
import urllib.request
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, expect

from tests.editions.conftest import small_book
from tests.editions.jupyter import jupyterlab, opened
from tools.editions.chapter import exercises
from tools.editions.reader import renew
from tools.editions.student import student_edition
from tools.notebooks.book import REPOSITORY, Book, read_notebook

pytestmark = pytest.mark.xdist_group("jupyterlab")  # they share one JupyterLab
REAL = "algorithms/speech-preprocessing.ipynb"  # the chapter that runs fastest
SOURCE = REPOSITORY / "chapters" / REAL
SMALL = "part/pairs.ipynb"


def without_outputs(contents: bytes) -> bytes:
    """A notebook as it is before anybody has run it, so that what is seen is of this run."""
    notebook = json.loads(contents)
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            cell |= {"outputs": [], "execution_count": None}
    return json.dumps(notebook).encode()


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A JupyterLab on readers' copies of a small book and, in `real`, of this one."""
    folder = tmp_path_factory.mktemp("jupyterlab")
    for book, place in ((small_book(folder / "book"), ""), (Book(), "real")):
        files = student_edition(book)
        for name in files.keys() & {SMALL, REAL}:
            files[name] = without_outputs(files[name])
        renew(files, folder / "copy" / place)
    with jupyterlab(folder / "copy", folder / "home") as address:
        yield address


def test_the_reader_has_the_authors_extension_off(address: str) -> None:
    with urllib.request.urlopen(f"{address}/lab") as answer:
        page = answer.read().decode()
    assert re.search(r'"disabledExtensions": \["jupyterlab-myst"\]', page)


def is_folded(cell: Locator) -> None:
    """A cell shows its code in one line of grey only."""
    cell.scroll_into_view_if_needed()
    expect(cell.locator(".jp-InputArea-editor")).to_have_count(0)
    expect(cell.locator(".jp-Placeholder").first).to_be_visible()


def test_a_student_solves_an_exercise(address: str, chromium: Browser) -> None:
    with opened(chromium, address, SMALL) as notebook:
        solution = notebook.page.locator(".jp-CodeCell", has_text="# Solution")
        is_folded(solution)
        notebook.run_all()
        notebook.finish()
        is_folded(solution)
        assert notebook.printed() == [
            *("", "Not yet: nothing here yet", "0 of 1 right. Not yet: double.")
        ]
        stub, check, tally = (
            notebook.page.locator(".jp-CodeCell", has_text=text).first
            for text in ("def double(", "def check_double(", "exercises.tally()")
        )
        is_folded(check)

        notebook.write(stub, "def double(number: int) -> int:\n    return number + 1")
        for cell in (stub, check, tally):
            notebook.run(cell)
        notebook.shows("(line 2 of your cell: return number + 1)")
        notebook.shows("0 of 1 right. Not yet: double.")

        notebook.write(stub, "def double(number: int) -> int:\n    return 2 * number")
        for cell in (stub, check, tally):
            notebook.run(cell)
        expect(check.locator(".jp-OutputArea-output")).to_have_text("Right.")
        notebook.shows("1 of 1 right.")
        notebook.run_all()
        expect(check.locator(".jp-OutputArea-output")).to_have_text("Right.")
        notebook.shows("1 of 1 right.")


def test_links_go_where_they_say(address: str, chromium: Browser) -> None:
    with opened(chromium, address, "START.ipynb") as notebook:
        page = notebook.page
        page.locator(".jp-RenderedMarkdown").get_by_role("link", name="Pairs").click()
        box = page.locator(".jp-RenderedMarkdown blockquote", has_text="You will be able to")
        expect(box).to_be_visible()
        visible = page.locator(".jp-Notebook:visible")
        visible.get_by_role("link", name="(1.1)").first.click()
        expect(page.locator(".jp-Notebook:visible h1")).to_have_text("A first chapter¶")


def test_a_link_far_down_a_long_chapter_shows_its_target(address: str, chromium: Browser) -> None:
    with opened(chromium, address, "real/mathematics/attention.ipynb") as notebook:
        page = notebook.page
        entry = page.locator(".jp-RenderedMarkdown li", has_text=re.compile(r"^\s*Kyunghyun Cho"))
        entry.wait_for(state="attached")  # JupyterLab makes far cells last
        page.get_by_role("link", name="Cho et al., 2014").first.click()
        expect(entry).to_be_in_viewport()


def test_a_real_chapter_runs_and_leaves_nothing_right(address: str, chromium: Browser) -> None:
    with opened(chromium, address, f"real/{REAL}") as notebook:
        expect(notebook.page.locator(".jp-RenderedMarkdown blockquote").first).to_be_visible()
        notebook.run_all()
        notebook.finish()
        names = [exercise.name for exercise in exercises(read_notebook(SOURCE))]
        tally = f"0 of {len(names)} right. Not yet: {', '.join(names)}."
        assert notebook.printed().count("Not yet: nothing here yet") == len(names)
        assert tally in notebook.printed()
