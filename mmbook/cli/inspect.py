"""Says which faults recordings of speech have, when, and how good they sound."""

import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import tyro

from mmbook.cli.files import SOUNDS, InputError, check_place, meant_once, printable, reason
from mmbook.cli.inspection.long import Inspector, inspect_blocks
from mmbook.cli.inspection.page import Page
from mmbook.cli.inspection.spectrogram import Spectrogram
from mmbook.cli.inspection.words import COLUMNS, Table, csv_cells, csv_row, rounded
from mmbook.cli.progress import say, watched
from mmbook.command_line import parse
from mmbook.models import load_pretrained
from mmbook.models.inspection import Report
from mmbook.preprocessing.audio.faults import FAULTS, RATE
from mmbook.preprocessing.audio.streaming import AudioStream

PROGRAM = "python -m mmbook inspect"
MODEL: Path | str = "speech-quality"  # the name of a model that ships, or a folder
FOUND, UNUSABLE = 1, 2  # exit statuses


@dataclass(frozen=True)
class Options:
    """Say which faults recordings of speech have, when, and how good they sound.

    The faults: noise, crosstalk (another voice), hum, clicks, clipping, dropouts, band (high
    frequencies are missing), reverberation and level (too quiet or too loud). Each comes with a
    probability, and with the times at which it is heard. The sound as a whole gets the PESQ and
    STOI that these two measures would give if they had the clean speech to compare with, and where
    there is noise, the ratio of speech to noise (SNR) in decibels.

    What the model knows: speech in the band of telephones, up to 4 kHz; every recording is brought
    to 8,000 samples a second and one channel. It was trained on mixtures that a program made, of
    clean speech with faults of known strength, and not on what people said of recordings. Of music,
    and of languages and faults that it never heard, it says something too, which may mean nothing.

    Recordings of more than five minutes are inspected in pieces: the qualities are their means, and
    a fault is as probable as in the worst piece.

    Exit status: 0 where no fault was found, 1 where one was, and 2 where a recording could not be
    inspected (it is named on stderr, and the rest is done), or for a wrong command.
    """

    inputs: Annotated[tuple[Path, ...], tyro.conf.Positional, tyro.conf.arg(metavar="SOUND...")]
    """Sounds (WAV, FLAC, Ogg, MP3, AIFF, AU), or folders, which are searched for them."""

    fail_on: Annotated[
        tuple[str, ...], tyro.conf.UseAppendAction, tyro.conf.arg(metavar="FAULT")
    ] = ()
    """Give the exit status 1 for this fault only; may be repeated. Without it, for any."""

    as_json: Annotated[bool, tyro.conf.arg(name="json"), tyro.conf.FlagCreatePairsOff] = False
    """Write a JSON object for each recording, one a line, with what went wrong under "error"."""

    as_csv: Annotated[bool, tyro.conf.arg(name="csv"), tyro.conf.FlagCreatePairsOff] = False
    """Write a table as CSV, with a line for each recording, below the names of the columns."""

    html: Annotated[Path | None, tyro.conf.arg(metavar="FILE.html")] = None
    """Also write a page to look at and to listen to: one file, for any browser, with sounds up to a
    megabyte in it, and links to larger ones."""


def main(words: list[str]) -> int:
    """Run what the command line says; returns the exit status."""
    try:
        options = parse(Options, words, PROGRAM)
        check(options)
        model: Inspector = load_pretrained(MODEL)
    except (ValueError, OSError) as error:
        print(f"error: {printable(error)}", file=sys.stderr)
        return UNUSABLE
    found = list(meant_once(options.inputs, SOUNDS))
    writer = Writer(options, [path for path, _ in found])
    page = Page(options.html) if options.html else None
    statuses = {0}
    for path, answer in answers(model, watched(found, "recordings"), page):
        statuses.add(status_of(answer, options.fail_on or FAULTS))
        writer.write(path, answer)
    if page:
        try:
            page.finish()
        except OSError as error:
            say(f"error: {printable(page.place)}: cannot be written: {error.strerror}")
            statuses.add(UNUSABLE)
    return max(statuses)


def check(options: Options) -> None:
    """Raise ValueError for a wrong command."""
    if not options.inputs:
        raise InputError(f"name a sound or a folder; see {PROGRAM} --help")
    if options.as_json and options.as_csv:
        raise InputError("--json and --csv are two forms of the same: name one of them")
    for fault in options.fail_on:
        if fault not in FAULTS:
            raise InputError(f"--fail-on must be one of {', '.join(FAULTS)}, not {fault!r}")
    if options.html:
        if options.html.suffix.lower() not in (".html", ".htm"):
            raise InputError(f"{options.html} does not end in .html: a page is written")
        check_place(options.html)


def answers(
    model: Inspector, found: Iterator[tuple[Path, Exception | None]], page: Page | None
) -> Iterator[tuple[Path, Report | str]]:
    """Each file with its report, or with the reason why there is none; the page gets both."""
    for path, problem in found:
        try:
            if problem:
                raise problem
            stream, picture = AudioStream.open(path), Spectrogram()
            blocks = stream.blocks(RATE)
            report = inspect_blocks(model, picture.watch(blocks) if page else blocks, stream.rate)
        except (ValueError, OSError) as error:
            answer = printable(reason(error, path))
            if page:
                page.add_failure(path, answer)
            yield path, answer
        else:
            if page:
                page.add(stream, report, picture)
            yield path, report


def status_of(answer: Report | str, counted: Sequence[str]) -> int:
    """What a recording adds to the exit status; counted: the faults that matter."""
    if isinstance(answer, str):
        return UNUSABLE
    return FOUND if set(answer.found) & set(counted) else 0


class Writer:
    """Writes what is said of each recording to stdout, in the form that was asked for."""

    def __init__(self, options: Options, names: Sequence[Path]) -> None:
        """names: of all recordings, for the width of a column."""
        self.options = options
        self.table = Table(names)
        self.headed = False

    def write(self, path: Path, answer: Report | str) -> None:
        """Write the report of a recording, or on stderr too, why there is none."""
        if isinstance(answer, str):
            say(f"error: {printable(path)}: {answer}")
        if self.options.as_json:
            said = {"error": answer} if isinstance(answer, str) else rounded(answer)
            print(json.dumps({"input": str(path), **said}, ensure_ascii=False))
        elif self.options.as_csv:
            self._head(csv_row(COLUMNS))
            print(csv_row(csv_cells(path, answer)))
        elif not isinstance(answer, str):
            self._head(self.table.head())
            print(self.table.line(path, answer))
            for note in answer.notes:
                say(f"note: {printable(path)}: {printable(note)}")

    def _head(self, line: str) -> None:
        if not self.headed:
            print(line)
        self.headed = True
