"""Check the built pages without a browser: `python -m tools.site.links`.

Every link to a page, an anchor, a picture, a script or a style sheet of the site leads somewhere,
and every picture has a text that describes it.
"""

import argparse
import re
import sys
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

from tools.site.build import REPOSITORY, SITE

# matplotlib's and Sphinx's stand-ins for a description: the file's own path, or the object's repr.
NOT_A_DESCRIPTION = re.compile(r"\.(png|svg|jpe?g|gif)$|^<Figure size|^Figure size", re.IGNORECASE)


@dataclass
class PageLinks(HTMLParser):
    """What one page offers and asks for: its anchors, its links, its pictures."""

    ids: set[str] = field(default_factory=set)
    links: list[str] = field(default_factory=list)
    pictures: list[tuple[str, str | None]] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Prepare the parser."""
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note the anchors, links and pictures of one tag."""
        values = dict(attrs)
        self.ids.update(value for key in ("id", "name") if (value := values.get(key)))
        self.links.extend(value for key in ("href", "src") if (value := values.get(key)))
        if tag == "img":
            self.pictures.append((values.get("src") or "", values.get("alt")))


def read_pages(site: Path) -> dict[Path, PageLinks]:
    """Parse every page of a built site, leaving out the theme's files in `_static`."""
    pages = {}
    for file in sorted(site.rglob("*.html")):
        if "_static" in file.relative_to(site).parts:
            continue
        pages[file] = PageLinks()
        pages[file].feed(file.read_text(encoding="utf-8"))
    if not pages:
        raise ValueError(f"{site} holds no pages: run `make book` first")
    return pages


def broken_links(site: Path) -> list[str]:
    """Return `PAGE -> LINK: what is missing` for each link within the site that leads nowhere."""
    site = site.resolve()
    pages = read_pages(site)
    problems = []
    for file, page in pages.items():
        for link in page.links:
            if reason := _missing(file, link, site, pages):
                problems.append(f"{file.relative_to(site)} -> {link}: {reason}")
    return problems


def _missing(file: Path, link: str, site: Path, pages: dict[Path, PageLinks]) -> str:
    """Say what a link of a page lacks; an empty string where it is sound or leaves the site."""
    parts = urlsplit(link)
    if parts.scheme or parts.netloc:
        return ""
    if parts.path.startswith("/"):
        return "absolute path, which breaks where the site is not at the host's root"
    target = (file.parent / unquote(parts.path)).resolve() if parts.path else file
    target = target / "index.html" if target.is_dir() else target
    if not target.is_relative_to(site) or not target.exists():
        return "no such file"
    anchor = unquote(parts.fragment)
    if anchor and target in pages and anchor not in pages[target].ids:
        return "no such anchor"
    return ""


def undescribed_pictures(site: Path) -> list[str]:
    """Return `PAGE: PICTURE` for each picture whose alternative text is missing or a file name."""
    site = site.resolve()
    return [
        f"{file.relative_to(site)}: {source} has alt text {text!r}"
        for file, page in read_pages(site).items()
        for source, text in page.pictures
        if not (text or "").strip() or NOT_A_DESCRIPTION.search((text or "").strip())
    ]


def main() -> int:
    """Check a site from the command line; the exit status is 1 where something is wrong."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("site", nargs="?", type=Path, default=REPOSITORY / SITE)
    site = parser.parse_args().site
    problems = broken_links(site) + undescribed_pictures(site)
    print("\n".join(problems) or f"{len(read_pages(site))} pages: every link and picture is sound")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
