"""A page with one network alone, as tests use it, and that of the search of scenes."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, Page, expect

from tools.live.export import script_of
from tools.live.models import LiveModel
from tools.live.packing import FOLDER
from tools.site.inspection import MEASURE_OVERFLOW, access_problems, watched

CELL = """<div class="live" data-model="NAME" data-input="INPUT">
<p><img src="live/NAME.svg" alt="What stands here where scripts are off."></p>
<p>On the book's site, where scripts are allowed, you can try it here yourself.</p>
</div>"""
PAGE = """<!doctype html>
<html lang="en" data-theme="MODE">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Search</title>
<link rel="icon" href="favicon.png">
<link rel="stylesheet" href="book.css">
<link rel="stylesheet" href="live/live.css">
<style>
*, ::before, ::after {{ box-sizing: border-box; }}
html[data-theme="light"] {{ --pst-color-background: #fff; }}
body {{ margin: 0; background: var(--pst-color-background); color: var(--pst-color-text-base);
  font-family: var(--pst-font-family-base); }}
article {{ padding: 1rem; }}
img {{ max-width: 100%; }}
</style>
<script src="live/live.js" defer></script>
<main class="bd-main"><article class="bd-article"><h1>Search</h1>{cell}</article></main>
</html>
"""


def cell_of(name: str, kind: str) -> str:
    """The place of a network in a page; kind: the script that gives it input."""
    return CELL.replace("NAME", name).replace("INPUT", kind)


def write_page(folder: Path, cell: str) -> None:
    """Write `light.html`, `dark.html` and `index.html` with all that they need into a folder."""
    shutil.copytree(FOLDER, folder / "live", dirs_exist_ok=True)
    for name in ("book.css", "favicon.png"):
        shutil.copy(FOLDER.parent / name, folder)
    for name, mode in (("index", "light"), ("light", "light"), ("dark", "dark")):
        text = PAGE.format(cell=cell).replace("MODE", mode)
        (folder / f"{name}.html").write_text(text, encoding="utf-8")


def write_network(folder: Path, name: str, kind: str, model: LiveModel) -> Path:
    """Write the pages of `write_page` with a network that the book does not ship."""
    write_page(folder, cell_of(name, kind))
    (folder / "live" / f"{name}.js").write_text(script_of(name, model), encoding="utf-8")
    (folder / "live" / f"{name}.svg").write_text(model.still, encoding="utf-8")
    return folder


@contextmanager
def opened(page: Page, address: str) -> Iterator[Page]:
    """The page, its search open and answered; ends with what the browser reported."""
    with watched(page, address) as reported:
        page.goto(address)
        page.locator(".live-start button").click()
        expect(page.locator(".live-pictures li")).to_have_count(6, timeout=60_000)
        expect(page.locator(".live-sentences li")).to_have_count(6, timeout=60_000)
        yield page
        assert reported == []
    page.close()


def check_fits(page: Page) -> None:
    """All of a page is accessible, nothing is too wide, and a finger hits what can be pressed."""
    assert access_problems(page) == []
    assert page.evaluate(MEASURE_OVERFLOW) == ""
    for target in page.locator(".live button, .live select, .live input").all():
        box: Any = target.bounding_box()
        assert min(box["width"], box["height"]) >= 43.9


def values(place: Locator) -> list[float]:
    """The cosines that a list shows."""
    return [
        float(text.strip().replace("−", "-"))
        for text in place.locator(".live-value").all_text_contents()
    ]
