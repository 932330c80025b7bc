"""Captions and drawn digits in a page, against Python, in a real browser.

The networks are small ones without training, and those that ship where they are there.
"""

import re
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from playwright.sync_api import Browser, Locator, Page, expect

from mmbook.datasets.scenes.rendering import backgrounds, render
from mmbook.models import Captioner, Drawing, load_pretrained, shipped_models
from mmbook.models.looking import attention_maps
from tests.live.small_models import small_captioner, small_drawing
from tests.site.network_page import check_fits, write_network
from tools.live.captioning import offered
from tools.live.digit_drawing import DRAWINGS
from tools.live.models import captions, digits_from_words
from tools.site.browser import NARROW, WIDE, new_page
from tools.site.inspection import watched
from tools.site.serve import served

DONE = re.compile("Press a word|finds no end")
SMALL = {"small": ("en",), "small, Chinese": ("zh",)}
SHIPPED = ("scene-captioner", "scene-captioner-zh")
RANDOM = """
let state = 1;
Math.random = () => (state = (48271 * state) % 2147483647) / 2147483647;
"""  # Lehmer's numbers, which Python can make, too
expect.set_options(timeout=60_000)  # a machine that does other things too is slow


@cache
def captioner(name: str) -> Captioner:
    return small_captioner(*SMALL[name]) if name in SMALL else load_pretrained(name)  # type: ignore[arg-type]


@cache
def drawing() -> Drawing:
    return small_drawing()


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Path]:
    """A folder with a page for each network, made when it is asked for."""

    class Folders(dict[str, Path]):
        def __missing__(self, name: str) -> Path:
            place = tmp_path_factory.mktemp("page")
            if name == "digits":
                write_network(place, "digit-drawing", "words", digits_from_words(drawing()))
            else:
                write_network(place, "scene-captioner", "captions", captions(captioner(name)))
            return self.setdefault(name, place)

    return Folders()


@contextmanager
def opened(page: Page, address: str) -> Iterator[Page]:
    """The page, its network at work; ends with what the browser reported."""
    with watched(page, address) as reported:
        page.goto(address)
        page.locator(".live-start button").click()
        expect(page.locator(".live-show")).to_be_visible(timeout=120_000)
        yield page
        assert reported == []
    page.close()


@pytest.fixture(scope="module")
def shared(folders: Mapping[str, Path], chromium: Browser) -> Iterator[Page]:
    with (
        served(folders["small"]) as home,
        opened(new_page(chromium), f"{home}/light.html") as page,
    ):
        yield page


def bytes_of(canvas: Locator, side: int) -> torch.Tensor:
    """What a canvas shows, (3, side, side) bytes."""
    levels = canvas.evaluate(
        "c => [...c.getContext('2d').getImageData(0, 0, c.width, c.height).data]"
    )
    return torch.tensor(levels, dtype=torch.uint8).reshape(side, side, 4)[..., :3].movedim(-1, 0)


def check_caption(page: Page, model: Captioner) -> str:
    """The sentence in the page is Python's for the picture in the page, and so is all else."""
    status = page.locator(".live-status")
    expect(status).to_contain_text(DONE)
    image = bytes_of(page.locator(".live-seen canvas"), model.config.image.size)
    wanted = model.caption(image[None])[0]
    assert re.findall("“(.*)”", status.inner_text()) == [wanted]
    words = page.locator(".live-words button")
    if "<unk>" in wanted or not wanted:  # no sentence that could be read again
        return wanted
    maps = attention_maps(model, image, wanted)
    assert tuple(words.all_inner_texts()) == maps.words
    chances = [float(word.get_attribute("data-probability") or 0) for word in words.all()]
    assert np.abs(np.array(chances) - maps.log_probabilities.exp().numpy()).max() < 1e-3
    for place in {0, len(maps.words) // 2, len(maps.words) - 1}:
        words.nth(place).click()
        expect(words.nth(place)).to_have_attribute("aria-pressed", "true")
        assert page.locator(".live-words [aria-pressed=true]").count() == 1
        shades = page.locator(".live-looked > g:last-child rect").evaluate_all(
            "all => all.map(r => +r.getAttribute('fill-opacity'))"
        )
        weights = maps.mean()[place].flatten()
        assert np.abs(np.array(shades) - (1 - weights / weights.max()).numpy()).max() < 1e-3
        (shown,) = re.findall("probability ([01][.][0-9]{3})", status.inner_text())
        assert abs(float(shown) - chances[place]) < 1e-3
    return wanted


@pytest.mark.parametrize("place", ["http", "file"])
@pytest.mark.parametrize("name", [*SMALL, *SHIPPED])
def test_the_page_says_and_sees_what_python_does(
    name: str, place: str, folders: Mapping[str, Path], chromium: Browser
) -> None:
    if name in SHIPPED and name not in shipped_models():
        pytest.skip("the model is not there yet")
    with served(folders[name]) as home:
        address = f"{home}/dark.html" if place == "http" else (folders[name] / "dark.html").as_uri()
        with opened(new_page(chromium), address) as page:
            found = {check_caption(page, captioner(name))}
            for number in (2, 7):
                page.locator(".live-pictures button").nth(number).click()
                found.add(check_caption(page, captioner(name)))
            assert len(found) > 1
            expect(page.locator(".live-words")).to_have_attribute(
                "lang", captioner(name).config.tokenizer.language
            )


@pytest.mark.skipif(SHIPPED[0] not in shipped_models(), reason="the model is not there yet")
def test_pictures_drawn_by_the_page_are_described_as_those_of_the_package(
    shared: Page,
) -> None:
    scenes = offered()
    drawn = shared.evaluate(
        """async () => {
            const parts = await live.load("scene-parts");
            const { content } = await live.network("scene-captioner");
            return parts.scenesOf(content).map((scene) => [...parts.pixelsOf(scene, content)]);
        }"""
    )
    model = load_pretrained(SHIPPED[0])
    rendered = render(scenes, backgrounds([""] * len(scenes), 64))
    theirs = torch.tensor(drawn).reshape(rendered.shape).byte()
    assert model.caption(theirs) == model.caption(rendered)


def test_a_changed_picture_is_described_anew(shared: Page) -> None:
    model = captioner("small")
    shared.locator(".live-pictures button").nth(1).click()
    check_caption(shared, model)
    before = bytes_of(shared.locator(".live-seen canvas"), 64).int()
    shared.locator(".live-more").click()
    check_caption(shared, model)
    for place, word in enumerate(("large", "blue", "ring")):
        shared.locator(".live-slots select").nth(place).select_option(word)
    shared.locator(".live-pad").focus()
    for key in ("ArrowLeft", "ArrowUp", " ", "ArrowRight"):
        shared.keyboard.press(key)
    check_caption(shared, model)
    after = bytes_of(shared.locator(".live-seen canvas"), 64).int()
    assert (after - before).abs().max() > 50
    shared.locator(".live-pad").focus()  # the check has pressed words
    shared.keyboard.press(" ")
    chosen = shared.locator(".live-slots select").evaluate_all("all => all.map(s => s.value)")
    assert chosen == ["large", "blue", "ring"]
    shared.locator(".live-less").click()
    expect(shared.locator(".live-less")).to_be_disabled()
    check_caption(shared, model)
    for _ in range(3):
        shared.locator(".live-more").click()
    expect(shared.locator(".live-more")).to_be_disabled()
    check_caption(shared, model)


def noise_of(count: int) -> np.ndarray:
    """The noise that the page makes where its random numbers are those of RANDOM."""
    state, found = 1, []
    for _ in range(2 * count):
        state = 48271 * state % 2147483647
        found.append(state / 2147483647)
    first, second = np.reshape(found, (count, 2)).T
    return (np.sqrt(-2 * np.log(1 - first)) * np.cos(2 * np.pi * second)).astype(np.float32)


def check_drawings(page: Page, word: str, noise: np.ndarray) -> None:
    """The page shows what Python draws of a word and noise."""
    model = drawing()
    with torch.no_grad():
        ids = torch.tensor([model.tokenizer.encode(word)] * DRAWINGS)
        z = torch.from_numpy(noise).view(DRAWINGS, -1)
        wanted = 255 * (model({"text": ids}, z)[:, 0] + 1) / 2
    expect(page.locator(".live-status")).to_contain_text(f"“{word}”")
    check_canvases(page, wanted)


def check_canvases(page: Page, wanted: torch.Tensor) -> None:
    """The page soon shows these drawings, (DRAWINGS, size, size) of 0 to 255."""
    until = time.monotonic() + 60
    size = wanted.shape[-1]
    canvases = page.locator(".live-drawings canvas").all()
    while (torch.stack([bytes_of(c, size)[0] for c in canvases]) - wanted).abs().max() > 0.6:
        assert time.monotonic() < until, "the page never shows what Python draws"
        page.wait_for_timeout(100)


@pytest.mark.parametrize("place", ["http", "file"])
def test_words_become_the_drawings_that_python_makes(
    place: str, folders: Mapping[str, Path], chromium: Browser
) -> None:
    page, count = new_page(chromium), DRAWINGS * drawing().config.noise
    page.add_init_script(RANDOM)
    noises = noise_of(2 * count)
    with served(folders["digits"]) as home:
        file = (folders["digits"] / "light.html").as_uri()
        with opened(page, f"{home}/light.html" if place == "http" else file):
            check_drawings(page, "seven", noises[:count])
            page.locator(".live-slots select").select_option("七")
            check_drawings(page, "七", noises[:count])
            page.locator(".live-other").click()
            check_drawings(page, "七", noises[count:])
            page.locator("input").fill(" Eight ")
            check_drawings(page, "eight", noises[count:])
            assert page.locator(".live-slots select").input_value() == "eight"
            page.locator("input").fill("sevn")
            check_drawings(page, "sevn", noises[count:])
            status = page.locator(".live-status")
            expect(status).to_contain_text("no word of its training")
            for text, said in (
                ("", "Choose or type a word."),
                ("<b>5", "does not know < > 5."),
                ("seventeen", "At most 8 characters"),
            ):
                page.locator("input").fill(text)
                expect(status).to_contain_text(said)
                check_canvases(page, torch.zeros(DRAWINGS, *[drawing().config.size] * 2))


@pytest.mark.parametrize("name", ["small", "digits"])
@pytest.mark.parametrize(("width", "mode"), [*product((WIDE, NARROW), ("light", "dark"))])
def test_it_is_accessible_and_fits(
    width: int, mode: Any, name: str, folders: Mapping[str, Path], chromium: Browser
) -> None:
    with (
        served(folders[name]) as home,
        opened(new_page(chromium, width, mode), f"{home}/{mode}.html") as page,
    ):
        expect(page.locator(".live-status")).to_contain_text("“")
        check_fits(page)
