"""The picture of what needs what: complete, without crossings through boxes, and up to date."""

from xml.etree import ElementTree

import pytest

from tools.notebooks.book import Book
from tools.teaching.graph import PICTURE, direct_needs, draw, rows
from tools.teaching.workload import Workload, workloads

SVG = "{http://www.w3.org/2000/svg}"


def chapter(name: str, *needs: str) -> Workload:
    return Workload(name, f"Part & {name[0]}", 10, 20, 3.0, ("One", "Two"), needs)


#  a - b - d - e, and c beside b and d on the way from a to e
CHAPTERS = [
    chapter("p/a"),
    chapter("p/b", "p/a"),
    chapter("q/c", "p/a"),
    chapter("q/d", "p/b", "p/a"),
    chapter("q/e", "q/d", "q/c", "p/a"),
]


def test_what_follows_from_others_is_left_out():
    assert direct_needs(CHAPTERS) == {
        "p/a": [],
        "p/b": ["p/a"],
        "q/c": ["p/a"],
        "q/d": ["p/b"],
        "q/e": ["q/d", "q/c"],
    }


def test_a_long_line_has_a_lane_in_each_row():
    assert rows(direct_needs(CHAPTERS)) == [
        ["p/a"],
        ["p/b", "q/c"],
        ["q/d", ("q/c", "q/e")],
        ["q/e"],
    ]


def test_every_chapter_and_every_direct_need_is_drawn():
    root = ElementTree.fromstring(draw(CHAPTERS))
    texts = [text.text for text in root.iter(f"{SVG}text")]
    assert {"A", "B", "C", "D", "E", "Part & p", "Part & q"} <= set(texts)
    assert texts.count("60\u00a0min, 2 exercises, runs 3 s") == 5
    lines = [path for path in root.iter(f"{SVG}path") if path.get("marker-end")]
    assert len(lines) == 5


@pytest.mark.parametrize("book", [CHAPTERS, workloads(Book())], ids=["small", "book"])
def test_no_two_boxes_overlap_and_all_are_inside(book):
    root = ElementTree.fromstring(draw(book))
    *_, width, height = map(float, root.attrib["viewBox"].split())
    boxes = [
        tuple(float(box.attrib[key]) for key in ("x", "y", "width", "height"))
        for box in root.iter(f"{SVG}rect")
        if "x" in box.attrib
    ]
    for n, (x, y, w, h) in enumerate(boxes):
        assert x >= 0 and x + w <= width and y >= 0 and y + h <= height
        for x2, y2, w2, h2 in boxes[:n]:
            assert x + w <= x2 or x2 + w2 <= x or y + h <= y2 or y2 + h2 <= y


def test_the_picture_of_the_book_is_up_to_date(repository):
    drawn = (repository / PICTURE).read_text(encoding="utf-8")
    assert drawn == draw(workloads(Book())), "run make sync"
