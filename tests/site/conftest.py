"""The built site, served on this machine, and one browser for all its pages."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.site.live_page import opened
from tools.site.browser import browser, new_page
from tools.site.build import REPOSITORY, SITE, build, is_stale
from tools.site.serve import served


@pytest.fixture(scope="session")
def site() -> Path:
    """The folder of the built site, built now where it is missing or older than its sources."""
    if is_stale():
        build()
    return REPOSITORY / SITE


@pytest.fixture(scope="session")
def address(site: Path) -> Iterator[str]:
    """The address of the built site."""
    with served(site) as address:
        yield address


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """A headless browser; the tests fail, and say what to install, where there is none."""
    with browser() as chromium:
        yield chromium


@pytest.fixture
def page(address: str, chromium: Browser) -> Iterator[Page]:
    """The first page, with its field to draw in on the screen."""
    with opened(new_page(chromium), f"{address}/intro.html") as page:
        yield page


@pytest.fixture(scope="module")
def shared(address: str, chromium: Browser) -> Iterator[Page]:
    """One page for the checks that change nothing in it."""
    with opened(new_page(chromium), f"{address}/intro.html") as page:
        yield page
