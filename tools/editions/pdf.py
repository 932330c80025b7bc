"""Print the book, or some chapters: `python -m tools.editions.pdf [mathematics/attention ...]`.

Chromium prints each page of the built site as A4, and `binding` makes one file of them.
"""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

import yaml
from playwright.sync_api import Browser

from mmbook.command_line import reported
from tools.editions.binding import Heading, Printed, bind
from tools.notebooks.book import REPOSITORY
from tools.site.browser import browser, new_page, settle
from tools.site.build import SITE
from tools.site.serve import served

FOLDER = Path("_build/pdf")
WHOLE = "multimodal-models"

# Headings with their rank, the name of their place, and their text; a formula is the letters of its
# TeX, since what MathJax draws has no text.
HEADINGS = """() => {
    for (const {math, typesetRoot} of window.MathJax?.startup.document.math ?? []) {
        typesetRoot.dataset.letters = math.replace(/\\\\/g, "");
    }
    return [...document.querySelectorAll("article :is(h1, h2, h3)")].map(heading => {
        const text = heading.cloneNode(true);
        text.querySelectorAll(".headerlink").forEach(link => link.remove());
        text.querySelectorAll("mjx-container").forEach(formula =>
            formula.replaceWith(formula.dataset.letters));
        return [Number(heading.tagName[1]), heading.parentElement.id, text.textContent.trim()];
    }).filter(([rank, id]) => id);
}"""


def contents(book: Path = REPOSITORY) -> dict[str, str]:
    """The pages of `book` in their order, and the part of each; the first page is in none."""
    table = yaml.safe_load((book / "_toc.yml").read_text(encoding="utf-8"))
    pages = {table["root"]: ""}
    for part in table["parts"]:
        pages |= {chapter["file"]: part["caption"] for chapter in part["chapters"]}
    return pages


def chosen(names: list[str], book: Path = REPOSITORY) -> dict[str, str]:
    """The pages that `names` stand for, each like mathematics/attention; all where there are none.

    Raises `ValueError` for a name of which the table of contents has no page.
    """
    pages = contents(book)
    wanted = [name if name in pages else f"chapters/{name}" for name in names]
    for name, page in zip(names, wanted, strict=True):
        if page not in pages:
            raise ValueError(f"_toc.yml has no page {name!r}; give one like mathematics/attention")
    return {page: part for page, part in pages.items() if not names or page in wanted}


def print_page(chromium: Browser, address: str) -> tuple[bytes, list[Heading]]:
    """The page at `address` as a PDF on A4, and its headings."""
    page = new_page(chromium)
    # The picture of a network's answer is printed, not the field to draw in that replaces it.
    page.route("**/live/live.js*", lambda route: route.abort())
    page.goto(address)
    settle(page)
    headings = [Heading(*found) for found in page.evaluate(HEADINGS)]
    printed = page.pdf(prefer_css_page_size=True, print_background=True)
    page.close()
    return printed, headings


def print_pages(chromium: Browser, address: str, pages: dict[str, str]) -> Iterator[Printed]:
    """Print pages of the built site that is served at `address`, one after the other."""
    for page, part in pages.items():
        link = f"{address}/{page}.html"
        yield Printed(link, part, *print_page(chromium, link))


@reported
def main(words: list[str]) -> int:
    """Print from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pages", nargs="*", help="such as mathematics/attention; default: all")
    parser.add_argument("--site", type=Path, default=REPOSITORY / SITE, help="folder of the site")
    parser.add_argument("--out", type=Path, help="file (default: in _build/pdf)")
    arguments = parser.parse_args(words)
    pages = chosen(arguments.pages)
    name = "-".join(name.replace("/", "-") for name in arguments.pages) or WHOLE
    out = arguments.out or REPOSITORY / FOLDER / f"{name}.pdf"
    with served(arguments.site) as address, browser() as chromium:
        count = bind(chromium, print_pages(chromium, address, pages), out)
    print(f"{out}: {count} pages, {out.stat().st_size / 1e6:.1f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
