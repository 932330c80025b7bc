"""The page of an inspection in a browser: from a file, wide and narrow, light and dark."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect

from mmbook.cli import inspect
from mmbook.cli.inspection import page as pages
from tests.cli.inspection_fakes import Ear, clipped, voice, write
from tools.site.browser import NARROW, WIDE, new_page

NAME = "<script>alert(1)<x>.wav"


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page of four recordings: one with faults, one clean and linked, silence, and none."""
    folder = tmp_path_factory.mktemp("inspection")
    write(folder / NAME, clipped(12, 3, 4.5))
    write(folder / "会议 录音.flac", voice(100, 16_000), 16_000)
    write(folder / "silence.wav", np.zeros(8000))
    (folder / "text.wav").write_text("no sound")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(inspect, "load_pretrained", lambda place: Ear())
        patch.setattr(pages, "HELD", 300_000)
        assert inspect.main([str(folder), "--html", str(folder / "report.html"), "--json"]) == 2
    return folder / "report.html"


@contextmanager
def shown(
    chromium: Browser, report: Path, width: int, mode: Literal["light", "dark"] = "light"
) -> Iterator[Page]:
    """The page, which must ask for nothing but itself and sounds beside it, and log nothing."""
    page = new_page(chromium, width, mode)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: asked.append(message.text))
    page.on("dialog", lambda dialog: asked.append(dialog.message))
    page.goto(report.as_uri())
    yield page
    beside = report.parent.as_uri()
    assert [url for url in asked if not url.startswith(("data:", beside))] == []
    page.close()


@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_lanes_lie_below_the_spectrogram_and_nothing_sticks_out(
    chromium: Browser, report: Path, width: int
) -> None:
    with shown(chromium, report, width) as page:
        expect(page.locator("section")).to_have_count(4)
        expect(page.locator("section h2").first).to_contain_text(NAME)
        edges = page.locator(".lanes").first.evaluate(
            "e => [...e.querySelectorAll('img, svg')].map(x => x.getBoundingClientRect())"
            ".map(r => [r.left, r.right].map(Math.round))"
        )
        assert len(edges) == 10 and edges == [edges[0]] * 10
        assert edges[0][1] - edges[0][0] > 0.6 * min(width, 1120)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        sizes = page.locator(".lanes img").evaluate_all("all => all.map(e => e.naturalWidth)")
        assert len(sizes) == 3 and all(sizes)
        # The mark of the clipping, 3 to 4.5 s of 12, lies where it should.
        left, right = edges[0]
        (mark,) = (
            page.locator("section")
            .first.locator("rect")
            .evaluate_all(
                "all => all.map(e => e.getBoundingClientRect()).map(r => [r.left, r.right])"
            )
        )
        assert [(x - left) / (right - left) for x in mark] == pytest.approx([0.25, 0.375], abs=0.01)


def test_sounds_play_from_the_page_and_from_beside_it(chromium: Browser, report: Path) -> None:
    with shown(chromium, report, WIDE) as page:
        lengths = page.locator("audio").evaluate_all(
            "all => Promise.all(all.map(e => new Promise(done => {"
            " e.onloadedmetadata = () => done(e.duration); e.onerror = () => done(-1);"
            " e.preload = 'metadata'; e.load(); })))"
        )
        assert lengths == pytest.approx([12, 1, 100], abs=0.1)
        assert [
            s[:5] for s in page.locator("audio").evaluate_all("all => all.map(e => e.src)")
        ] == [
            "data:",
            "data:",
            "file:",
        ]


def test_keys_lead_to_a_recording_and_unfold_its_times(chromium: Browser, report: Path) -> None:
    with shown(chromium, report, NARROW) as page:
        page.locator(".scroll").focus()
        page.keyboard.press("Tab")
        expect(page.locator("tbody a").first).to_be_focused()
        page.keyboard.press("Enter")
        assert page.url.endswith("#recording-1")
        page.locator("summary").first.focus()
        page.keyboard.press("Enter")
        expect(page.locator("details td").first).to_be_visible()


def test_light_and_dark_are_told_apart(chromium: Browser, report: Path) -> None:
    found = []
    for mode in ("light", "dark"):
        with shown(chromium, report, WIDE, mode) as page:
            style = "e => [getComputedStyle(e).backgroundColor, getComputedStyle(e).color]"
            found.append(page.locator("body").evaluate(style))
    assert found == [
        ["rgb(255, 255, 255)", "rgb(34, 40, 45)"],
        ["rgb(20, 24, 27)", "rgb(219, 225, 230)"],
    ]
