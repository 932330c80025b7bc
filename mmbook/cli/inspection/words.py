"""What the program says of a recording: a line of the table, a row of CSV, an object of JSON."""

import csv
import io
import unicodedata
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mmbook.cli.files import printable
from mmbook.models.inspection import Report, Span
from mmbook.preprocessing.audio.faults import FAULTS

NAMES = 80  # columns of the longest name that still lines up
WORST = 2  # spans of a fault that a line of the table names
DIGITS = 4  # behind the point, of numbers in CSV and JSON
COLUMNS = ("input", "seconds", "quality", "pesq", "stoi", "snr", *FAULTS, "found", "notes", "error")


class Table:
    """Lines that stand below one another, whatever alphabet the names are in."""

    def __init__(self, names: Sequence[Path]) -> None:
        """names: all that may come, for the width of their column."""
        widths = (columns_of(printable(name)) for name in names)
        self.width = max((width for width in widths if width <= NAMES), default=0)

    def head(self) -> str:
        """The names of the columns."""
        return self._line("recording", "length", "PESQ", "STOI", "SNR", "faults")

    def line(self, path: Path, report: Report) -> str:
        """What is said of a recording."""
        faults = ", ".join(_worst(fault, report.spans) for fault in report.found)
        return self._line(
            printable(path),
            clock(report.seconds),
            number(report.pesq, 2),
            number(report.stoi, 2),
            f"{number(report.snr, 0)} dB" if report.snr is not None else "-",
            faults or "none found",
        )

    def _line(self, name: str, *cells: str) -> str:
        padded = name + " " * max(0, self.width - columns_of(name))
        length, pesq, stoi, snr, faults = cells
        return f"{padded}  {length:>9}  {pesq:>4}  {stoi:>4}  {snr:>6}  {faults}"


def csv_row(cells: Sequence[object]) -> str:
    """A line of CSV without its end."""
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow(cells)
    return line.getvalue()


def csv_cells(path: Path, answer: Report | str) -> list[object]:
    """The values of COLUMNS for a recording, or with the reason why there are none."""
    name = str(path)
    if name.startswith(("=", "+", "-", "@")):  # a spreadsheet would take it for a formula
        name = f"./{name}"
    if isinstance(answer, str):
        return [name, *[""] * (len(COLUMNS) - 2), answer]
    found = rounded(answer)
    row = {**found, **found["faults"], "input": name, "error": ""}
    row |= {"found": " ".join(answer.found), "notes": " ".join(answer.notes)}
    return [row[column] for column in COLUMNS]


def rounded(report: Report) -> dict[str, Any]:
    """`Report.to_dict` with numbers as precise as they mean something."""
    return _round(report.to_dict())


def clock(seconds: float) -> str:
    """A time as people write it: 0:02.5, 1:02:03.0."""
    tenths = round(10 * seconds)
    minutes, rest = divmod(tenths, 600)
    hours, minutes = divmod(minutes, 60)
    start = f"{hours}:{minutes:02}" if hours else str(minutes)
    return f"{start}:{rest / 10:04.1f}"


def number(value: float | None, digits: int) -> str:
    """A number, or a dash for none."""
    return "-" if value is None else f"{value:.{digits}f}"


def columns_of(text: str) -> int:
    """How many columns of a terminal a text fills: a Chinese character two, an accent none."""
    return sum(
        0 if unicodedata.combining(letter) else 1 + (unicodedata.east_asian_width(letter) in "WF")
        for letter in text
    )


def _worst(fault: str, spans: Sequence[Span]) -> str:
    """A fault, and when it is worst."""
    own = [span for span in spans if span.fault == fault]
    worst = sorted(own, key=lambda span: -span.peak)[:WORST]
    times = " ".join(f"{clock(s.start)}-{clock(s.end)}" for s in sorted(worst, key=_start))
    more = f" and {len(own) - WORST} more" if len(own) > WORST else ""
    return f"{fault} {times}{more}".rstrip()


def _start(span: Span) -> float:
    return span.start


def _round(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, DIGITS)
    if isinstance(value, dict):
        return {name: _round(part) for name, part in value.items()}
    return [_round(part) for part in value] if isinstance(value, list) else value
