"""Draws what words ask for, and writes it as a picture."""

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import cv2
import numpy as np
import tyro
from numpy.typing import NDArray

from mmbook.cli.files import InputError, check_place, printable, replaced
from mmbook.cli.painters import Digits, Manner, Painter, Request, Scenes
from mmbook.cli.progress import say
from mmbook.command_line import parse

PROGRAM = "python -m mmbook draw"
CELL, GAP, BETWEEN = 224, 8, 128  # pixels of one drawing, and between two; the grey between them
MOST = 400  # drawings in a picture
LONGEST, STRONGEST = 100, 10  # steps, and guidance


PAINTERS: list[Painter] = [  # a text is drawn by the first that can
    Digits(),
    Scenes({"en": "scene-drawing"}),
]


@dataclass(frozen=True)
class Options:
    """Draw what words ask for: a handwritten digit from its name, or a scene from a sentence.

    Digits: zero, one, two, three, four, five, six, seven, eight, nine and 零 一 二 三 四 五 六 七
    八 九, white ink on black, 28 pixels wide.

    Scenes: one or two shapes on light grey, 32 pixels wide: small and large circles, squares,
    triangles, stars, diamonds, crosses, rings and hearts, in red, orange, yellow, green, blue,
    purple, brown and grey, each in a quarter of the picture, as in "a large red circle at the top
    left and a small blue square at the bottom right". A sentence may relate two shapes ("a large
    red circle left of a small blue square"; also: right of, above, below) or leave things open ("a
    star"): then the seed chooses, and the answer says what was asked of the network.

    What they cannot do: sentences in Chinese, other things, more than two shapes, colours of the
    background, larger pictures; and now and then a drawing is not what was asked for.

    The picture has a row for each text and a column for each drawing of it, pixel by pixel. The
    same command gives the same picture. A text that cannot be drawn is named on stderr while the
    rest is done; the exit status is then 1.
    """

    texts: Annotated[tuple[str, ...], tyro.conf.Positional, tyro.conf.arg(metavar="TEXT...")]
    """What to draw: words and sentences, each in quotes."""

    output: Annotated[Path, tyro.conf.arg(aliases=["-o"], metavar="FILE")]
    """The picture to write, a PNG file. One that is there is replaced."""

    count: Annotated[int, tyro.conf.arg(metavar="N")] = 1
    """How many drawings of each text."""

    seed: Annotated[int, tyro.conf.arg(metavar="N")] = 0
    """Another number gives other drawings of the same texts, and other choices."""

    steps: Annotated[int | None, tyro.conf.arg(metavar="N")] = None
    """In how many steps noise becomes a scene; without it, in as many as the network is shipped
    with."""

    guidance: Annotated[float | None, tyro.conf.arg(metavar="G")] = None
    """How far a scene is pushed from what is drawn without a sentence: 1 not at all, 0 ignores the
    sentence; without it, as the network is shipped."""

    as_json: Annotated[bool, tyro.conf.arg(name="json"), tyro.conf.FlagCreatePairsOff] = False
    """Write a JSON object for each text, one a line: its "row" in the "picture", from 0, what was
    "asked" of the network, with "notes"; or what went wrong under "error"."""


def main(words: list[str]) -> int:
    """Run what the command line says; returns the exit status."""
    try:
        options = parse(Options, words, PROGRAM)
        check(options)
        found = [painted(text, options) for text in options.texts]
    except (ValueError, OSError) as error:
        print(f"error: {printable(error)}", file=sys.stderr)
        return 2
    rows = [each.drawings for each in found if isinstance(each, Painted)]
    unwritten = write(options.output, rows) if rows else ""
    row = status = 0
    for text, each in zip(options.texts, found, strict=True):
        if isinstance(each, Painted) and not unwritten:
            asked = {"asked": each.request.text, "notes": each.request.notes}
            answer: dict[str, Any] = {"picture": str(options.output), "row": row, **asked}
        else:
            answer, status = {"error": each if isinstance(each, str) else unwritten}, 1
        row += isinstance(each, Painted)
        show(text, answer, options)
    return status


def show(text: str, answer: dict[str, Any], options: Options) -> None:
    """Write what became of a text."""
    name = printable(repr(text))
    if "error" in answer:
        say(f"error: {name}: {answer['error']}")
    if options.as_json:
        print(json.dumps({"text": text, **answer}, ensure_ascii=False))
    elif "error" not in answer:
        if answer["asked"] != text.strip().casefold():
            print(f"{name}: asked for {answer['asked']!r}")
        for note in answer["notes"]:
            say(f"note: {name}: {note}")


def check(options: Options) -> None:
    """Raise ValueError for a wrong command."""
    if not options.texts:
        raise InputError(f"name a text to draw; see {PROGRAM} --help")
    if options.count < 1:
        raise InputError(f"--count must be 1 or more drawings, not {options.count}")
    if (drawings := options.count * len(options.texts)) > MOST:
        raise InputError(f"a picture holds {MOST} drawings at most, not {drawings}")
    if not 0 <= options.seed < 2**63:
        raise InputError(f"--seed must be 0 to 2^63 - 1, not {options.seed}")
    if options.steps is not None and not 1 <= options.steps <= LONGEST:
        raise InputError(f"--steps must be 1 to {LONGEST}, not {options.steps}")
    if options.guidance is not None and not 0 <= options.guidance <= STRONGEST:
        raise InputError(f"--guidance must be 0 to {STRONGEST}, not {options.guidance}")
    if options.output.suffix.lower() != ".png":
        raise InputError(f"{options.output} does not end in .png: a PNG file is written")
    check_place(options.output)


@dataclass(frozen=True)
class Painted:
    """Drawings of a text, (count, size, size, 3), and what was asked for."""

    drawings: NDArray[np.uint8]
    request: Request


def painted(text: str, options: Options) -> Painted | str:
    """Drawings of a text, or why there are none."""
    manner = Manner(options.count, options.seed, options.steps, options.guidance)
    for painter in PAINTERS:
        try:
            request = painter.read(text, options.seed)
        except InputError as error:
            return str(error)
        if request is not None:
            pixels = (255 * painter.draw(request, manner)).round().byte().movedim(1, -1).numpy()
            return Painted(np.broadcast_to(pixels, (*pixels.shape[:3], 3)), request)
    return f"what can be drawn is: {'; or '.join(painter.knows for painter in PAINTERS)}"


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
