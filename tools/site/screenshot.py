"""Save a picture of a built page, to look at it.

python -m tools.site.screenshot chapters/concepts/general-model.html --width 390 --dark --full
"""

import argparse
import sys
from pathlib import Path

from tools.site.browser import WIDE, browser, new_page, screenshot, settle
from tools.site.build import REPOSITORY, SITE
from tools.site.serve import served


def main() -> int:
    """Save the pictures from the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("pages", nargs="+", help="paths below _build/html, such as intro.html")
    parser.add_argument("--width", type=int, default=WIDE, help="CSS pixels (default %(default)s)")
    parser.add_argument("--dark", action="store_true", help="dark mode")
    parser.add_argument("--full", action="store_true", help="the whole page, not one window")
    parser.add_argument("--out", type=Path, help="file for one page (default: _build/screenshots)")
    parser.add_argument("--site", type=Path, default=REPOSITORY / SITE, help="folder of the site")
    arguments = parser.parse_args()
    if arguments.out and len(arguments.pages) > 1:
        parser.error("--out names one file: give one page")
    mode = "dark" if arguments.dark else "light"
    with served(arguments.site) as address, browser() as chromium:
        for name in arguments.pages:
            if not (arguments.site / name.partition("#")[0]).exists():
                parser.error(f"{arguments.site} holds no {name}")
            page = new_page(chromium, arguments.width, mode)
            page.goto(f"{address}/{name}")
            settle(page)
            file = arguments.out or screenshot_file(arguments.site, name, arguments.width, mode)
            file.parent.mkdir(parents=True, exist_ok=True)
            screenshot(page, str(file), full=arguments.full)
            print(file)
            page.close()
    return 0


def screenshot_file(site: Path, name: str, width: int, mode: str) -> Path:
    """Return `_build/screenshots/PAGE-WIDTH-MODE.png` beside the site's folder."""
    page = name.partition("#")[0].removesuffix(".html").replace("/", "-")
    return site.parent / "screenshots" / f"{page}-{width}-{mode}.png"


if __name__ == "__main__":
    sys.exit(main())
