"""Open a page in a browser as a reader would and list what is wrong with it."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tools.site.browser import NARROW, WIDE, Mode, new_page, screenshot, settle

# Known flaws of the theme itself, by axe rule and the selector of the element. Nothing of the
# book's own may be listed here.
THEME_VIOLATIONS = {
    "region": (".only-light", ".only-dark"),  # the logo above the contents
}

# Markup that should have become something else, in the text a reader sees outside code.
LEFTOVERS = re.compile(
    r"\{(?:cite|ref|numref|eq|term|doc|glue|math|exercise|solution|figure|image|bibliography"
    r"|admonition|note|tip|warning|glossary|download|prf)\b[^}\n]*\}"
    r"|:::|\$\$|\\\(|\\\[|\$\\[a-z]"
)

# Preloading would fetch the style sheets' imports from wrong places, and log errors. To describe
# what passes takes longer than to check: half a second to ten a page.
AXE = {"preload": False, "resultTypes": ["violations"]}

READ_TEXT = """() => {
    const page = (document.querySelector("article") || document.body).cloneNode(true);
    page.querySelectorAll("pre, code, script, style, mjx-container").forEach(e => e.remove());
    return page.textContent;
}"""
COUNT_RAW_MATH = """() => [...document.querySelectorAll(".math")]
    .filter(e => !e.querySelector("mjx-container") || e.querySelector("mjx-merror"))
    .map(e => e.textContent.trim().slice(0, 80))"""
MEASURE_OVERFLOW = """() => {
    const excess = document.documentElement.scrollWidth - window.innerWidth;
    if (excess <= 0) return "";
    const widest = [...document.body.querySelectorAll("*")].reduce((a, b) =>
        b.getBoundingClientRect().right > a.getBoundingClientRect().right ? b : a);
    return `${excess} px too wide, at ${widest.outerHTML.slice(0, 120)}`;
}"""

# Code, equations and tables whose end cannot be reached: what cuts them off does not scroll. An
# equation is measured at what is drawn, not at the hidden text for screen readers beside it.
FIND_CUT = """() => {
    document.querySelectorAll("details").forEach(e => e.open = true);
    const style = e => getComputedStyle(e);
    const frame = e => e === document.body ||
        (style(e).overflowX !== "visible" && style(e).display !== "inline");
    const page = document.querySelector("article") || document.body;
    return [...page.querySelectorAll("pre, table, mjx-math")].filter(e => {
        let box = e;
        while (!frame(box)) box = box.parentElement;
        if (["auto", "scroll"].includes(style(box).overflowX)) return false;
        const end = Math.min(box.getBoundingClientRect().right, window.innerWidth);
        const right = e.getBoundingClientRect().left + Math.max(e.scrollWidth, e.offsetWidth);
        return right > end + 1;
    }).map(e => (e.closest("mjx-container") || e).outerHTML.slice(0, 80));
}"""
MEASURE_CODE = """() => {
    const cells = [...document.querySelectorAll(".cell_input pre")];
    const cut = cells.filter(e => e.scrollWidth > e.clientWidth + 1);
    return cut.length ? `${cut.length} of ${cells.length} cells are cut` : "";
}"""


def inspect(
    chromium: Browser, address: str, mode: Mode = "light", pictures: tuple[Path, Path] | None = None
) -> list[str]:
    """Return what is wrong with the page at `address`, one line each; an empty list if nothing.

    The lines begin with the name of the check: `request`, `console`, `mode`, `math`, `markup`,
    `access` (axe-core), `overflow`, `code` (in the wide window, lines that do not fit), or `cut`
    (in the narrow one, code, equations and tables that do not scroll). Where `pictures` names a
    file for the wide and one for the narrow window, screenshots are saved there.
    """
    page = new_page(chromium, WIDE, mode)
    with watched(page, address) as problems:
        page.goto(address)
        settle(page)
        problems += _content_problems(page)
        shown = page.evaluate("document.documentElement.dataset.theme || ''")
        if shown not in ("", mode):
            problems.append(f"mode: asked for {mode}, the page shows {shown}")
        problems += access_problems(page)
        for index, width in enumerate((WIDE, NARROW)):
            page.set_viewport_size({"width": width, "height": 900})
            if excess := page.evaluate(MEASURE_OVERFLOW):
                problems.append(f"overflow: at {width} px, {excess}")
            if width == WIDE and (cut := page.evaluate(MEASURE_CODE)):
                problems.append(f"code: at {width} px, {cut}")
            if pictures:
                pictures[index].parent.mkdir(parents=True, exist_ok=True)
                screenshot(page, str(pictures[index]))
        cut_off = page.evaluate(FIND_CUT)
        problems += [f"cut: at {NARROW} px, nothing scrolls around {text}" for text in cut_off]
    page.close()
    return problems


@contextmanager
def watched(page: Page, address: str) -> Iterator[list[str]]:
    """Yield a list that grows with requests to other hosts and with errors in the console."""
    problems: list[str] = []
    home = urlsplit(address)

    def note_request(url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("data", "blob") and parts[:2] != home[:2]:
            problems.append(f"request: {url}")

    page.on("request", lambda request: note_request(request.url))
    page.on("pageerror", lambda error: problems.append(f"console: {error}"))
    page.on(
        "console",
        lambda message: (
            problems.append(f"console: {message.text} {message.location['url']}")
            if message.type == "error"
            else None
        ),
    )
    yield problems


def _content_problems(page: Page) -> list[str]:
    """List mathematics that is not typeset and markup that nothing has resolved."""
    raw = [f"math: not typeset: {text}" for text in page.evaluate(COUNT_RAW_MATH)]
    left = LEFTOVERS.findall(page.evaluate(READ_TEXT))
    return raw + [f"markup: {text!r} is left in the text" for text in left]


def access_problems(page: Page) -> list[str]:
    """List what axe-core finds on an open page, less the theme's known violations."""
    problems = []
    for violation in Axe().run(page, options=AXE).response["violations"]:
        known = THEME_VIOLATIONS.get(violation["id"], ())
        for node in violation["nodes"]:
            selector = str(node["target"][0])
            if selector not in known:
                problems.append(f"access: {violation['id']} at {selector}: {violation['help']}")
    return problems
