"""The built site, served on this machine, and one browser."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tools.site.browser import browser
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
