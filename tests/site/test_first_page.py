"""The first page: a newcomer sees at once where to begin, and what there is."""

import pytest
from playwright.sync_api import Browser, expect

from tools.site.browser import NARROW, WIDE, Mode, new_page
from tools.site.build import page_names

FIRST_CHAPTER = page_names()[1]


@pytest.mark.parametrize("width", [WIDE, NARROW])
@pytest.mark.parametrize("mode", ["light", "dark"])
def test_one_button_leads_to_the_first_chapter(
    address: str, chromium: Browser, width: int, mode: Mode
) -> None:
    page = new_page(chromium, width, mode)
    page.goto(f"{address}/intro.html")
    button = page.get_by_role("link", name="Begin", exact=True)
    expect(button).to_have_count(1)
    box, window = button.bounding_box(), page.viewport_size
    assert box and window and box["y"] + box["height"] <= window["height"]
    assert box["height"] >= 40  # a thumb's width
    button.click()
    page.wait_for_url(f"{address}/{FIRST_CHAPTER}")
    page.close()


def test_the_contents_say_how_long_each_chapter_is(address: str, chromium: Browser) -> None:
    page = new_page(chromium)
    page.goto(f"{address}/intro.html")
    cards = page.locator("#contents .sd-card")
    links = cards.locator("a").evaluate_all("links => links.map(link => link.href)")
    chapters = [name for name in page_names()[1:] if "/appendix/" not in name and "/" in name]
    assert links == [f"{address}/{name}" for name in chapters]
    minutes = [text.split()[0] for text in cards.locator(".sd-card-footer").all_inner_texts()]
    assert all(5 <= int(number) <= 40 for number in minutes) and len(minutes) == len(chapters)
    page.close()
