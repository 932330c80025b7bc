"""The grades as a table and as a CSV file."""

import csv
import io
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from mmbook.exercises import Verdict
from tools.editions.grading.submissions import Submission
from tools.notebooks.book import write_whole

Verdicts = Mapping[tuple[str, str, str], Verdict]  # by submission, chapter and exercise
Worth = Mapping[tuple[str, str], int]  # points by chapter and exercise
WIDEST = 30  # characters of a cell that a terminal shows
# What a terminal obeys instead of showing it, and halves of characters, which no file holds.
UNPRINTABLE = re.compile("[\0-\x1f\x7f-\x9f\ud800-\udfff]")
# Where a spreadsheet would begin a formula: in a cell, also where it takes ; for the next one.
FORMULA = re.compile('(^|[,;])(?=[ "]*[=+@＝＋－＠-])')


def rows(submissions: Sequence[Submission], verdicts: Verdicts, worth: Worth) -> list[list[str]]:
    """A heading and a row a submission: who, points an exercise, total, of how many, reasons.

    An exercise of a chapter that was not handed in is empty and counts nothing. What students
    wrote is shown without characters that cannot be printed.
    """
    heading = ["submission", "name", "id", *(f"{chapter}/{name}" for chapter, name in worth)]
    table = [[*heading, "total", "of", "reasons"]]
    for one in submissions:
        got = {
            key: verdicts[one.name, *key].right * worth[key]
            for key in worth
            if key[0] in one.chapters
        }
        missing = [
            f"{name}: {_said(verdicts[one.name, chapter, name])}"
            for chapter, name in got
            if not verdicts[one.name, chapter, name].right
        ]
        cells = [str(got.get(key, "")) for key in worth]
        sums = [str(sum(got.values())), str(sum(worth.values()))]
        reasons = "; ".join([*one.problems, *missing])
        row = [one.name, one.student, one.number, *cells, *sums, reasons]
        table.append([UNPRINTABLE.sub("?", cell) for cell in row])
    return table


def _said(verdict: Verdict) -> str:
    """The verdict's line, without what every such line begins with."""
    return " ".join(repr(verdict).removeprefix("Not yet: ").split())


def write_csv(table: Sequence[Sequence[str]], path: Path) -> None:
    """Write the table whole or not at all; no cell of it is a formula to a spreadsheet."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(
        [FORMULA.sub(r"\1'", cell) for cell in row] for row in table
    )
    write_whole(text.getvalue().encode("utf-8-sig"), path)


def shown(table: Sequence[Sequence[str]]) -> str:
    """The table for a terminal: short headings, the reasons below each row."""
    heading, *others = [[cell.rpartition("/")[2] for cell in table[0]], *table[1:]]
    cells = [[cell[:WIDEST] for cell in row[:-1]] for row in (heading, *others)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = []
    for row, said in zip(cells, ["", *(row[-1] for row in others)], strict=True):
        lines.append("  ".join(f"{cell:{width}}" for cell, width in zip(row, widths, strict=True)))
        lines += [f"    {reason}" for reason in said.split("; ") if reason]
    return "\n".join(line.rstrip() for line in lines)
