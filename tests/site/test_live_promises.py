"""What every network with a start button promises: it waits, and its place is never empty."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.site.network_page import cell_of, write_page
from tools.live.models import MODELS
from tools.site.browser import NARROW, new_page
from tools.site.serve import served

INPUTS: Mapping[str, str] = {
    "scene-search": "scenes",
    "scene-captioner": "captions",
    "scene-captioner-zh": "captions",
    "digit-drawing": "words",
    "scene-drawing": "sentences",
    "speech-quality": "inspector",
}  # by network: the script that gives it input


@pytest.fixture(scope="module", params=INPUTS)
def name(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(scope="module")
def page_of(name: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where a page stands with the network that the book ships."""
    folder: Path = tmp_path_factory.mktemp("page")
    write_page(folder, cell_of(name, INPUTS[name]))
    with served(folder) as home:
        yield f"{home}/light.html"


def test_every_network_is_asked() -> None:
    assert {*MODELS} - {*INPUTS} == {"mnist", "fusion"}  # on pages of the book: see their tests


def test_nothing_large_is_loaded_before_it_is_asked_for(
    name: str, page_of: str, chromium: Browser
) -> None:
    page, asked = new_page(chromium), []
    page.on("request", lambda request: asked.append(request.url.split("/")[-1]))
    page.goto(page_of, wait_until="networkidle")
    expect(page.locator("img")).to_be_visible()
    page.close()
    assert {file for file in asked if file.endswith(".js")} == {"live.js", f"{INPUTS[name]}.js"}


def test_without_scripts_a_picture_and_a_sentence_stand_there(
    page_of: str, chromium: Browser
) -> None:
    page = chromium.new_page(java_script_enabled=False, viewport={"width": NARROW, "height": 844})
    page.goto(page_of)
    expect(page.locator(".live img")).to_be_visible()
    expect(page.locator(".live")).to_contain_text("where scripts are allowed")
    page.close()


def test_a_browser_without_webassembly_says_so(page_of: str, chromium: Browser) -> None:
    page = new_page(chromium)
    page.add_init_script("delete window.WebAssembly")
    page.goto(page_of)
    page.locator(".live-start button").click()
    said = expect(page.locator(".live-status"))
    said.to_contain_text("The network cannot run in this browser", timeout=60_000)
    expect(page.locator(".live img")).to_be_visible()
    page.close()
