"""A headless Chromium that asks nobody for anything, and pages that are ready to be looked at."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

from playwright.sync_api import Browser, Page, sync_playwright

Mode = Literal["light", "dark"]
WIDE, NARROW = 1280, 390  # CSS pixels: a laptop's window, a telephone
PATIENCE = 300_000  # milliseconds for one step: a machine that does other things too is slow
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]


def chromium_path() -> str:
    """Return the path of the installed Chromium or Chrome; raise FileNotFoundError if none is."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if path := shutil.which(name):
            return path
    raise FileNotFoundError(
        "The site is checked in Chromium, and none is installed. "
        "On Debian or Ubuntu: apt-get install -y chromium"
    )


@contextmanager
def browser() -> Iterator[Browser]:
    """Start Chromium with a fresh profile and yield it."""
    path = chromium_path()
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=FLAGS)
        try:
            yield chromium
        finally:
            chromium.close()


def new_page(chromium: Browser, width: int = WIDE, mode: Mode = "light") -> Page:
    """Open an empty page of a width in CSS pixels, in light or dark mode."""
    height = 900 if width > 600 else 844
    page = chromium.new_page(
        viewport={"width": width, "height": height}, color_scheme=mode, reduced_motion="reduce"
    )
    page.set_default_timeout(PATIENCE)
    return page


def settle(page: Page) -> None:
    """Wait until mathematics is typeset, fonts are there and every picture is loaded."""
    page.evaluate(
        """async () => {
            await window.MathJax?.startup?.promise;
            await document.fonts.ready;
            document.querySelectorAll("img[loading=lazy]").forEach(i => i.loading = "eager");
            await Promise.all([...document.images].map(i => i.decode().catch(() => {})));
        }"""
    )
    page.wait_for_load_state("networkidle")


def screenshot(page: Page, file: str, full: bool = True, tallest: int = 12_000) -> None:
    """Save a PNG of the window, or of the whole page down to `tallest` CSS pixels."""
    if not full:
        page.screenshot(path=file)
        return
    size = page.viewport_size or {"width": WIDE, "height": 900}
    height = page.evaluate("document.documentElement.scrollHeight")
    clip = {"x": 0, "y": 0, "width": size["width"], "height": min(height, tallest)}
    page.screenshot(path=file, full_page=True, clip=clip)  # pyright: ignore[reportArgumentType]
