"""A network that runs in a page: drawn to with pointer, finger and keys, against Python."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from playwright.sync_api import Browser, Page, Route, expect

from tools.live.drawing import example_digits, picture_of
from tools.live.models import MODELS, LiveModel
from tools.site.browser import NARROW, WIDE, new_page
from tools.site.inspection import access_problems, watched

DIGITS = example_digits()
Strokes = list[list[list[float]]]
LOADED_LATER = ("runtime.js", "mnist.js")


@cache
def reader() -> LiveModel:
    return MODELS["mnist"]()


def probabilities_of(picture: np.ndarray) -> np.ndarray:
    """What PyTorch says of a picture."""
    with torch.no_grad():
        return reader().module(torch.from_numpy(picture).reshape(reader().shape))[0].numpy()


def placed(strokes: Strokes, x: float = 0, y: float = 0, size: float = 1) -> Strokes:
    """A drawing that is smaller, and elsewhere."""
    return [[[x + size * a, y + size * b] for a, b in stroke] for stroke in strokes]


@contextmanager
def opened(page: Page, address: str, problems: tuple[str, ...] = ()) -> Iterator[Page]:
    """The first page of the book, its field on the screen; ends with what the browser reported."""
    with watched(page, address) as reported:
        page.goto(address)
        page.locator(".live-pad").scroll_into_view_if_needed()
        yield page
        assert [text for text in reported if not any(known in text for known in problems)] == []
    page.close()


@pytest.fixture
def page(address: str, chromium: Browser) -> Iterator[Page]:
    with opened(new_page(chromium), f"{address}/intro.html") as page:
        yield page


@pytest.fixture(scope="module")
def shared(address: str, chromium: Browser) -> Iterator[Page]:
    """One page for the checks that change nothing in it."""
    with opened(new_page(chromium), f"{address}/intro.html") as page:
        yield page


def draw(page: Page, strokes: Strokes) -> Strokes:
    """Draw with the mouse, at whole pixels; returns the points that the page was given."""
    box: Any = page.locator(".live-pad").bounding_box()
    corner, size = (box["x"], box["y"]), (box["width"], box["height"])
    drawn = []
    for stroke in strokes:
        pixels = np.round(np.multiply(stroke, size) + corner)
        page.mouse.move(*pixels[0])
        page.mouse.down()
        for pixel in pixels[1:]:
            page.mouse.move(*pixel)
        page.mouse.up()
        drawn.append(((pixels - corner) / size).tolist())
    return drawn


def answer(page: Page) -> str:
    """The sentence about the drawing, once the network has read it."""
    expect(page.locator(".live-status")).to_contain_text("The network reads", timeout=30_000)
    return page.locator(".live-status").inner_text()


def bars(page: Page) -> np.ndarray:
    return np.array([float(text) for text in page.locator(".live-value").all_inner_texts()])


def seen(page: Page) -> np.ndarray:
    """The picture that the page shows as the network's input."""
    values = page.evaluate(
        """() => [...document.querySelector(".live-seen canvas").getContext("2d")
                     .getImageData(0, 0, 28, 28).data]"""
    )
    return np.reshape(values, (28, 28, 4))[:, :, 0] / 255


def check_against_python(page: Page, strokes: Strokes, digit: str) -> None:
    """Draw, and compare sentence, bars and picture with what Python makes of the same points."""
    picture = picture_of(draw(page, strokes))
    until = time.monotonic() + 30
    while np.abs(seen(page) - picture).max() > 1 / 255:
        assert time.monotonic() < until, "the page never shows the picture that Python makes"
        page.wait_for_timeout(50)
    assert np.abs(bars(page) - probabilities_of(picture)).max() < 1e-3
    assert answer(page).startswith(f"The network reads {digit} (")


@pytest.mark.parametrize("digit", ["2", "4", "8"])
def test_a_drawn_digit_is_read_as_python_reads_it(digit: str, page: Page) -> None:
    check_against_python(page, DIGITS[digit], digit)


def test_it_works_from_a_file(site: Path, chromium: Browser) -> None:
    with opened(new_page(chromium), (site / "intro.html").as_uri()) as page:
        check_against_python(page, placed(DIGITS["5"], 0.55, 0.05, 0.4), "5")


def random_walk(seed: int) -> Strokes:
    steps = np.random.default_rng(seed).normal(0, 0.04, (3, 30, 2))
    return (0.5 + steps.cumsum(axis=1)).tolist()


@pytest.mark.parametrize(
    "strokes",
    [
        *DIGITS.values(),
        placed(DIGITS["7"], 0.7, 0.75, 0.2),
        placed(DIGITS["6"], 0.4, 0.4, 0.02),
        [[[0.9, 0.1]]],
        [[[0.2, 0.5], [0.2, 0.5], [0.8, 0.5]], [[0.5, 0.5]]],
        *map(random_walk, range(4)),
    ],
)
def test_the_page_makes_the_picture_that_python_makes(strokes: Strokes, shared: Page) -> None:
    found = shared.evaluate(
        "async (strokes) => [...(await live.load('drawing')).pictureOf(strokes)]", strokes
    )
    assert np.abs(np.reshape(found, (28, 28)) - picture_of(strokes)).max() < 1e-4


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


def test_other_pages_load_one_small_script(address: str, chromium: Browser) -> None:
    page, sizes = new_page(chromium), []
    page.on(
        "requestfinished",
        lambda request: (
            "_static/live/" in request.url
            and request.url.split("?")[0].endswith(".js")
            and sizes.append(len(request.response().body()))
        ),
    )
    page.goto(f"{address}/chapters/appendix/notation.html", wait_until="networkidle")
    page.close()
    assert len(sizes) == 1 and sizes[0] < 8_000


def test_bars_follow_the_pen_and_words_wait(page: Page) -> None:
    draw(page, DIGITS["1"])
    answer(page)
    page.locator(".live-clear").click()
    expect(page.locator(".live-status")).to_have_text("Draw a digit, 0 to 9.")
    box: Any = page.locator(".live-pad").bounding_box()
    page.mouse.move(box["x"] + 100, box["y"] + 40)
    page.mouse.down()
    page.mouse.move(box["x"] + 100, box["y"] + 200, steps=5)
    expect(page.locator(".live-best")).to_have_count(1)
    expect(page.locator(".live-status")).to_have_text("Draw a digit, 0 to 9.")
    page.mouse.up()
    assert answer(page).startswith("The network reads 1")


def test_clear_empties_the_field_the_bars_and_the_picture(page: Page) -> None:
    draw(page, DIGITS["3"])
    answer(page)
    assert page.locator(".live-pad polyline").count() == 1 and seen(page).max() == 1
    page.locator(".live-clear").click()
    expect(page.locator(".live-status")).to_have_text("Draw a digit, 0 to 9.")
    assert page.locator(".live-pad polyline").count() == 0 and seen(page).max() == 0
    assert set(page.locator(".live-value").all_inner_texts()) == {""}


def press_until_focused(page: Page, selector: str) -> None:
    for _ in range(80):
        page.keyboard.press("Tab")
        if page.evaluate("s => document.activeElement.matches(s)", selector):
            return
    raise AssertionError(f"the Tab key does not lead to {selector}")


def test_a_digit_can_be_drawn_with_keys_alone(page: Page) -> None:
    press_until_focused(page, ".live-pad")
    expect(page.locator(".live-hint")).to_be_visible()
    top = page.evaluate("scrollY")
    for key in [" ", *["ArrowRight"] * 7, " "]:
        page.keyboard.press(key)
    assert answer(page)
    page.keyboard.press(" ")
    page.keyboard.down("ArrowDown")  # two at once: aslant
    for _ in range(7):
        page.keyboard.press("ArrowLeft")
    page.keyboard.up("ArrowDown")
    for key in [*["ArrowDown"] * 6, " "]:
        page.keyboard.press(key)
    expect(page.locator(".live-status")).to_contain_text("reads 7", timeout=30_000)
    assert page.evaluate("scrollY") == top
    points = page.locator(".live-pad polyline").last.get_attribute("points") or ""
    corners = np.array([pair.split(",") for pair in points.split()], float)
    assert (np.abs(np.diff(corners, axis=0)) > 0.01).all(axis=1).sum() == 7  # steps aslant


def test_the_examples_take_no_pointer(page: Page) -> None:
    press_until_focused(page, ".live-example")
    for digit in ("0", "1"):
        page.keyboard.press("Enter")
        expect(page.locator(".live-status")).to_contain_text(f"reads {digit} (", timeout=30_000)
        assert np.abs(bars(page) - probabilities_of(picture_of(DIGITS[digit]))).max() < 1e-3


def test_a_stroke_on_an_example_leaves_the_example_as_it_was(page: Page) -> None:
    example = page.locator(".live-example")
    for number in range(11):
        example.click()
        expect(page.locator(".live-status")).to_contain_text(
            f"reads {number % 10} (", timeout=30_000
        )
        assert page.locator(".live-pad polyline").count() == len(DIGITS[str(number % 10)])
        draw(page, [[[0.1, 0.1], [0.1, 0.2]]])
        page.locator(".live-clear").click()
        expect(page.locator(".live-status")).to_have_text("Draw a digit, 0 to 9.")


def test_a_finger_draws_on_a_telephone_and_does_not_scroll(address: str, chromium: Browser) -> None:
    page = chromium.new_page(
        viewport={"width": NARROW, "height": 844}, has_touch=True, is_mobile=True
    )
    with opened(page, f"{address}/intro.html"):
        for locator in (".live-pad", ".live-buttons button"):
            for target in page.locator(locator).all():
                box: Any = target.bounding_box()
                assert min(box["width"], box["height"]) >= 44
        top = page.evaluate("scrollY")
        touch(page, DIGITS["3"][0])
        assert answer(page).startswith("The network reads 3")
        assert page.evaluate("scrollY") == top
        assert page.evaluate("document.documentElement.scrollWidth") <= NARROW


def touch(page: Page, stroke: list[list[float]]) -> None:
    """Draw a stroke with one finger."""
    box: Any = page.locator(".live-pad").bounding_box()
    session = page.context.new_cdp_session(page)
    for number, (x, y) in enumerate(stroke):
        point = {"x": box["x"] + x * box["width"], "y": box["y"] + y * box["height"]}
        kind = "touchMove" if number else "touchStart"
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [point]})
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_without_scripts_a_picture_and_a_sentence_stand_there(
    width: int, address: str, chromium: Browser
) -> None:
    page = chromium.new_page(java_script_enabled=False, viewport={"width": width, "height": 844})
    page.goto(f"{address}/intro.html")
    live = page.locator(".live")
    expect(live.locator("img")).to_be_visible()
    expect(live).to_contain_text("Where scripts are allowed, you can draw here.")
    picture: Any = live.locator("img").bounding_box()
    assert 200 < picture["width"] < width and page.locator(".live-pad").count() == 0
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
