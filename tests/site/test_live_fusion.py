"""The fusion explorer in its chapter: sliders moved and digits chosen, against Python."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from playwright.sync_api import Browser, Locator, Page, expect
from torch import Tensor

from tools.live.fusions import FUSIONS
from tools.live.models import MODELS
from tools.live.senses import START, split
from tools.site.browser import NARROW, WIDE, new_page
from tools.site.inspection import access_problems, watched

CHAPTER = "chapters/algorithms/fusion.html"
Setting = tuple[float, float, float, float, float]


@cache
def explorer() -> Any:
    return MODELS["fusion"]()


@torch.no_grad()
def python_says(setting: Setting) -> dict[str, Tensor]:
    """What the explorer shows of a setting, computed by PyTorch."""
    return split(explorer().module(torch.tensor(setting)), explorer().page["parts"])


@contextmanager
def opened(page: Page, address: str) -> Iterator[Page]:
    """The chapter, its explorer open; ends with what the browser reported."""
    with watched(page, address) as reported:
        page.goto(address)
        page.locator(".live-start button").click()
        expect(page.locator(".live-side .live-status")).to_contain_text("Answers", timeout=60_000)
        yield page
        assert reported == []
    page.close()


@pytest.fixture(scope="module")
def chapter(address: str, chromium: Browser) -> Iterator[Page]:
    with opened(new_page(chromium), f"{address}/{CHAPTER}") as page:
        yield page


def numbers(place: Locator) -> np.ndarray:
    return np.array([float(text) for text in place.locator(".live-value").all_text_contents()])


def set_to(page: Page, setting: Setting) -> None:
    """Choose digits and noises; the example stays."""
    seen, heard, _, sigma, snr_db = setting
    for name, value in (("picture", f"{seen:g}"), ("voice", f"{heard:g}")):
        page.locator(f".live-{name} select").select_option(value)
    for name, number in (("picture", sigma), ("voice", -snr_db)):
        slider = page.locator(f".live-{name} input")
        slider.evaluate(
            """(slider, value) => { slider.value = value;
               slider.dispatchEvent(new Event("input", { bubbles: true }));
               slider.dispatchEvent(new Event("change", { bubbles: true })); }""",
            number,
        )
    expect(page.locator(".live-side .live-status")).to_contain_text(
        f"The picture shows {seen:g}, the voice says {heard:g}."
    )


def pixels(page: Page, name: str) -> np.ndarray:
    """The shades that a canvas shows, (height, width) in [0, 1]."""
    values, width = page.locator(f".live-{name} canvas").evaluate(
        """canvas => [[...canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height)
                       .data], canvas.width]"""
    )
    return np.reshape(values, (-1, width, 4))[:, :, 0] / 255


def check_against_python(page: Page, setting: Setting) -> None:
    """Bars, leans, weights, both images and the sentence are Python's."""
    wanted = python_says(setting)
    leans = wanted["leans"].numpy()
    expected = [np.concatenate(pair) for pair in zip(wanted["answers"].numpy(), leans, strict=True)]
    expected[-1] = np.concatenate([expected[-1], wanted["weights"].numpy()])
    columns = page.locator(".live-fusion")
    last = columns.last.locator(".live-value").last
    expect(last).to_have_text(f"{expected[-1][-1]:.3f}", timeout=30_000)
    for i, values in enumerate(expected):
        assert np.abs(numbers(columns.nth(i)) - values).max() < 1.01e-3, FUSIONS[i]
    assert np.abs(pixels(page, "picture") - wanted["picture"].numpy()).max() < 1 / 255
    shades = ((wanted["log_mel"].T.flip(0) + 3) / 7).clamp(0, 1).numpy()
    assert np.abs(pixels(page, "voice") - shades).max() < 1 / 255
    said = page.locator(".live-side .live-status").inner_text()
    for name, answer in zip(FUSIONS, wanted["answers"], strict=True):
        assert f"{name} {int(answer.argmax())} (" in said


def test_it_opens_at_the_setting_of_the_still_image(address: str, chromium: Browser) -> None:
    with opened(new_page(chromium), f"{address}/{CHAPTER}") as page:
        check_against_python(page, START)


@pytest.mark.parametrize(
    "setting",
    [(3, 3, 0, 0.0, 30.0), (1, 8, 0, 3.0, 30.0), (9, 4, 0, 0.0, -20.0), (6, 2, 0, 1.6, -10.0)],
)
def test_any_setting_shows_what_python_says(setting: Setting, chapter: Page) -> None:
    set_to(chapter, setting)
    check_against_python(chapter, setting)


def test_it_works_from_a_file_and_each_example_is_python_s(site: Path, chromium: Browser) -> None:
    with opened(new_page(chromium), (site / CHAPTER).as_uri()) as page:
        set_to(page, (4, 5, 0, 1.0, 0.0))
        for example in (1, 2, 0):
            page.locator(".live-other").click()
            check_against_python(page, (4, 5, example, 1.0, 0.0))


def test_nothing_large_is_loaded_before_the_reader_asks(address: str, chromium: Browser) -> None:
    page, asked = new_page(chromium), []
    page.on("request", lambda request: asked.append(request.url.split("/")[-1].split("?")[0]))
    page.goto(f"{address}/{CHAPTER}", wait_until="networkidle")
    expect(page.locator(".live img")).to_be_visible()
    assert "senses.js" in asked and not {"fusion.js", "runtime.js"} & set(asked)
    page.close()


def test_keys_alone_open_it_and_move_everything(address: str, chromium: Browser) -> None:
    page = new_page(chromium)
    page.goto(f"{address}/{CHAPTER}")
    page.locator(".live-start button").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".live-picture select")).to_be_focused(timeout=60_000)
    page.keyboard.press("8")
    page.keyboard.press("Tab")
    page.keyboard.press("End")
    page.keyboard.press("Tab")
    page.keyboard.press("3")
    page.keyboard.press("Tab")
    page.keyboard.press("Home")
    expect(page.locator(".live-side .live-status")).to_contain_text("shows 8, the voice says 3")
    check_against_python(page, (8, 3, 0, 3.0, 30.0))
    page.close()


def test_words_wait_until_the_slider_is_let_go(chapter: Page) -> None:
    set_to(chapter, (2, 2, 0, 0.0, 30.0))
    said = chapter.locator(".live-side .live-status").inner_text()
    box: Any = chapter.locator(".live-picture input").bounding_box()
    chapter.locator(".live-picture input").scroll_into_view_if_needed()
    box = chapter.locator(".live-picture input").bounding_box()
    before = numbers(chapter.locator(".live-fusion").first)
    chapter.mouse.move(box["x"] + 9, box["y"] + box["height"] / 2)
    chapter.mouse.down()
    chapter.mouse.move(box["x"] + box["width"] - 3, box["y"] + box["height"] / 2, steps=4)
    expect(chapter.locator(".live-picture .live-noise")).to_have_text("Noise: σ 3.0")
    chapter.wait_for_timeout(300)
    assert np.abs(numbers(chapter.locator(".live-fusion").first) - before).max() > 0.1
    assert chapter.locator(".live-side .live-status").inner_text() == said
    chapter.mouse.up()
    expect(chapter.locator(".live-side .live-status")).not_to_have_text(said)


def test_the_noisy_voice_can_be_heard(chapter: Page) -> None:
    chapter.evaluate(
        """() => { window.started = 0;
                   const start = AudioBufferSourceNode.prototype.start;
                   AudioBufferSourceNode.prototype.start = function () {
                     window.started = this.buffer.duration; start.call(this); }; }"""
    )
    chapter.locator(".live-listen").click()
    assert chapter.evaluate("window.started") == pytest.approx(0.8)


def test_on_a_telephone_nothing_is_too_wide_or_too_small(address: str, chromium: Browser) -> None:
    page = chromium.new_page(
        viewport={"width": NARROW, "height": 844}, has_touch=True, is_mobile=True
    )
    with opened(page, f"{address}/{CHAPTER}"):
        assert page.evaluate("document.documentElement.scrollWidth") <= NARROW
        for target in page.locator(".live :is(button, select, input)").all():
            box: Any = target.bounding_box()
            assert min(box["width"], box["height"]) >= 44
            assert box["x"] >= 0 and box["x"] + box["width"] <= NARROW
        check_against_python(page, START)


@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_without_scripts_an_image_and_a_sentence_stand_there(
    width: int, address: str, chromium: Browser
) -> None:
    page = chromium.new_page(java_script_enabled=False, viewport={"width": width, "height": 844})
    page.goto(f"{address}/{CHAPTER}")
    live = page.locator(".live")
    expect(live.locator("img")).to_be_visible()
    expect(live).to_contain_text("where scripts are allowed, there are sliders here")
    image: Any = live.locator("img").bounding_box()
    assert 250 < image["width"] < width and page.locator(".live button").count() == 0
    page.close()


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_it_is_accessible_in_the_theme_s_colours(
    mode: Any, address: str, chromium: Browser
) -> None:
    with opened(new_page(chromium, WIDE, mode), f"{address}/{CHAPTER}") as page:
        assert access_problems(page) == []


def test_a_browser_without_webassembly_says_so(address: str, chromium: Browser) -> None:
    page = new_page(chromium)
    page.add_init_script("delete window.WebAssembly")
    page.goto(f"{address}/{CHAPTER}")
    page.locator(".live-start button").click()
    expect(page.locator(".live .live-status")).to_contain_text(
        "The network cannot run in this browser", timeout=60_000
    )
    expect(page.locator(".live img")).to_be_visible()
    page.close()
