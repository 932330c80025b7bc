"""What an inspection found, as one page that needs no other: to look at and to listen to."""

import base64
import os
from collections.abc import Iterator
from html import escape
from pathlib import Path
from tempfile import TemporaryFile
from urllib.parse import quote

from mmbook.cli.inspection import lanes
from mmbook.cli.inspection.spectrogram import Spectrogram
from mmbook.cli.inspection.words import clock, number
from mmbook.cli.pages import head, shown, write_page
from mmbook.models.inspection import Report
from mmbook.preprocessing.audio.streaming import AudioStream

HELD, ALL_HELD = 1 << 20, 24 << 20  # bytes of a sound, and of all, that the page holds
LISTED = 50  # spans of a recording, the worst
CHUNK = 1 << 20  # letters that are copied at a time
PLAYED = {  # what browsers play, by the ending
    ".wav": "audio/wav",
    ".flac": "audio/flac",
    ".ogg": "audio/ogg",
    ".opus": "audio/ogg",
    ".mp3": "audio/mpeg",
}

STYLE = """\
:root { --right: #1b6b3a; }
@media (prefers-color-scheme: dark) { :root { --right: #8fd0a4; } }
a { color: var(--link); }
:is(a, summary, .scroll, audio):focus-visible { outline: 3px solid var(--link);
  outline-offset: 2px; }
.scroll { overflow-x: auto; margin: 1rem 0; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
.scroll > table { width: 100%; }
th, td { padding: 0.35rem 0.7rem; border-bottom: 1px solid var(--rule); text-align: right;
  white-space: nowrap; }
th { color: var(--muted); font-weight: 600; }
.scroll :is(th, td):nth-child(-n + 2), details :first-child { text-align: left; }
.scroll tbody > tr > :nth-child(-n + 2) { min-width: 6.5rem; font-weight: 400;
  white-space: normal; }
section { margin: 1.5rem 0; padding: 1rem 1.2rem 1.2rem; border: 1px solid var(--rule);
  border-radius: 8px; scroll-margin-top: 1rem; }
section h2 { margin: 0 0 0.4rem; }
.chips { display: flex; flex-wrap: wrap; gap: 0.4rem; margin: 0; padding: 0; list-style: none; }
.chips li { padding: 0.1rem 0.7rem; border-radius: 1rem; background: var(--wrong);
  color: var(--page); font-size: 0.9rem; font-weight: 600; }
.chips .fine { background: var(--right); }
dl { display: flex; flex-wrap: wrap; gap: 0.6rem 2rem; margin: 0.8rem 0; }
dt, dl small { color: var(--muted); font-size: 0.85rem; }
dd { margin: 0; font-size: 1.25rem; font-variant-numeric: tabular-nums; line-height: 1.3; }
audio { display: block; width: 100%; max-width: 40rem; margin: 0.8rem 0 0.3rem; }
details { margin-top: 0.6rem; }
summary { color: var(--link); cursor: pointer; }
.notes { margin: 0.6rem 0 0; padding-left: 1.2rem; color: var(--muted); }
@media (max-width: 40rem) { section { padding: 0.8rem; } th, td { padding: 0.3rem 0.4rem; } }
"""
TOP = """\
<main>
<h1>{title}</h1>
<p>{counts} The numbers are a network's: it hears the band of telephones, up to 4 kHz, and was
trained on mixtures that a program made, not on what people said of recordings. PESQ and STOI are
what it predicts of these measures, from 1 to 4.55 and from 0 to 1; a percentage says how probable a
fault is.</p>
<div class="scroll" role="region" aria-label="All recordings" tabindex="0">
<table>
<thead><tr><th scope="col">Recording</th><th scope="col">Faults</th><th scope="col">PESQ</th>
<th scope="col">STOI</th><th scope="col">SNR</th><th scope="col">Length</th></tr></thead>
<tbody>
"""


class Page:
    """A page that grows by a section a recording; what is in it waits in a file, not in memory."""

    def __init__(self, place: Path) -> None:
        """place: where `finish` writes it."""
        self.place = place
        self._rows: list[str] = []
        self._counts = {"with faults": 0, "without": 0, "that could not be inspected": 0}
        self._held = 0
        self._sections = TemporaryFile(  # noqa: SIM115  `finish` closes it
            "w+", encoding="utf-8", errors="backslashreplace", newline="\n"
        )

    def add(self, stream: AudioStream, report: Report, picture: Spectrogram) -> None:
        """A recording that was inspected, and its spectrogram."""
        self._counts["with faults" if report.found else "without"] += 1
        cells = (
            ", ".join(report.found) or "none found",
            number(report.pesq, 2),
            number(report.stoi, 2),
            "-" if report.snr is None else f"{report.snr:.0f} dB",
            clock(report.seconds),
        )
        self._row(stream.path, "".join(f"<td>{cell}</td>" for cell in cells))
        self._sections.write(_verdict(report) + _numbers(stream, report))
        self._sections.writelines(lanes.lanes(report, picture))
        self._sections.write(self._player(stream.path) + _spans(report) + _notes(report))
        self._sections.write("</section>\n")

    def add_failure(self, path: Path, reason: str) -> None:
        """A recording that could not be inspected, and why."""
        self._counts["that could not be inspected"] += 1
        self._row(path, '<td class="wrong">not inspected</td><td colspan="4"></td>')
        self._sections.write(f'<p class="wrong">{shown(reason)}</p>\n</section>\n')

    def finish(self) -> None:
        """Write the page. Raises OSError, and then leaves what was there."""
        with self._sections:
            write_page(self.place, self._parts())

    def _row(self, path: Path, cells: str) -> None:
        """A row of the table on top, and the beginning of the section that it leads to."""
        name, place = shown(path).replace("/", "/<wbr>"), f"recording-{len(self._rows) + 1}"
        self._rows.append(f'<tr><th scope="row"><a href="#{place}">{name}</a></th>{cells}</tr>\n')
        self._sections.write(f'<section id="{place}">\n<h2>{name}</h2>\n')

    def _parts(self) -> Iterator[str]:
        count = len(self._rows)
        title = f"Inspection of {count:,} recording{'s' * (count != 1)}"
        counts = ", ".join(f"{many:,} {kind}" for kind, many in self._counts.items() if many)
        yield head(title, STYLE + lanes.STYLE, "; media-src data: file: 'self'")
        yield TOP.replace("{title}", title).replace("{counts}", counts and f"{counts}.")
        yield from self._rows
        yield "</tbody>\n</table>\n</div>\n"
        self._sections.seek(0)
        while part := self._sections.read(CHUNK):
            yield part
        yield "</main>\n</html>\n"

    def _player(self, path: Path) -> str:
        """The sound to listen to: in the page where it is small, else beside it."""
        link = address(path, self.place)
        kind, source = PLAYED.get(path.suffix.lower()), link
        try:
            size = path.stat().st_size
            if kind and size <= HELD and self._held + size <= ALL_HELD:
                source = f"data:{kind};base64,{base64.b64encode(path.read_bytes()).decode('ascii')}"
                self._held += size
        except OSError:
            pass  # it has gone meanwhile: the link says where it was
        player = (
            f'<audio controls preload="none" aria-label="{shown(path)}" src="{source}"></audio>\n'
            if kind
            else ""
        )
        return f'{player}<p><a href="{link}">The file itself</a></p>\n'


def address(path: Path, page: Path) -> str:
    """A file as a link of a page: relative, so that both may move together."""
    target = os.path.abspath(path)
    try:
        beside = os.path.relpath(target, os.path.dirname(os.path.abspath(page)))
    except ValueError:  # another drive
        return escape(Path(target).as_uri())
    return quote(os.fsencode(Path(beside).as_posix()))


def _verdict(report: Report) -> str:
    chips = "".join(f"<li>{fault}</li>" for fault in report.found)
    chips = chips or '<li class="fine">no fault found</li>'
    return f'<ul class="chips">{chips}</ul>\n'


def _numbers(stream: AudioStream, report: Report) -> str:
    channels = {1: "mono", 2: "stereo"}.get(stream.channels, f"{stream.channels} channels")
    values = {
        "PESQ, predicted": (number(report.pesq, 2), report.quality),
        "STOI, predicted": (number(report.stoi, 2), ""),
        "Speech to noise": ("-" if report.snr is None else f"{report.snr:.1f} dB", ""),
        "Length": (clock(report.seconds), f"{stream.rate / 1000:g} kHz, {channels}"),
    }
    rows = (
        f"<div><dt>{name}</dt><dd>{value} <small>{more}</small></dd></div>"
        for name, (value, more) in values.items()
    )
    return f"<dl>{''.join(rows)}</dl>\n"


def _spans(report: Report) -> str:
    """The worst spans by time, folded."""
    if not report.spans:
        return ""
    worst = sorted(report.spans, key=lambda span: -span.peak)[:LISTED]
    rows = "".join(
        f"<tr><td>{span.fault}</td><td>{clock(span.start)}</td><td>{clock(span.end)}</td>"
        f"<td>{span.peak:.0%}</td></tr>\n"
        for span in sorted(worst, key=lambda span: span.start)
    )
    count = len(report.spans)
    of_all = f"The worst {LISTED} of {count:,} times" if count > LISTED else f"{count} times"
    return (
        f"<details><summary>{of_all} at which a fault is heard</summary>\n<table>\n<tr>"
        + "".join(f'<th scope="col">{name}</th>' for name in ("Fault", "From", "To", "Up to"))
        + f"</tr>\n{rows}</table></details>\n"
    )


def _notes(report: Report) -> str:
    notes = "".join(f"<li>{shown(note)}</li>" for note in report.notes)
    return f'<ul class="notes">{notes}</ul>\n' if notes else ""
