"""The search finds what a reader looks for."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.site.test_buttons import URL, book_with
from tools.site.browser import NARROW, WIDE, new_page
from tools.site.serve import served

HREFS = "links => links.map(link => link.href.split('#')[0])"


def results(page: Page) -> list[str]:
    """The pages that a search lists, in their order."""
    page.wait_for_selector("#search-results li a", timeout=5_000)
    links = page.locator("#search-results ul.search > li > a:first-child")
    return [link.split("/")[-1].partition("?")[0] for link in links.evaluate_all(HREFS)]


def test_a_page_is_found(address: str, chromium: Browser) -> None:
    page = new_page(chromium)
    page.goto(f"{address}/search.html?q=modality")
    assert "multimodal-models.html" in results(page)
    page.close()


@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_who_looks_for_install_is_led_to_the_setup(
    address: str, chromium: Browser, width: int
) -> None:
    page = new_page(chromium, width)
    page.goto(f"{address}/intro.html")
    page.locator(".search-button:visible, .search-button-field:visible").first.click()
    page.keyboard.type("install")
    page.keyboard.press("Enter")
    assert results(page)[0] == "setup.html"
    page.close()


def test_a_setup_cell_that_installs_is_not_found(tmp_path: Path, chromium: Browser) -> None:
    site = book_with(tmp_path, URL)
    assert "install" in (site / "chapters/page.html").read_text(encoding="utf-8")
    page = new_page(chromium)
    with served(site) as address:
        page.goto(f"{address}/search.html?q=install")
        assert set(results(page)) == {"setup.html"}
    page.close()
