"""A folded solution is called one, closed and open."""

import re
from pathlib import Path

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


def test_every_solution_of_the_book_is(site: Path) -> None:
    for chapter in Book().chapters():
        name = chapter.relative_to(REPOSITORY).with_suffix(".html")
        html = (site / name).read_text(encoding="utf-8")
        count = sum("solution" in tags(cell) for _, cell in code_cells(read_notebook(chapter)))
        for word in ("Show", "Hide"):
            found = re.findall(rf'admonition-title">{word} the solution: [^<]+<', html)
            assert len(found) == count, name
