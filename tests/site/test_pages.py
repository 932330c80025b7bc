"""Every page of the site, as a reader sees it: wide and narrow, light and dark."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tools.site.browser import NARROW, WIDE, Mode, new_page
from tools.site.build import page_names
from tools.site.inspection import inspect
from tools.site.links import broken_links, undescribed_pictures
from tools.site.screenshot import screenshot_file

PAGES = page_names()


@pytest.mark.parametrize("mode", ["light", "dark"])
@pytest.mark.parametrize("name", PAGES)
def test_page_is_sound(name: str, mode: Mode, site: Path, address: str, chromium: Browser) -> None:
    pictures = (
        screenshot_file(site, name, WIDE, mode),
        screenshot_file(site, name, NARROW, mode),
    )
    assert inspect(chromium, f"{address}/{name}", mode, pictures) == []
    assert all(picture.stat().st_size > 5_000 for picture in pictures)


@pytest.mark.parametrize("name", ["intro.html", "chapters/appendix/notation.html"])
def test_page_works_from_a_file(name: str, site: Path, chromium: Browser) -> None:
    assert inspect(chromium, (site / name).as_uri()) == []


def test_every_built_page_is_looked_at(site: Path) -> None:
    built = {
        str(file.relative_to(site)) for file in site.rglob("*.html") if "_static" not in str(file)
    }
    assert built - {"index.html"} == set(PAGES)


def test_links_lead_somewhere(site: Path) -> None:
    assert broken_links(site) == []


def test_pictures_are_described(site: Path) -> None:
    assert undescribed_pictures(site) == []


def test_the_root_leads_to_the_first_page(address: str, chromium: Browser) -> None:
    page = new_page(chromium)
    page.goto(address)
    page.wait_for_url(f"{address}/intro.html", timeout=5_000)
    page.close()
