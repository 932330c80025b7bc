"""A network that runs in a page: drawn to with pointer, finger and keys, against Python."""

import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.site.live_page import (
    DIGITS,
    Strokes,
    answer,
    bars,
    draw,
    opened,
    placed,
    probabilities_of,
    seen,
)
from tools.live.drawing import image_of
from tools.site.browser import NARROW, new_page


def check_against_python(page: Page, strokes: Strokes, digit: str) -> None:
    """Draw, and compare sentence, bars and image with what Python makes of the same points."""
    image = image_of(draw(page, strokes))
    until = time.monotonic() + 30
    while np.abs(seen(page) - image).max() > 1 / 255:
        assert time.monotonic() < until, "the page never shows the image that Python makes"
        page.wait_for_timeout(50)
    assert np.abs(bars(page) - probabilities_of(image)).max() < 1e-3
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
def test_the_page_makes_the_image_that_python_makes(strokes: Strokes, shared: Page) -> None:
    found = shared.evaluate(
        "async (strokes) => [...(await live.load('drawing')).imageOf(strokes)]", strokes
    )
    assert np.abs(np.reshape(found, (28, 28)) - image_of(strokes)).max() < 1e-4


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


def test_clear_empties_the_field_the_bars_and_the_image(page: Page) -> None:
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
        assert np.abs(bars(page) - probabilities_of(image_of(DIGITS[digit]))).max() < 1e-3


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
