"""The grades as a table and as a CSV file."""

import csv
import io
import os
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from mmbook.exercises import Verdict
from tools.editions.grading.submissions import Submission

Verdicts = Mapping[tuple[str, str, str], Verdict]  # by submission, chapter and exercise
Worth = Mapping[tuple[str, str], int]  # points by chapter and exercise


def rows(submissions: Sequence[Submission], verdicts: Verdicts, worth: Worth) -> list[list[str]]:
    """A heading and a row a submission: who, points an exercise, total, of how many, reasons.

    An exercise of a chapter that was not handed in is empty and counts nothing.
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
        table.append([one.name, one.student, one.number, *cells, *sums, reasons])
    return table


def _said(verdict: Verdict) -> str:
    """The verdict's line, without what every such line begins with."""
    return " ".join(repr(verdict).removeprefix("Not yet: ").split())


def write_csv(table: Sequence[Sequence[str]], path: Path) -> None:
    """Write the table whole or not at all; no cell of it is a formula to a spreadsheet."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(
        [f"'{cell}" if cell.startswith(tuple("=+-@\t\r")) else cell for cell in row]
        for row in table
    )
    with tempfile.NamedTemporaryFile(
        "w", dir=path.parent, prefix=".grades-", encoding="utf-8-sig", newline="", delete=False
    ) as file:
        file.write(text.getvalue())
    os.chmod(file.name, 0o644)
    os.replace(file.name, path)


def shown(table: Sequence[Sequence[str]]) -> str:
    """The table for a terminal: short headings, the reasons below each row."""
    heading, *others = [[cell.rpartition("/")[2] for cell in table[0]], *table[1:]]
    widths = [
        max(len(row[place]) for row in [heading, *others]) for place in range(len(heading) - 1)
    ]
    lines = []
    for row in [heading, *others]:
        lines.append("  ".join(f"{cell:{width}}" for cell, width in zip(row, widths, strict=False)))
        if row is not heading:
            lines += [f"    {reason}" for reason in row[-1].split("; ") if reason]
    return "\n".join(line.rstrip() for line in lines)
