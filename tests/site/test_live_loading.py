"""A network that runs in a page: what is loaded when, what stands there when it cannot run."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.site.live_page import DIGITS, answer, draw, opened
from tools.site.browser import NARROW, WIDE, new_page
from tools.site.inspection import access_problems

LOADED_LATER = ("runtime.js", "mnist.js")


def test_nothing_large_is_loaded_before_the_first_stroke(address: str, chromium: Browser) -> None:
    page, asked = new_page(chromium), []
    page.on("request", lambda request: asked.append(request.url.split("/")[-1].split("?")[0]))
    with opened(page, f"{address}/intro.html"):
        page.wait_for_load_state("networkidle")
        assert "drawing.js" in asked and not set(LOADED_LATER) & set(asked)
        draw(page, DIGITS["1"])
        answer(page)
        page.locator(".live-clear").click()
        draw(page, DIGITS["0"])
        answer(page)
    assert [asked.count(name) for name in LOADED_LATER] == [1, 1]


def test_other_pages_load_one_small_script(site: Path, address: str, chromium: Browser) -> None:
    page, asked = new_page(chromium), []
    page.on("request", lambda request: asked.append(request.url.split("?")[0]))
    page.goto(f"{address}/chapters/appendix/notation.html", wait_until="networkidle")
    page.close()
    folder = f"{address}/_static/live/"
    scripts = [url.removeprefix(folder) for url in asked if url.startswith(folder)]
    assert sorted(scripts) == ["live.css", "live.js"]
    assert (site / "_static/live/live.js").stat().st_size < 8_000


@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_without_scripts_an_image_and_a_sentence_stand_there(
    width: int, address: str, chromium: Browser
) -> None:
    page = chromium.new_page(java_script_enabled=False, viewport={"width": width, "height": 844})
    page.goto(f"{address}/intro.html")
    live = page.locator(".live")
    expect(live.locator("img")).to_be_visible()
    expect(live).to_contain_text("Where scripts are allowed, you can draw here.")
    image: Any = live.locator("img").bounding_box()
    assert 200 < image["width"] < width and page.locator(".live-pad").count() == 0
    page.close()


def test_a_browser_without_webassembly_says_so(address: str, chromium: Browser) -> None:
    page = new_page(chromium)
    page.add_init_script("delete window.WebAssembly")
    with opened(page, f"{address}/intro.html"):
        draw(page, DIGITS["1"])
        expect(page.locator(".live-status")).to_contain_text(
            "The network cannot run in this browser", timeout=30_000
        )


def test_a_failed_download_is_tried_again(address: str, chromium: Browser) -> None:
    page = new_page(chromium)
    pattern = "**/runtime.js"

    def refuse(route: Route) -> None:
        route.abort()

    page.route(pattern, refuse)
    with opened(page, f"{address}/intro.html", ("net::ERR_FAILED",)):
        draw(page, DIGITS["1"])
        expect(page.locator(".live-status")).to_contain_text("runtime.js is missing")
        page.locator(".live-example").click()
        expect(page.locator(".live-status")).to_contain_text("runtime.js is missing")
        page.wait_for_timeout(500)
        page.unroute(pattern, refuse)
        page.locator(".live-clear").click()
        draw(page, DIGITS["1"])
        assert answer(page).startswith("The network reads 1")


def test_a_screen_reader_hears_the_words_only(shared: Page) -> None:
    spoken = shared.locator(".live [role=status], .live [aria-live], .live output")
    assert spoken.count() == 1
    assert "live-status" in (spoken.get_attribute("class") or "")


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_a_drawn_digit_is_accessible_in_the_theme_s_colours(
    mode: Any, address: str, chromium: Browser
) -> None:
    with opened(new_page(chromium, WIDE, mode), f"{address}/intro.html") as page:
        draw(page, DIGITS["9"])
        answer(page)
        assert access_problems(page) == []
        ink, text = page.evaluate(
            """() => [getComputedStyle(document.querySelector(".live-pad polyline")).stroke,
                      getComputedStyle(document.querySelector(".live-status")).color]"""
        )
        assert ink == text


@pytest.mark.parametrize(("motion", "moves"), [("reduce", False), ("no-preference", True)])
def test_bars_glide_only_where_motion_is_welcome(
    motion: Any, moves: bool, address: str, chromium: Browser
) -> None:
    page = chromium.new_page(reduced_motion=motion)
    page.goto(f"{address}/intro.html")
    duration = page.locator(".live-bar > span").first.evaluate(
        "bar => parseFloat(getComputedStyle(bar).transitionDuration)"
    )
    page.close()
    assert (duration > 0) == moves
