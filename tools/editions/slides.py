"""Slides of a chapter: `python -m tools.editions.slides mathematics/attention`.

A folder in `_build/slides` with everything in it: it opens from the file system, without a network.
`pieces` says what is shown; it is taken from the built site, so equations have their numbers.
"""

import argparse
import re
import shutil
import sys
from pathlib import Path
from typing import NamedTuple

from mmbook.command_line import reported
from tools.editions.pdf import chosen
from tools.editions.pieces import Piece, Topic, topics
from tools.notebooks.book import REPOSITORY
from tools.site.build import SITE
from tools.site.site_offline import mathjax_folder

FOLDER = Path("_build/slides")
REVEAL = REPOSITORY / "tools/editions/reveal"
MATHJAX = ("tex-chtml.js", "output/chtml/fonts/woff-v2", "input/tex/extensions")
ROOM = 11.5  # lines on a slide, below its title

DECK = """<!doctype html>
<html lang="en" data-theme="light">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{title}</title>
<link rel="stylesheet" href="reveal.css">
<link rel="stylesheet" href="pygments.css">
<link rel="stylesheet" href="slides.css">
<script>
window.MathJax = {{ chtml: {{ matchFontHeight: false }}, options: {{ enableMenu: false }} }}
</script>
<script src="mathjax/tex-chtml.js" defer></script>
<script src="reveal.js" defer></script>
<script src="slides.js" defer></script>
</head>
<body>
<div class="reveal"><div class="slides">
{slides}
</div></div>
</body>
</html>
"""


class Slide(NamedTuple):
    """A heading, the smaller one above it, and the pieces that are shown together."""

    title: str
    above: str
    pieces: list[Piece]


def packed(topic: Topic) -> list[Slide]:
    """Share the pieces of a topic out among slides: a figure has one of its own."""
    slides: list[list[Piece]] = [[]]
    for piece in topic.pieces:
        full = sum(other.lines for other in slides[-1]) + piece.lines > ROOM
        after = any(other.kind == "figure" for other in slides[-1])
        if slides[-1] and (full or after or piece.kind == "figure"):
            slides.append([])
        slides[-1].append(piece)
    return [Slide(topic.title, topic.above, pieces) for pieces in slides]


def written(slide: Slide) -> str:
    """A slide as HTML: claims are the items of a list, each stretch of them one list."""
    body, lists = "", False
    for piece in slide.pieces:
        item = piece.kind == "text" and not piece.html.startswith(("<p", "<ul", "<ol", "<div"))
        body += ("" if item == lists else "<ul>" if item else "</ul>") + (
            f"<li>{piece.html}</li>" if item else f"<div class='{piece.kind}'>{piece.html}</div>"
        )
        lists = item
    above = f"<p class='above'>{slide.above}</p>" if slide.above else ""
    body += "</ul>" if lists else ""
    return f"<section>{above}<h2>{slide.title}</h2><div class='body'>{body}</div></section>"


def deck(page: str) -> str:
    """The slides of a chapter as one HTML document, from the HTML of its page."""
    opening, told = topics(page)
    promise = "".join(f"<p>{piece.html}</p>" for piece in opening.pieces)
    first = f"<section class='opening'><h1>{opening.title}</h1>{promise}</section>"
    slides = [first, *(written(slide) for topic in told for slide in packed(topic))]
    title = re.sub("<[^>]*>", "", opening.title)
    return DECK.format(title=title, slides="\n".join(slides))


def write_slides(page: str, site: Path, folder: Path) -> int:
    """Write the slides of a page of the built `site` into `folder`; return their number.

    `page` is named as in `_toc.yml`. What was in the folder before is removed.
    """
    file = site / f"{page}.html"
    html = deck(file.read_text(encoding="utf-8"))
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for picture in set(re.findall(r'<img[^>]* src="([^":]+)"', html)):
        shutil.copy2(file.parent / picture, folder / Path(picture).name)
        html = html.replace(f'src="{picture}"', f'src="{Path(picture).name}"')
    for part in MATHJAX:
        source, goal = mathjax_folder() / part, folder / "mathjax" / part
        goal.parent.mkdir(parents=True, exist_ok=True)
        _ = shutil.copytree(source, goal) if source.is_dir() else shutil.copy2(source, goal)
    for own in ("reveal.js", "reveal.css", "slides.js", "slides.css", "LICENSE"):
        shutil.copy2(REVEAL / own, folder / own)
    shutil.copy2(site / "_static/pygments.css", folder)
    (folder / "index.html").write_text(html, encoding="utf-8")
    return html.count("<section")


@reported
def main(words: list[str]) -> int:
    """Make slides from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pages", nargs="+", help="such as mathematics/attention")
    parser.add_argument("--site", type=Path, default=REPOSITORY / SITE, help="folder of the site")
    arguments = parser.parse_args(words)
    for page in chosen(arguments.pages):
        name = page.removeprefix("chapters/").replace("/", "-")
        count = write_slides(page, arguments.site, REPOSITORY / FOLDER / name)
        print(f"{REPOSITORY / FOLDER / name / 'index.html'}: {count} slides")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
