"""Marked tables of a page for lecturers: what chapters take, and plans made of them.

A table stands between two marks, each on a line of its own, and `make sync` fills it:

    <!--workload-->
    <!--/workload-->

    <!--plan week all: background/multimodal-models; concepts/core-concepts-->
    <!--/plan-->

The first lists every chapter. The second has a row for each part between semicolons, numbered in
the unit named first; the word after it says how many exercises of each chapter are done: `all`, or
a number. A plan is refused where a chapter comes before one that it needs.
"""

import os
import re
from collections.abc import Sequence
from pathlib import Path

from tools.notebooks.book import Book
from tools.notebooks.header import WORDS_A_MINUTE
from tools.teaching.workload import (
    LINES_A_MINUTE,
    MINUTES_AN_EXERCISE,
    Workload,
    spent,
    workloads,
)

WORKLOAD = re.compile(r"^<!--workload-->\n(.*?)^<!--/workload-->$", re.M | re.S)
PLAN = re.compile(
    r"^<!--plan (?P<unit>\w+) (?P<count>all|\d+):(?P<rows>[^>]+)-->\n(?:.*?)^<!--/plan-->$",
    re.M | re.S,
)
OPENING = re.compile(r"^<!--(?:workload|plan)\b", re.M)


def fill_plans(text: str, book: Book, page: Path) -> str:
    """The text of `page` with its tables filled; links in them lead from its folder.

    Raises `ValueError` naming the mark that is not closed, the chapter that does not exist, or the
    one that comes before what it needs.
    """
    opened = len(OPENING.findall(text))
    if not opened:
        return text
    if opened != len(WORKLOAD.findall(text)) + len(PLAN.findall(text)):
        raise ValueError("a table is malformed: <!--plan UNIT COUNT: CHAPTERS--> … <!--/plan-->")
    chapters = {chapter.name: chapter for chapter in workloads(book)}
    up = f"{Path(os.path.relpath(book.root / 'chapters', page.parent)).as_posix()}/"
    text = WORKLOAD.sub(lambda _: _marked("workload", _workload_table(chapters, up)), text)

    def filled(match: re.Match[str]) -> str:
        table = _plan_table(match["unit"], match["count"], _rows(match["rows"], chapters), up)
        return _marked(f"plan {match['unit']} {match['count']}:{match['rows']}", table)

    return PLAN.sub(filled, text)


def _marked(opening: str, table: Sequence[str]) -> str:
    lines = "\n".join(table)
    return f"<!--{opening}-->\n\n{lines}\n\n<!--/{opening.split()[0]}-->"


def _link(chapter: Workload, up: str) -> str:
    return f"[{chapter.title}]({up}{chapter.name})"


def _workload_table(chapters: dict[str, Workload], up: str) -> list[str]:
    rows = [
        _workload_row(it, [chapters[name] for name in it.needs], up) for it in chapters.values()
    ]
    everything = list(chapters.values())
    needed = {name for it in everything for name in it.needs}
    last = ", ".join(_link(it, up) for it in everything if it.name not in needed)
    return [
        "| chapter | needs | text | code | exercises | all of it | runs in |",
        "|---|---|---|---|---|---|---|",
        *rows,
        f"| all {len(rows)} | | {spent(sum(it.text for it in everything))} "
        f"| {spent(sum(it.code for it in everything))} "
        f"| {sum(len(it.exercises) for it in everything)} "
        f"| {spent(sum(it.minutes for it in everything))} "
        f"| {sum(it.run for it in everything) / 60:.0f}\u00a0min |",
        "",
        f"Text at {WORDS_A_MINUTE} words a minute, code at {LINES_A_MINUTE} lines a minute, "
        f"{MINUTES_AN_EXERCISE} minutes an exercise: words, lines and exercises are counted, the "
        "speeds assumed. The last column is measured, on two processor cores.",
        "",
        f"No other chapter needs these, so each can be left out: {last}.",
    ]


def _workload_row(chapter: Workload, needs: Sequence[Workload], up: str) -> str:
    cells = [
        _link(chapter, up),
        ", ".join(_link(need, up) for need in needs) or "none",
        f"{chapter.text}\u00a0min",
        f"{chapter.code}\u00a0min",
        str(len(chapter.exercises)),
        spent(chapter.minutes),
        f"{chapter.run:.0f}\u00a0s",
    ]
    return f"| {' | '.join(cells)} |"


def _rows(written: str, chapters: dict[str, Workload]) -> list[list[Workload]]:
    """The chapters of each row of a plan."""
    rows = [row.replace(",", " ").split() for row in written.split(";")]
    seen: set[str] = set()
    for name in (name for row in rows for name in row):
        if name not in chapters:
            raise ValueError(f"a plan names {name!r}; the chapters are {', '.join(chapters)}")
        for need in chapters[name].needs:
            if need not in seen:
                raise ValueError(f"a plan has {name} before {need}, which it needs")
        seen.add(name)
    return [[chapters[name] for name in row] for row in rows]


def _plan_table(unit: str, count: str, rows: list[list[Workload]], up: str) -> list[str]:
    """A row a unit, and in the last one the sums."""
    asked = None if count == "all" else int(count)
    lines, reading, working = [], 0, 0
    for number, row in enumerate(rows, 1):
        done = [title for it in row for title in it.exercises[:asked]]
        minutes = sum(it.reading for it in row), MINUTES_AN_EXERCISE * len(done)
        reading, working = reading + minutes[0], working + minutes[1]
        lines.append(
            f"| {number} | {', '.join(_link(it, up) for it in row)} | {spent(minutes[0])} "
            f"| {'; '.join(done).replace('|', chr(92) + '|')} | {spent(minutes[1])} |"
        )
    return [
        f"| {unit} | chapters | reading | exercises | working |",
        "|---|---|---|---|---|",
        *lines,
        f"| all | | {spent(reading)} | | {spent(working)} |",
    ]
