"""The book on paper: whole, light, numbered, with bookmarks and links that lead somewhere."""

import re
import unicodedata
from collections.abc import Iterator
from typing import cast

import pytest
from playwright.sync_api import Browser, Page
from pypdf import PdfReader

from tools.editions.binding import bind
from tools.editions.pdf import chosen, contents, print_pages
from tools.editions.plain.contents import read_contents
from tools.notebooks.book import REPOSITORY
from tools.site.browser import new_page, settle

pytestmark = pytest.mark.xdist_group("pdf")  # they share what is printed, and pages
PAPER = 658  # CSS pixels: A4 less its margins
ATTENTION, GLOSSARY = "mathematics/attention", "appendix/glossary"
NUMBER = next(p.number for p in read_contents(REPOSITORY) if p.name == f"chapters/{ATTENTION}")

# What sticks out of the paper, or of its own box (only pictures of formulas may, for readers).
CUT = """right => [...document.querySelectorAll("article *")]
    .filter(e => !e.closest("mjx-assistive-mml, .headerlink, svg") && e.checkVisibility())
    .filter(e => e.getBoundingClientRect().right > right + 1 ||
        (e.matches("pre, td, th, div.math") && e.scrollWidth > e.clientWidth + 1))
    .map(e => e.outerHTML.slice(0, 100))"""
# A solution in two parts, and an equation apart from what leads to it.
SPLIT = """() => [...document.querySelectorAll(".tag_solution, article div.math")].filter(e =>
    getComputedStyle(e)[e.matches(".math") ? "breakBefore" : "breakInside"] !== "avoid")
    .map(e => e.outerHTML.slice(0, 100))"""
SEEN = """selector => [...document.querySelectorAll(selector)]
    .filter(e => e.checkVisibility() && e.getBoundingClientRect().height).length"""


@pytest.fixture(scope="module")
def book(chromium: Browser, address: str, tmp_path_factory: pytest.TempPathFactory) -> PdfReader:
    """Two chapters of the book, printed."""
    file = tmp_path_factory.mktemp("pdf") / "two.pdf"
    pages = print_pages(chromium, address, chosen([ATTENTION, GLOSSARY]))
    assert bind(chromium, pages, file) > 20
    return PdfReader(file)


@pytest.fixture(scope="module")
def texts(book: PdfReader) -> list[str]:
    """The text of each sheet."""
    # A font has one glyph for a Chinese character and for the radical that looks like it.
    return [unicodedata.normalize("NFKC", sheet.extract_text()) for sheet in book.pages]


def titles(outline: list) -> list:
    return [titles(item) if isinstance(item, list) else item.title for item in outline]


def test_all_pages_are_printed_unless_some_are_named() -> None:
    assert chosen([]) == contents()
    assert next(iter(contents())) == "intro" and contents()["chapters/appendix/setup"] == "Appendix"
    assert chosen([ATTENTION]) == {"chapters/mathematics/attention": "Mathematics"}
    assert chosen(["intro"]) == {"intro": ""}
    with pytest.raises(ValueError, match="no page 'mathematics/nothing'"):
        chosen(["mathematics/nothing"])


def test_parts_chapters_and_sections_have_bookmarks(book: PdfReader) -> None:
    part, chapters, *others = titles(book.outline)
    assert part == "Mathematics" and chapters[0].startswith(f"{NUMBER}. Attention: fetch")
    sections = [title for title in chapters[1] if isinstance(title, str)]
    numbered = [
        title.removeprefix(f"{NUMBER}.{place}. ") for place, title in enumerate(sections, 1)
    ]
    assert "Why divide by sqrt d" in numbered and others == ["Appendix", ["Glossary"]]
    marks = [item for item in cast(list, book.outline)[1][1] if not isinstance(item, list)]
    places = [cast(int, book.get_destination_page_number(item)) for item in marks]
    assert places == sorted(places) and len(set(places)) > 3


def test_text_equation_numbers_and_chinese_are_there(texts: list[str]) -> None:
    text = "\n".join(texts)
    for found in ("a dictionary that answers in between", "注意力机制", "def attention_by_hand"):
        assert found in text
    assert {f"({NUMBER}.{n})" for n in range(1, 14)} <= set(re.findall(r"\(\d+\.\d+\)", text))
    assert "attention_in_loops_solution" in text and "Show the" not in text


def test_sheets_are_numbered_and_none_is_nearly_empty(texts: list[str], book: PdfReader) -> None:
    numbers = [re.findall(r"^\d+$", text, re.M)[-1] for text in texts]
    assert numbers == [str(number) for number in range(1, len(texts) + 1)]
    ends = {book.get_destination_page_number(item) for item in cast(list, book.outline)[::2]} | {
        len(texts)
    }
    short = [n for n, text in enumerate(texts) if len(text) < 400 and n + 1 not in ends]
    assert [n for n in short if not book.pages[n].images] == []


def test_links_lead_into_the_book_or_to_the_web(book: PdfReader) -> None:
    listed = [cast(list, sheet["/Annots"]) for sheet in book.pages if "/Annots" in sheet]
    notes = [note.get_object() for notes in listed for note in notes]
    own = {sheet.indirect_reference for sheet in book.pages}
    assert len(notes) > 50
    for note in notes:
        if "/A" in note:
            assert "127.0.0.1" not in note["/A"]["/URI"]
        else:
            assert note["/Dest"].get_object()[0].indirect_reference in own


@pytest.fixture(
    scope="module", params=["intro", *(f"chapters/{name}" for name in (ATTENTION, GLOSSARY))]
)
def dark(request: pytest.FixtureRequest, address: str, chromium: Browser) -> Iterator[Page]:
    """A page in dark mode."""
    page = new_page(chromium, PAPER, "dark")
    page.goto(f"{address}/{request.param}.html")
    settle(page)
    page.emulate_media(media="print")
    yield page
    page.close()


@pytest.fixture
def paper(dark: Page) -> Iterator[Page]:
    """The page as it is when it is being printed, and as it was again afterwards."""
    dark.evaluate("dispatchEvent(new Event('beforeprint'))")
    yield dark
    dark.evaluate("dispatchEvent(new Event('afterprint'))")


def test_nothing_is_cut_off_on_the_right(paper: Page) -> None:
    assert paper.evaluate(CUT, PAPER) == []


def test_colours_are_light_even_from_dark_mode(paper: Page) -> None:
    colour = "getComputedStyle(document.querySelector('article p')).color"
    dark = [int(part) for part in re.findall(r"\d+", paper.evaluate(colour))[:3]]
    assert max(dark) < 100
    paper.evaluate("dispatchEvent(new Event('afterprint'))")
    assert paper.evaluate("document.documentElement.dataset.theme") == "dark"


def test_only_the_text_is_printed_and_no_frame_is_empty(paper: Page) -> None:
    chrome = ".bd-header, .bd-sidebar-primary, .bd-sidebar-secondary, footer, button.copybtn"
    assert paper.evaluate(SEEN, chrome) == 0
    folded = "details.hide:not([open]) :is(pre, p)"
    assert paper.evaluate(SEEN, folded) == 0
    solutions = paper.evaluate(SEEN, ".tag_solution")
    assert paper.evaluate(SEEN, ".tag_solution .cell_input pre") == solutions
    assert paper.evaluate(SPLIT) == []


def test_no_button_is_printed(paper: Page) -> None:
    assert paper.evaluate(SEEN, "a.begin, p:has(a.begin) + p") == 0
