"""Draws what words ask for, and writes it as a picture."""

import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated

import cv2
import numpy as np
import tyro
from numpy.typing import NDArray

from mmbook.cli.files import InputError, check_place, printable, replaced
from mmbook.cli.progress import say
from mmbook.command_line import parse
from mmbook.models import Drawing, load_pretrained

PROGRAM = "python -m mmbook draw"
ENGLISH = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
CHINESE = tuple("零一二三四五六七八九")
CELL, GAP, BETWEEN = 224, 8, 128  # pixels of one drawing, and between two; the grey between them
MOST = 400  # drawings in a picture


@dataclass(frozen=True)
class Painter:
    """A model that draws, and which texts.

    model: its name or folder; it has `predict(text, count, seed)`, which returns (count, 1 or 3,
    size, size) in [0, 1]. knows: what it draws, for people. read: a text as the model takes it, or
    None where it cannot draw it.
    """

    model: Path | str
    knows: str
    read: Callable[[str], str | None]


def digit_word(text: str) -> str | None:
    """The word of a digit in a text that is no more than it, in any case; otherwise None."""
    word = text.strip().casefold()
    return word if word in (*ENGLISH, *CHINESE) else None


PAINTERS = [  # a text is drawn by the first that can
    Painter("digit-drawing", f"a digit, {', '.join(ENGLISH)} or {' '.join(CHINESE)}", digit_word),
]


@dataclass(frozen=True)
class Options:
    """Draw what words ask for: a handwritten digit, from its name in English or Chinese.

    The words: zero, one, two, three, four, five, six, seven, eight, nine and 零 一 二 三 四 五 六
    七 八 九. No other words, no sentences. The picture has a row for each word and a column for
    each drawing of it, white ink on black. The same command gives the same picture.

    A word that cannot be drawn is named on stderr while the rest is done; the exit status is then
    1.
    """

    texts: Annotated[tuple[str, ...], tyro.conf.Positional, tyro.conf.arg(metavar="WORD...")]
    """What to draw."""

    output: Annotated[Path, tyro.conf.arg(aliases=["-o"], metavar="FILE")]
    """The picture to write, a PNG file. One that is there is replaced."""

    count: Annotated[int, tyro.conf.arg(metavar="N")] = 1
    """How many drawings of each word."""

    seed: Annotated[int, tyro.conf.arg(metavar="N")] = 0
    """Another number gives other drawings of the same words."""

    as_json: Annotated[bool, tyro.conf.arg(name="json"), tyro.conf.FlagCreatePairsOff] = False
    """Write a JSON object for each word, one a line: its "row" in the "picture", from 0, or what
    went wrong under "error"."""


def main(words: list[str]) -> int:
    """Run what the command line says; returns the exit status."""
    try:
        options = parse(Options, words, PROGRAM)
        check(options)
        found = [painted(text, options.count, options.seed) for text in options.texts]
    except (ValueError, OSError) as error:
        print(f"error: {printable(error)}", file=sys.stderr)
        return 2
    rows = [drawings for drawings in found if not isinstance(drawings, str)]
    unwritten = write(options.output, rows) if rows else ""
    row = status = 0
    for text, drawings in zip(options.texts, found, strict=True):
        wrong = drawings if isinstance(drawings, str) else unwritten
        answer = {"error": wrong} if wrong else {"picture": str(options.output), "row": row}
        row += not isinstance(drawings, str)
        if wrong:
            status = 1
            say(f"error: {text!r}: {wrong}")
        if options.as_json:
            print(json.dumps({"text": text, **answer}, ensure_ascii=False))
    return status


def check(options: Options) -> None:
    """Raise ValueError for a wrong command."""
    if not options.texts:
        raise InputError(f"name a word to draw; see {PROGRAM} --help")
    if options.count < 1:
        raise InputError(f"--count must be 1 or more drawings, not {options.count}")
    if (drawings := options.count * len(options.texts)) > MOST:
        raise InputError(f"a picture holds {MOST} drawings at most, not {drawings}")
    if not 0 <= options.seed < 2**63:
        raise InputError(f"--seed must be 0 to 2^63 - 1, not {options.seed}")
    if options.output.suffix.lower() != ".png":
        raise InputError(f"{options.output} does not end in .png: a PNG file is written")
    check_place(options.output)


def painted(text: str, count: int, seed: int) -> NDArray[np.uint8] | str:
    """Drawings of a text, (count, size, size, 3), or why there are none."""
    for painter in PAINTERS:
        if (read := painter.read(text)) is not None:
            drawings = _model(painter.model).predict(read, count, seed)
            pixels = (255 * drawings).round().byte().movedim(1, -1).numpy()
            return np.broadcast_to(pixels, (*pixels.shape[:3], 3))
    return f"what can be drawn is: {'; or '.join(painter.knows for painter in PAINTERS)}"


@cache
def _model(place: Path | str) -> Drawing:
    return load_pretrained(place)


def write(place: Path, rows: Sequence[NDArray[np.uint8]]) -> str:
    """Write rows of drawings as one picture; returns what went wrong, "" where nothing did."""
    content = cv2.imencode(".png", sheet(rows)[..., ::-1])[1].tobytes()
    try:
        with replaced(place) as half:
            half.write_bytes(content)
    except OSError as error:
        return f"{printable(place)} cannot be written: {error.strerror}"
    return ""


def sheet(rows: Sequence[NDArray[np.uint8]]) -> NDArray[np.uint8]:
    """Rows of drawings, (columns, size, size, 3) each, side by side: (height, width, 3)."""
    step = CELL + GAP
    page = np.full((step * len(rows) - GAP, step * len(rows[0]) - GAP, 3), BETWEEN, np.uint8)
    for y, row in enumerate(rows):
        for x, drawing in enumerate(row):
            large = drawing.repeat(zoom := CELL // len(drawing), axis=0).repeat(zoom, axis=1)
            top, left = ((CELL - len(large)) // 2 + step * place for place in (y, x))
            page[top : top + len(large), left : left + len(large)] = large
    return page
