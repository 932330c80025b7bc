"""Slides of a chapter: what is chosen, and that each fits, works from a file and asks nobody."""

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tools.editions.pieces import Piece, Topic, topics
from tools.editions.slides import deck, packed, write_slides
from tools.editions.vendor import FOLDER, REVEAL
from tools.site.browser import new_page
from tools.site.inspection import watched

MATH = '<div class="math" id="equation-e"><span class="eqno">(1.1)</span>\\[x\\]</div>'
FIGURE = '<div class="cell"><div class="cell_output"><img src="a.png"/></div></div>'
# What a slide shows outside itself, and whether it is higher than it may be.
OUTSIDE = """() => {
    const slide = Reveal.getCurrentSlide(), frame = slide.getBoundingClientRect();
    const parts = [...slide.querySelectorAll("img, pre, li, p, h2, td, mjx-container > *")];
    const outside = parts.filter(part => {
        const box = part.getBoundingClientRect();
        return box.right > frame.right + 1 || box.bottom > frame.bottom + 1;
    });
    if (slide.scrollHeight > slide.clientHeight) outside.push(slide);
    return outside.map(part => part.outerHTML.slice(0, 80));
}"""


def told(body: str) -> list[Topic]:
    section = f'<section id="one"><h2>One</h2>{body}</section>'
    page = f"<article><section><h1>T</h1><p>Promise.</p>{section}</section></article>"
    return topics(page)[1]


def shown(body: str) -> list[tuple[str, str]]:
    return [(piece.kind, piece.html) for topic in told(body) for piece in topic.pieces]


def test_claims_are_sentences_in_bold_and_end_where_they_end() -> None:
    assert shown("<p>No. A <strong>claim</strong> by Xu et al. in 3. No.</p>") == [
        ("text", "A <strong>claim</strong> by Xu et al. in 3.")
    ]
    assert shown("<p><strong>Why so.</strong> Because. No.</p>") == [
        ("text", "<strong>Why so.</strong> Because.")
    ]
    assert shown("<p>中<strong>文</strong>句。不。</p>") == [("text", "中<strong>文</strong>句。")]


def test_equations_come_with_what_leads_to_them_and_figures_with_what_follows() -> None:
    ((kind, html),) = shown(f"<p>No. So is</p>{MATH}")
    assert kind == "equation" and html.startswith("<p>So is</p>") and "(1.1)" in html
    (_, (kind, html)) = shown(f"<p>First.</p>{FIGURE}<p>It rises. No.</p>")
    assert kind == "figure" and html.endswith("<p class='caption'>It rises.</p>")


def test_the_slide_before_a_first_figure_says_more_than_one_sentence() -> None:
    opening = "<p>Measure again. It forgets. So push it. No.</p>"
    assert [html for _, html in shown(opening + FIGURE)][:-1] == [
        "Measure again.",
        "It forgets.",
        "So push it.",
    ]
    printed = '<div class="cell tag_slide"><div class="cell_output">out</div></div>'
    assert [kind for kind, _ in shown(opening + printed)] == ["text", "code"]


def test_tags_choose() -> None:
    parts = '<div class="cell_input">in</div><div class="cell_output">out</div>'
    code = '<div class="cell {}">' + parts + "</div>"
    for tags, found in (("", []), ("tag_slide", ["out"]), ("tag_slide-code", ["in", "out"])):
        html = "".join(html for kind, html in shown(code.format(tags)) if kind == "code")
        assert re.findall(r">(\w+)<", html) == found
    assert shown('<p class="tag_slide">All of it. Yes.</p>')[0][1].count("Yes.")
    assert shown('<p class="tag_slide-skip">A <strong>claim</strong>.</p>') == []


def test_a_figure_has_a_slide_of_its_own() -> None:
    text, figure = Piece("text", "t", 1.4), Piece("figure", "f", 12)
    shared = packed(Topic("T", "", [text, text, figure, text]))
    assert [[piece.html for piece in slide.pieces] for slide in shared] == [
        ["t", "t"],
        ["f"],
        ["t"],
    ]


def test_solutions_are_on_no_slide(site: Path) -> None:
    html = deck((site / "chapters/mathematics/attention.html").read_text(encoding="utf-8"))
    assert "_solution" not in html and "Try first" not in html
    assert re.search(r"\(\d+\.13\)", html)  # its equations are numbered
    for found in ("Three loops", "softmax_by_hand", "Why divide by", "four projections"):
        assert found in html


def test_what_shows_them_is_what_its_makers_published() -> None:
    readme = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert f"| {REVEAL.name} | {REVEAL.version} | {REVEAL.licence} | `{REVEAL.sha256}`" in readme
    digest = hashlib.sha256((FOLDER / "reveal.js").read_bytes()).hexdigest()
    assert digest == "aa1bbbf2617b23a623b23612cb3c5bdb63de512e652bf20fcfa832b045d37844"
    assert sum(file.stat().st_size for file in FOLDER.iterdir()) < 4_000_000


@pytest.fixture(params=["mathematics/attention", "algorithms/text-preprocessing"])
def opened(
    request: pytest.FixtureRequest, site: Path, tmp_path: Path, chromium: Browser
) -> Iterator[tuple[Page, list[str]]]:
    """The slides of a chapter, opened from the file system, and what is wrong with the page."""
    assert write_slides(f"chapters/{request.param}", site, tmp_path / "deck") > 20
    page = new_page(chromium)
    page.set_viewport_size({"width": 1280, "height": 720})
    page.set_default_timeout(120_000)
    address = (tmp_path / "deck/index.html").as_uri()
    with watched(page, address) as problems:
        page.goto(address)
        page.wait_for_function("window.Reveal?.isReady()")
        yield page, problems
    page.close()


def test_every_slide_fits_and_asks_nobody(opened: tuple[Page, list[str]]) -> None:
    page, problems = opened
    for number in range(page.evaluate("Reveal.getTotalSlides()")):
        page.evaluate(f"Reveal.slide({number})")
        assert page.evaluate(OUTSIDE) == [], f"slide {number + 1}"
    assert page.evaluate("document.querySelectorAll('mjx-merror').length") == 0
    assert page.evaluate("[...document.images].filter(i => !i.naturalWidth).length") == 0
    assert problems == []
