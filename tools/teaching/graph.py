"""The picture of which chapter needs which, `assets/chapters.svg`, which `make sync` draws.

Chapters stand in rows: each one row below the last of those that it needs. A need that follows from
others is not drawn. A line over several rows has a place of its own in each, so it crosses no box.
"""

from collections.abc import Mapping, Sequence
from html import escape
from itertools import pairwise
from pathlib import Path

from tools.teaching.workload import Workload, spent

PICTURE = Path("assets") / "chapters.svg"
WIDTH, HEIGHT, COLUMN, ROW, MARGIN = 212, 66, 232, 108, 16
COLOURS = ("#dcebf5", "#e3f1dd", "#fdeccc", "#eee3f4")
INK = "#55606a"
TIP = (
    '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" '
    f'orient="auto"><path d="M0 0 8 4 0 8z" fill="{INK}"/></marker></defs>'
)
Lane = tuple[str, str]  # a line's place in a row: where it comes from and where it goes


def direct_needs(chapters: Sequence[Workload]) -> dict[str, list[str]]:
    """For each chapter the ones that it needs and that none of the others it needs stands on."""
    all_needs: dict[str, set[str]] = {}
    for chapter in chapters:
        deeper = [all_needs[name] for name in chapter.needs]
        all_needs[chapter.name] = set(chapter.needs).union(*deeper)
    return {
        chapter.name: [
            name
            for name in chapter.needs
            if not any(name in all_needs[other] for other in chapter.needs)
        ]
        for chapter in chapters
    }


def rows(needs: Mapping[str, Sequence[str]]) -> list[list[str | Lane]]:
    """The chapters, and the lanes of long lines, in rows; left to right as those above them."""
    depth: dict[str, int] = {}
    for name, before in needs.items():
        depth[name] = 1 + max((depth[other] for other in before), default=-1)
    made: list[list[str | Lane]] = [[] for _ in range(max(depth.values()) + 1)]
    for name in needs:
        made[depth[name]].append(name)
    for name, before in needs.items():
        for other in before:
            for row in range(depth[other] + 1, depth[name]):
                made[row].append((other, name))
    place: dict[str | Lane, float] = {}
    for row in made:
        row.sort(key=lambda it: _above(it, needs, place))  # stable: the book's order decides ties
        place |= {it: n - (len(row) - 1) / 2 for n, it in enumerate(row)}
    return made


def _above(it: str | Lane, needs: Mapping[str, Sequence[str]], place: Mapping) -> float:
    before = needs[it] if isinstance(it, str) else [it[0]]
    above = [place.get((name, it), place[name]) for name in before]
    return place.get(it, sum(above) / len(above) if above else 0.0)


def draw(chapters: Sequence[Workload]) -> str:
    """The picture as SVG, on a light ground of its own, so that it reads in dark pages too."""
    needs = direct_needs(chapters)
    grid = rows(needs)
    width = max(len(row) for row in grid) * COLUMN + 2 * MARGIN
    height = len(grid) * ROW + 2 * MARGIN + 4
    centre = {
        (it, n): (
            width / 2 + (place - (len(row) - 1) / 2) * COLUMN,
            MARGIN + n * ROW + HEIGHT / 2,
        )
        for n, row in enumerate(grid)
        for place, it in enumerate(row)
    }
    parts = list(dict.fromkeys(chapter.part for chapter in chapters))
    colour = {part: COLOURS[n % len(COLOURS)] for n, part in enumerate(parts)}
    row_of = {it: n for it, n in centre if isinstance(it, str)}
    lines = [
        _line([centre[key] for key in _way(other, name, row_of)])
        for name, before in needs.items()
        for other in before
    ]
    boxes = [_box(it, *centre[it.name, row_of[it.name]], colour[it.part]) for it in chapters]
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
            'font-family="Helvetica, Arial, sans-serif" font-size="14" fill="#22282d">',
            f'<rect width="{width}" height="{height}" rx="10" fill="#ffffff"/>',
            TIP,
            *lines,
            *boxes,
            *_legend(colour, height - MARGIN),
            "</svg>\n",
        ]
    )


def _way(start: str, end: str, row_of: Mapping[str, int]) -> list[tuple[str | Lane, int]]:
    """The places through which the line from one chapter to another goes."""
    between = range(row_of[start] + 1, row_of[end])
    return [(start, row_of[start]), *(((start, end), n) for n in between), (end, row_of[end])]


def _line(points: Sequence[tuple[float, float]]) -> str:
    """Straight down through the lanes' rows, and in curves between the rows."""
    half = HEIGHT / 2
    path = f"M{points[0][0]:g} {points[0][1] + half:g}"
    for (x, y), (to_x, to_y) in pairwise(points):
        top, end = y + half, to_y - half
        bend = (top + end) / 2
        path += f" C{x:g} {bend:g} {to_x:g} {bend:g} {to_x:g} {end:g}"
        path += f" V{to_y + half:g}" if (to_x, to_y) != points[-1] else ""
    return (
        f'<path d="{path}" fill="none" stroke="#55606a" stroke-width="1.6" marker-end="url(#tip)"/>'
    )


def _box(chapter: Workload, x: float, y: float, colour: str) -> str:
    """A chapter: its name, how long it takes with its exercises, and what it takes to run."""
    said = f"{spent(chapter.minutes)}, {len(chapter.exercises)} exercises, runs {chapter.run:.0f} s"
    return (
        f'<rect x="{x - WIDTH / 2:g}" y="{y - HEIGHT / 2:g}" width="{WIDTH}" height="{HEIGHT}" '
        f'rx="8" fill="{colour}" stroke="{INK}"/>'
        f'<text x="{x:g}" y="{y - 5:g}" text-anchor="middle" font-size="17" font-weight="bold">'
        f"{escape(chapter.title)}</text>"
        f'<text x="{x:g}" y="{y + 18:g}" text-anchor="middle">{said}</text>'
    )


def _legend(colour: Mapping[str, str], y: float) -> list[str]:
    """The parts' colours, at the picture's lower left."""
    return [
        f'<rect x="{MARGIN}" y="{y - 22 * n - 13:g}" width="16" height="16" rx="3" fill="{tint}" '
        f'stroke="{INK}"/><text x="{MARGIN + 24}" y="{y - 22 * n:g}">{escape(part)}</text>'
        for n, (part, tint) in enumerate(reversed(list(colour.items())))
    ]
