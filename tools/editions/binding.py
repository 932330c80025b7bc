"""Make one PDF of printed pages of the site: bookmarks, links inside the book, page numbers."""

import html
import io
import urllib.parse
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from playwright.sync_api import Browser
from pypdf import PageObject, PdfReader, PdfWriter
from pypdf.generic import (
    ArrayObject,
    DictionaryObject,
    Fit,
    FloatObject,
    NameObject,
    NullObject,
)

from tools.site.browser import new_page

# Name of a place on a page of the site -> number of the sheet from 0, height on it in points.
Places = dict[str, tuple[int, float]]
TOP = 800.0  # points: a place without a height of its own is at the top of its sheet

STAMP = """<style>
@page {{ size: A4; margin: 0 }}
body {{ margin: 0; font: 8.5pt "Liberation Serif", "Times New Roman", "Noto Serif CJK SC", serif }}
div {{ position: relative; height: 296.9mm; break-after: page; color: #55606a }}
span {{ position: absolute; left: 18mm; right: 18mm; text-align: right }}
.head {{ top: 10mm }} .foot {{ bottom: 10mm }}
</style>{sheets}"""


@dataclass(frozen=True)
class Heading:
    """A heading of a page: its rank from 1, the name of its place, and its text."""

    rank: int
    place: str
    text: str


@dataclass(frozen=True, eq=False)
class Printed:
    """A page of the site on paper: its address, the part of the book, the PDF, its headings."""

    address: str
    part: str
    pdf: bytes
    headings: list[Heading]


def bind(chromium: Browser, pages: Iterable[Printed], file: Path) -> int:
    """Write the printed pages to `file` as one PDF; return the number of its sheets."""
    writer = PdfWriter()
    places: dict[str, Places] = {}
    bound: list[Printed] = []
    for page in pages:
        reader = PdfReader(io.BytesIO(page.pdf))
        places[page.address] = _places(reader, len(writer.pages))
        for sheet in reader.pages:
            writer.add_page(sheet)
            bound.append(page)
    first = {places[page.address][""][0] for page in bound}
    _stamp(
        chromium,
        writer,
        ["" if at in first else page.headings[0].text for at, page in enumerate(bound)],
    )
    _bookmark(writer, list(dict.fromkeys(bound)), places)
    for sheet, page in zip(writer.pages, bound, strict=True):
        _lead(writer, sheet, page.address, places)
    writer.compress_identical_objects(remove_duplicates=True, remove_unreferenced=True)
    file.parent.mkdir(parents=True, exist_ok=True)
    writer.write(file)
    return len(writer.pages)


def _places(reader: PdfReader, first: int) -> Places:
    """The named places of a printed page whose first sheet is number `first` of the book."""
    places: Places = {}
    for name, target in reader.named_destinations.items():
        number = reader.get_destination_page_number(target)
        if number is not None:
            place = urllib.parse.unquote(name.removeprefix("/"))
            places[place] = (first + number, float(target.top or TOP))
    return places | {"": (first, TOP)}


def _stamp(chromium: Browser, writer: PdfWriter, running: list[str]) -> None:
    """Print a running title, or none, and the number of its sheet on each."""
    sheets = "".join(
        f"<div><span class=head>{html.escape(title)}</span><span class=foot>{number}</span></div>"
        for number, title in enumerate(running, 1)
    )
    page = new_page(chromium)
    page.set_content(STAMP.format(sheets=sheets))
    stamps = PdfReader(io.BytesIO(page.pdf(prefer_css_page_size=True)))
    page.close()
    for sheet, stamp in zip(writer.pages, stamps.pages, strict=False):
        sheet.merge_page(stamp)
        sheet.compress_content_streams()


def _bookmark(writer: PdfWriter, pages: list[Printed], places: dict[str, Places]) -> None:
    """Add a bookmark for each part, each page in it and each section of a page."""
    part, above = "", None
    for page in pages:
        known = places[page.address]
        if page.part != part:
            part = page.part
            above = writer.add_outline_item(title=part, page_number=known[""][0])
        parents = {0: above}
        for heading in page.headings:
            number, height = known.get(heading.place, known[""])
            parents[heading.rank] = writer.add_outline_item(
                title=heading.text,
                page_number=number,
                parent=parents.get(heading.rank - 1),
                fit=Fit.xyz(top=height),
            )


def _lead(writer: PdfWriter, sheet: PageObject, home: str, places: dict[str, Places]) -> None:
    """Let the links of a sheet to places in the book lead there, and drop links to its other pages.

    `home` is the address of the page that was printed on the sheet; the server that all addresses
    are on is gone when somebody reads the book.
    """
    kept = ArrayObject()
    server = "/".join(home.split("/")[:3])
    for reference in sheet.get("/Annots") or []:
        note = cast(DictionaryObject, reference.get_object())
        action = cast(DictionaryObject, note.get("/A", DictionaryObject()).get_object())
        address, _, place = str(action.get("/URI", f"{home}#{note.get('/Dest')}")).partition("#")
        if address in places:
            place = urllib.parse.unquote(place.removeprefix("/"))
            number, height = places[address].get(place, places[address][""])
            note.pop("/A", None)
            note[NameObject("/Dest")] = ArrayObject(
                [
                    writer.pages[number].indirect_reference or NullObject(),
                    *(NameObject("/XYZ"), NullObject(), FloatObject(height), NullObject()),
                ]
            )
        if address in places or not address.startswith(server):
            kept.append(reference)
    if "/Annots" in sheet:
        sheet[NameObject("/Annots")] = kept
