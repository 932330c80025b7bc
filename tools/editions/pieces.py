"""What of a chapter is shown on slides, chosen from its built page: claims, equations, figures.

Without tags these are the sentences with words in bold, the numbered equations, the figures with
the sentence that follows them, and the exercises. A cell tagged `slide` is shown whole, of code
its outputs; `slide-code` shows code and outputs; of one tagged `slide-skip` nothing is shown.
"""

import re
from collections.abc import Iterator
from copy import copy
from dataclasses import dataclass, field
from typing import Literal

from bs4 import BeautifulSoup, Tag
from bs4.element import NavigableString

Kind = Literal["text", "equation", "figure", "code"]
SENTENCE = re.compile(r"(?<=[.!?])(?<!\bal\.)\s+|(?<=[。！？])")
# Sections that are not told, and what no slide shows.
UNTOLD = ("solutions",)
NOT_SHOWN = ".headerlink, .solution, details, button, audio, script"
ROWS = re.compile(r"\\\\(?![a-z])")
COLUMNS = 70  # characters on a line of a slide


@dataclass
class Piece:
    """Something to show: its kind, its HTML, and about how many lines of a slide it takes."""

    kind: Kind
    html: str
    lines: float


@dataclass
class Topic:
    """A heading with what is shown under it; `above` is the heading of the section around it."""

    title: str
    above: str = ""
    pieces: list[Piece] = field(default_factory=list)


def topics(page: str) -> tuple[Topic, list[Topic]]:
    """The title of a chapter's page with its promise, and the topics that follow."""
    article = BeautifulSoup(page, "html.parser").find("article")
    if not isinstance(article, Tag) or not isinstance(article.h1, Tag):
        raise ValueError("the page is no chapter: it has no <article> with a title")
    _clean(article)
    top = article.h1.parent
    assert isinstance(top, Tag)
    opening = Topic(article.h1.decode_contents())
    if isinstance(promise := top.find("p", recursive=False), Tag):
        opening.pieces = [_text(promise.decode_contents())]
    return opening, [found for section in _sections(top) for found in _told(section, "")]


def _clean(article: Tag) -> None:
    """Take away what no slide shows, and links that lead to other pages."""
    for part in article.select(NOT_SHOWN):
        part.decompose()
    for citation in article.select(".bibtex-citation"):
        before, named = citation.previous_sibling, citation.get_text().partition("[")[0].strip()
        if not named and isinstance(before, NavigableString):
            before.replace_with(before.rstrip())
        citation.replace_with(named)
    article.smooth()
    for link in article.select("a"):
        if not str(link.get("href")).startswith("http"):
            link.unwrap()
    for part in article.select("[id]"):
        part["data-place"] = part["id"]
        del part["id"]


def _sections(part: Tag) -> Iterator[Tag]:
    return (child for child in part.find_all("section", recursive=False) if isinstance(child, Tag))


def _told(section: Tag, above: str) -> Iterator[Topic]:
    """The topic of a section, if it shows anything, and those of the sections in it."""
    heading = section.find(re.compile("^h[2-6]$"), recursive=False)
    name = str(section.get("data-place"))
    if not isinstance(heading, Tag) or name in UNTOLD:
        return
    title = heading.decode_contents()
    if name == "exercises":
        yield from map(_exercise, section.select(".exercise"))
        return
    topic = Topic(title, above, _pieces(section, name == "summary"))
    if topic.pieces:
        yield topic
    for inner in _sections(section):
        yield from _told(inner, title)


def _exercise(box: Tag) -> Topic:
    """An exercise as something to discuss: its title without brackets, and what it asks."""
    title = box.select_one(".admonition-title")
    named = re.sub(r"[()]", "", title.get_text().strip().partition(" (")[2]) if title else ""
    if title:
        title.decompose()
    asked = [child.decode() for child in box.select("section > *")]
    lines = len(box.get_text()) / COLUMNS + len(asked)
    return Topic(named, "Discuss", [Piece("text", "".join(asked), lines)])


def _pieces(section: Tag, everything: bool) -> list[Piece]:
    """What a section shows itself, without the sections in it."""
    found: list[Piece] = []
    said: list[str] = []  # the sentences of the paragraph before
    opening: list[Piece] = []  # what is said where nothing else is
    for block in (child for child in section.children if isinstance(child, Tag)):
        classes = block.get_attribute_list("class")
        if "tag_slide-skip" in classes or block.name in ("section", "h2", "h3", "h4"):
            continue
        shown = list(_shown(block, everything))
        known = {piece.html for piece in found}
        if shown and shown[0].kind == "equation" and said and said[-1] not in known:
            shown[0].html = f"<p>{said[-1]}</p>{shown[0].html}"
            shown[0].lines += _text(said[-1]).lines
        if block.name == "p":
            said = _sentences(block)
            opening = opening or [_text(sentence) for sentence in said[:3]]
            if found and found[-1].kind == "figure" and _tells(said[0], found[-1]):
                found[-1].html += f"<p class='caption'>{said[0]}</p>"
        found += [piece for piece in shown if piece.html not in known]
    # What only prints, or only draws, begins with what it is about: in a sentence above what is
    # printed, in up to three on the slide before a figure, which has a slide of its own.
    if opening and all(piece.kind in ("figure", "code") for piece in found):
        found[:0] = opening[: 1 if found and found[0].kind == "code" else 3]
    return found


def _tells(sentence: str, figure: Piece) -> bool:
    """Whether a sentence after a figure is about it: no title in bold, and no question."""
    return "caption" not in figure.html and not sentence.endswith(("?", "</strong>"))


def _shown(block: Tag, everything: bool) -> Iterator[Piece]:
    """The pieces of one block of a page."""
    classes = block.get_attribute_list("class")
    if "cell" in classes:
        yield from _cell(block, classes)
    elif "math" in classes and block.get("data-place"):
        yield Piece("equation", block.decode(), 2.6 + 1.3 * len(ROWS.findall(block.get_text())))
    elif "tag_slide" in classes or block.select_one("table.tag_slide"):
        yield Piece("text", block.decode(), _lines(block.get_text()))
    elif block.name == "figure":
        yield Piece("figure", block.decode(), 12)
    elif block.name in ("ul", "ol", "p") or "note" in classes:
        paragraphs = block.select("li, p") if block.name != "p" else [block]
        for paragraph in (part for part in paragraphs if not part.find(["p", "li"])):
            yield from _claims(paragraph, everything)


def _cell(block: Tag, classes: list) -> Iterator[Piece]:
    """The figures of a code cell, or all its outputs or its code too where a tag asks for them."""
    code, output = block.select_one(".cell_input"), block.select_one(".cell_output")
    figures = output.select("img") if output else []
    parts = [code] if code and "tag_slide-code" in classes else []
    if output and not figures and {"tag_slide", "tag_slide-code"} & set(classes):
        parts.append(output)
    if parts:
        lines = sum(0.62 * len(part.get_text().splitlines()) + 1 for part in parts)
        yield Piece("code", "".join(part.decode() for part in parts), lines)
    for image in figures:
        caption = image.find_next("figcaption") if image.find_parent("figure") else None
        yield Piece("figure", f"{image.decode()}{caption.decode() if caption else ''}", 12)


def _claims(paragraph: Tag, everything: bool) -> Iterator[Piece]:
    """The sentences with words in bold; to a bold beginning belongs the sentence after it."""
    sentences = _sentences(paragraph)
    while sentences:
        sentence = sentences.pop(0)
        bold = BeautifulSoup(sentence, "html.parser")
        if sentences and bold.strong and bold.get_text() == bold.strong.get_text():
            sentence += " " + sentences.pop(0)
        if everything or bold.strong:
            yield _text(sentence)


def _sentences(paragraph: Tag) -> list[str]:
    """The sentences of a paragraph as HTML; what stands in an element is never cut."""
    parts = [""]
    for child in paragraph.children:
        if not isinstance(child, NavigableString):
            parts[-1] += copy(child).decode() if isinstance(child, Tag) else ""
            ended = isinstance(child, Tag) and child.name == "strong"
            if ended and child.get_text().strip().endswith((".", "?", "!")):
                parts.append("")
            continue
        first, *others = SENTENCE.split(child.output_ready(formatter="minimal"))
        parts[-1] += first
        parts += others
    return [part.strip() for part in parts if part.strip()]


def _text(sentence: str) -> Piece:
    return Piece("text", sentence, _lines(BeautifulSoup(sentence, "html.parser").get_text()))


def _lines(text: str) -> float:
    return len(text) // COLUMNS + 1.4
