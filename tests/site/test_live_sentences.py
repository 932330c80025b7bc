"""Scenes from sentences in a page, against Python, in a real browser.

The networks are small ones without training, and those that ship where they are there.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from playwright.sync_api import Browser, Page, expect

from mmbook.models import SceneDrawing, load_pretrained, shipped_models
from tests.live.small_models import small_scene_drawing
from tests.site.network_page import check_fits, write_network
from tests.site.test_live_captions import RANDOM, bytes_of, noise_of, opened
from tools.live.models import scenes_from_sentences
from tools.live.scene_drawing import LENGTH, SHOWN
from tools.site.browser import NARROW, WIDE, new_page
from tools.site.serve import served

SMALL = {"small": "en", "small, Chinese": "zh"}
SHIPPED = ("scene-drawing", "scene-drawing-zh")
GREEN = "a large green star at the top left and a small blue ring at the bottom right"
expect.set_options(timeout=60_000)  # a machine that does other things too is slow


@cache
def model(name: str) -> SceneDrawing:
    return small_scene_drawing(SMALL[name]) if name in SMALL else load_pretrained(name)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Path]:
    """A folder with a page for each network, made when it is asked for."""

    class Folders(dict[str, Path]):
        def __missing__(self, name: str) -> Path:
            live = scenes_from_sentences(model(name))
            folder = tmp_path_factory.mktemp("page")
            return self.setdefault(name, write_network(folder, "scene-drawing", "sentences", live))

    return Folders()


@pytest.fixture(scope="module")
def shared(folders: Mapping[str, Path], chromium: Browser) -> Iterator[Page]:
    with (
        served(folders["small"]) as home,
        opened(drawing_page(chromium), f"{home}/light.html") as page,
    ):
        yield page


def drawing_page(chromium: Browser) -> Page:
    """A page whose random numbers are those of `noise_of`."""
    page = new_page(chromium)
    page.add_init_script(RANDOM)
    return page


def wanted_of(drawing: SceneDrawing, sentence: str, noise: np.ndarray, **way: Any) -> torch.Tensor:
    """What Python draws, (3, size, size) in about [-1, 1]."""
    before, drawing.config = drawing.config, replace(drawing.config, **way)
    try:
        with torch.no_grad():
            ids = torch.tensor([drawing.tokenizer.encode(sentence)])
            return drawing.follow(ids, torch.from_numpy(noise)[None])[0]
    finally:
        drawing.config = before


def check_drawing(
    page: Page, drawing: SceneDrawing, sentence: str, noise: np.ndarray, **way: Any
) -> None:
    """The page shows what Python draws of a sentence and noise, and all steps to it."""
    steps = way.get("steps", drawing.config.steps)
    said = f"“{sentence}”, in {'one step' if steps == 1 else f'{steps} steps'}."
    expect(page.locator(".live-status")).to_contain_text(said)
    size = drawing.config.size
    wanted = (255 * (wanted_of(drawing, sentence, noise, **way) + 1) / 2).clamp(0, 255)
    shown = page.locator(".live-drawn")
    expect(shown).to_have_attribute("aria-label", f"Drawing of: {sentence}")
    assert (bytes_of(shown, size) - wanted).abs().max() < 0.7
    strip = page.locator(".live-strip canvas").all()
    assert len(strip) == steps + 1
    first = (255 * (torch.from_numpy(noise).view_as(wanted) + 1) / 2).clamp(0, 255)
    assert (bytes_of(strip[0], size) - first).abs().max() < 0.7
    assert (bytes_of(strip[-1], size) - wanted).abs().max() < 0.7


@pytest.mark.parametrize("place", ["http", "file"])
@pytest.mark.parametrize("name", [*SMALL, *SHIPPED])
def test_the_page_draws_what_python_draws(
    name: str, place: str, folders: Mapping[str, Path], chromium: Browser
) -> None:
    if name in SHIPPED and name not in shipped_models():
        pytest.skip("the model is not there yet")
    drawing = model(name)
    count = drawing.config.noise
    noises = noise_of(2 * count)
    (sentence,) = SHOWN[drawing.config.tokenizer.language]
    file = (folders[name] / "dark.html").as_uri()
    with (
        served(folders[name]) as home,
        opened(drawing_page(chromium), f"{home}/dark.html" if place == "http" else file) as page,
    ):
        check_drawing(page, drawing, sentence, noises[:count])
        page.locator(".live-other").click()
        check_drawing(page, drawing, sentence, noises[count:])
        page.locator(".live-steps").select_option("3")
        page.locator(".live-guidance").select_option("3")
        check_drawing(page, drawing, sentence, noises[count:], steps=3, guidance=3.0)
        assert page.locator("input").input_value() == sentence


def test_the_numbers_are_python_s_to_three_decimals(shared: Page) -> None:
    drawing = model("small")
    noise = np.random.default_rng(0).standard_normal(drawing.config.noise).astype(np.float32)
    found = shared.evaluate(
        """async ([words, noise]) => {
            const { followed } = await live.load("sentences");
            const network = await live.network("scene-drawing"), { content } = network;
            const ids = words.map((word) => content.words.indexOf(word) + content.first);
            return [...await followed(network, ids, noise, content.steps, content.guidance)];
        }""",
        [GREEN.split(), noise.tolist()],
    )
    wanted = wanted_of(drawing, GREEN, noise).flatten().numpy()
    assert np.abs(np.array(found) - wanted).max() < 1e-3


def test_words_are_chosen_from_menus(shared: Page) -> None:
    drawing = model("small")
    rows = shared.locator(".live-ask .live-slots").first.locator("> div")
    noise = noise_of(drawing.config.noise)
    for place, word in enumerate(("small", "brown", "heart", "bottom left")):
        rows.nth(0).locator("select").nth(place).select_option(word)
    second = "a small blue ring at the bottom right"
    both = f"a small brown heart at the bottom left and {second}"
    check_drawing(shared, drawing, both, noise)
    assert shared.locator("input").input_value() == both
    rows.nth(0).locator("[data-part=place]").select_option("bottom right")
    rows.nth(1).locator("[data-part=place]").select_option("top right")
    second = "a small blue ring at the top right"
    check_drawing(shared, drawing, f"{second} and a small brown heart at the bottom right", noise)
    shared.locator(".live-second").click()
    check_drawing(shared, drawing, "a small brown heart at the bottom right", noise)
    expect(rows.nth(1)).to_be_hidden()
    shared.locator(".live-second").click()
    expect(rows.nth(1)).to_be_visible()
    shared.locator(".live-steps").select_option("1")
    both = f"{second} and a small brown heart at the bottom right"
    check_drawing(shared, drawing, both, noise, steps=1)
    shared.locator(".live-steps").select_option("5")


@pytest.mark.parametrize(
    ("typed", "asked"),
    [
        (f" {GREEN.upper()}. ", GREEN),
        ("a small blue ring at the bottom right, a large green star at the top left", GREEN),
        (
            "a large green star right of a small blue ring",
            "a small blue ring at the top left and a large green star at the top right",
        ),
        (
            "a large green star below a small blue ring",
            "a small blue ring at the top left and a large green star at the bottom left",
        ),
        ("a small green star at the top left", "a small green star at the top left"),
    ],
)
def test_a_typed_sentence_is_drawn(typed: str, asked: str, shared: Page) -> None:
    shared.locator("input").fill(typed)
    drawing = model("small")
    check_drawing(shared, drawing, asked, noise_of(drawing.config.noise))
    assert shared.locator("input").input_value() == typed


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "Choose or type a sentence."),
        ("a large red dog at the top left", "does not know dog."),
        ("a large <b>star", "does not know <b>star."),
        ("a red star at the top left", "Say size, colour, shape and place, as in “a large"),
        ("a large red star", "Say size, colour, shape and place"),
        (f"{GREEN} and a large red star at the top right", "One or two shapes can be drawn."),
    ],
)
def test_what_cannot_be_drawn_is_told(typed: str, said: str, shared: Page) -> None:
    shared.locator("input").fill(typed)
    expect(shared.locator(".live-status")).to_contain_text(said)


def test_chinese_is_read_with_its_relations(folders: Mapping[str, Path], chromium: Browser) -> None:
    drawing, name = model("small, Chinese"), "small, Chinese"
    with (
        served(folders[name]) as home,
        opened(drawing_page(chromium), f"{home}/light.html") as page,
    ):
        page.locator("input").fill("一个蓝色的小圆环的右边有一个绿色的大五角星。")
        noise = noise_of(drawing.config.noise)
        asked = "左上方有一个蓝色的小圆环，右上方有一个绿色的大五角星"
        check_drawing(page, drawing, asked, noise)
        page.locator("input").fill("左上方有一个绿色的大猫")
        expect(page.locator(".live-status")).to_contain_text("does not know 猫.")
        assert len(drawing.tokenizer.encode(asked)) <= LENGTH


def test_a_pair_that_training_never_showed_is_named(shared: Page) -> None:
    shared.locator("input").fill("a large red circle at the top left")
    expect(shared.locator(".live-status")).to_contain_text(
        "No picture of its training had this: red circle."
    )
    shared.locator("input").fill("a large red star at the top left")
    expect(shared.locator(".live-status")).to_contain_text("star at the top left”, in 5 steps.")
    expect(shared.locator(".live-status")).not_to_contain_text("No picture")


@pytest.mark.parametrize(("width", "mode"), [*product((WIDE, NARROW), ("light", "dark"))])
def test_it_is_accessible_and_fits(
    width: int, mode: Any, folders: Mapping[str, Path], chromium: Browser
) -> None:
    with (
        served(folders["small"]) as home,
        opened(new_page(chromium, width, mode), f"{home}/{mode}.html") as page,
    ):
        expect(page.locator(".live-status")).to_contain_text("“")
        check_fits(page)
        page.locator(".live-slots select").first.focus()
        page.keyboard.press("Tab")
        focused = page.evaluate("document.activeElement.dataset.part")
        assert focused == "colour"
