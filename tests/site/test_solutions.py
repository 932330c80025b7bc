"""A folded check or solution of an exercise is called one, closed and open."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tools.notebooks.book import REPOSITORY, Book, code_cells, read_notebook, tags
from tools.site.browser import new_page

CHAPTER = "chapters/mathematics/attention.html"


def test_a_solution_is_named_before_and_after_it_is_opened(address: str, chromium: Browser) -> None:
    page = new_page(chromium)
    page.goto(f"{address}/{CHAPTER}")
    fold = page.locator(".cell.tag_solution details").first
    button, code = fold.locator("summary"), fold.locator("pre").first
    expect(code).to_be_hidden()
    expect(button).to_have_text(re.compile(r"Show the solution: \w.*"), use_inner_text=True)
    expect(button).not_to_have_attribute("aria-label", re.compile(".*"))  # the text is the name
    button.click()
    expect(code).to_be_visible()
    expect(button).to_have_text(re.compile(r"Hide the solution: \w.*"), use_inner_text=True)
    page.close()


@pytest.mark.parametrize("part", ["check", "solution"])
def test_every_one_of_the_book_is(site: Path, part: str) -> None:
    for chapter in Book().chapters():
        name = chapter.relative_to(REPOSITORY).with_suffix(".html")
        html = (site / name).read_text(encoding="utf-8")
        count = sum(part in tags(cell) for _, cell in code_cells(read_notebook(chapter)))
        for word in ("Show", "Hide"):
            found = re.findall(rf">(?:<[^>]*>)?{word} the {part}: [^<]+<", html)
            assert len(found) == count, name


def test_the_verdict_of_a_folded_check_is_seen(address: str, chromium: Browser) -> None:
    page = new_page(chromium)
    page.goto(f"{address}/{CHAPTER}")
    check = page.locator(".cell.tag_check").first
    expect(check.locator("pre").first).to_be_hidden()
    expect(check.get_by_text("Not yet: nothing here yet")).to_be_visible()
    page.close()
