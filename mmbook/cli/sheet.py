"""What a search found, as one page that needs no other file: pictures, scores and names."""

import base64
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import cv2
from numpy.typing import NDArray

from mmbook.cli.pages import head, shown, write_page
from mmbook.preprocessing.images.files import read_image

SIDE = 192  # pixels of a thumbnail's longer side
QUALITY = 85  # of one that is a JPEG
SMALL = 96  # pixels; a picture up to this side is shown larger, pixel by pixel
KEPT = 1000  # thumbnails that are kept for further sentences, some 10 MB

STYLE = """\
ol { display: grid; grid-template-columns: repeat(auto-fill, minmax(8.5rem, 1fr)); gap: 0.8rem;
  margin: 0.8rem 0; padding: 0; list-style: none; }
li { padding: 0.6rem; border: 1px solid var(--rule); border-radius: 8px; background: var(--card); }
li img, li .none { display: grid; place-items: center; width: 100%; aspect-ratio: 1;
  object-fit: contain; color: var(--muted); text-align: center; }
li img.small { image-rendering: pixelated; }
li b { display: block; margin-top: 0.4rem; font-variant-numeric: tabular-nums; }
li span { color: var(--muted); font-size: 0.85rem; line-height: 1.35; }
"""
TOP = """\
<main>
<h1>{title}</h1>
<p>Searched: {searched} pictures. A score is a cosine, −1 to 1: it orders the pictures of one
sentence and is no probability.</p>
"""


def write_sheet(place: Path, answers: Sequence[dict[str, Any]], searched: int) -> None:
    """Write the page, as `pages.write_page` does.

    answers: each with "query", "unknown_words", and "results" or "error". searched: the number of
    pictures. Raises OSError, and then leaves nothing.
    """
    write_page(place, page(answers, searched))


def page(answers: Sequence[dict[str, Any]], searched: int) -> Iterator[str]:
    """The page's HTML in parts, so that never all thumbnails are in memory."""
    one = answers[0]["query"] if len(answers) == 1 else f"{len(answers):,} sentences"
    title = f"Pictures for: {one}"
    # The number first: a sentence may hold "{searched}" itself.
    top = TOP.replace("{searched}", f"{searched:,}").replace("{title}", shown(title))
    yield head(title, STYLE) + top
    for answer in answers:
        yield f"<section>\n<h2>{shown(answer['query'])}</h2>\n"
        if answer["unknown_words"]:
            unknown = ", ".join(answer["unknown_words"])
            yield f"<p>Left out, as the model does not know it: {shown(unknown)}</p>\n"
        if "error" in answer:
            yield f'<p class="wrong">{shown(answer["error"])}</p>\n'
        if answer["results"]:
            yield "<ol>\n"
            yield from map(item, answer["results"])
            yield "</ol>\n"
        yield "</section>\n"
    yield "</main>\n</html>\n"


def item(result: dict[str, Any]) -> str:
    """One picture with its score and name."""
    return (
        f"<li>{thumbnail(result['picture'])}<b>{result['rank']}. &ensp;{result['score']:.3f}</b>"
        f"<span>{shown(result['picture']).replace('/', '/<wbr>')}</span></li>\n"
    )


@lru_cache(maxsize=KEPT)
def thumbnail(path: str) -> str:
    """A picture as an <img> that holds it; where it has gone meanwhile, a word that says so."""
    try:
        pixels = read_image(path, at_least=2 * SIDE)
    except ValueError:
        return '<span class="none">no longer there</span>'
    longer = max(pixels.shape[:2])
    kind, options = ("png", []) if longer <= SIDE else ("jpeg", [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
    encoded = cv2.imencode(f".{kind}", _shrunk(pixels, longer)[..., ::-1], options)[1]
    content = base64.b64encode(encoded.tobytes()).decode("ascii")
    small = ' class="small"' if longer <= SMALL else ""
    return f'<img{small} alt="" src="data:image/{kind};base64,{content}">'


def _shrunk(pixels: NDArray, longer: int) -> NDArray:
    """The picture with a longer side of at most SIDE."""
    if longer <= SIDE:
        return pixels
    height, width = (max(1, round(side * SIDE / longer)) for side in pixels.shape[:2])
    return cv2.resize(pixels, (width, height), interpolation=cv2.INTER_AREA)
