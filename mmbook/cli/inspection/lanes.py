"""A recording over time, drawn in HTML: its spectrogram, and a lane below it for each fault."""

import base64
import math
from collections.abc import Iterator, Sequence

import torch.nn.functional as F
from torch import Tensor

from mmbook.cli.inspection.spectrogram import Spectrogram
from mmbook.cli.inspection.words import clock
from mmbook.models.inspection import STEP, Report, Span
from mmbook.preprocessing.audio.faults import FAULTS, RATE

TICKS = 5  # numbers on the axis of time at most
STEPS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14400)
MARKED = 200  # spans of a lane that are marked, the worst

STYLE = """\
.lanes { display: grid; grid-template-columns: 8.5rem minmax(0, 1fr); gap: 3px 0.7rem;
  align-items: center; margin: 0.8rem 0; font-size: 0.85rem; line-height: 1.3; }
.lanes img { display: block; width: 100%; height: 150px; border-radius: 3px; }
.lanes > .what { display: flex; justify-content: space-between; gap: 0.5rem; color: var(--muted);
  font-variant-numeric: tabular-nums; }
.lanes > .what.found { color: var(--wrong); font-weight: 700; }
.lanes > .hertz { flex-direction: column; height: 100%; text-align: right; }
.lanes svg { display: block; width: 100%; height: 26px; background: var(--card);
  border-radius: 3px; }
.lanes .grid { fill: none; stroke: var(--rule); vector-effect: non-scaling-stroke; }
.lanes .trace { fill: #4477aa; }
.lanes .span { fill: #ee6677; fill-opacity: 0.3; }
.lanes .found .trace { fill: #ee6677; }
.lanes .axis { position: relative; grid-column: 2; height: 1.4em; color: var(--muted); }
.lanes .axis span { position: absolute; transform: translateX(-50%); white-space: nowrap; }
.lanes .axis span:first-child { transform: none; }
@media (max-width: 40rem) {
  .lanes { grid-template-columns: minmax(0, 1fr); gap: 1px; }
  .lanes > .what { margin-top: 3px; }
  .lanes > .hertz { flex-direction: row; justify-content: start; gap: 0.3em; height: auto; }
  .lanes > .hertz span + span::before { content: "to "; }
  .lanes .axis { grid-column: 1; }
}
"""


def lanes(report: Report, picture: Spectrogram) -> Iterator[str]:
    """The HTML of a recording over time; all of its rows begin and end at the same moments."""
    columns = len(picture.columns())
    content = base64.b64encode(picture.png()).decode("ascii")
    ticks = dict(_ticks(report.seconds, columns, picture.per))
    yield (
        '<div class="lanes">\n<div class="what hertz">'
        f"<span>{RATE // 2000} kHz</span><span>0</span></div>\n"
        f'<img alt="Spectrogram of {clock(report.seconds)}, from 0 to {RATE // 2000} kHz" '
        f'src="data:image/png;base64,{content}">\n'
    )
    grid = "".join(f"M{place:.1f} 0V100" for place in ticks.values())
    for number, fault in enumerate(FAULTS):
        is_found = " found" if fault in report.found else ""
        spans = [span for span in report.spans if span.fault == fault]
        yield (
            f'<div class="what{is_found}"><span>{fault}</span>'
            f"<span>{report.faults[fault]:.0%}</span></div>\n"
            f'<svg class="lane{is_found}" viewBox="0 0 {columns} 100" preserveAspectRatio="none" '
            f'role="img" aria-label="{_described(fault, report, spans)}">'
            f'<path class="grid" d="{grid}"/>{_marks(spans, picture.per)}'
            f'<path class="trace" d="{area(report.trace[:, number], columns, picture.per)}"/>'
            "</svg>\n"
        )
    labels = "".join(
        f'<span style="left:{place / columns:.2%}">{label}</span>' for label, place in ticks.items()
    )
    yield f'<div class="axis" aria-hidden="true">{labels}</div>\n</div>\n'


def area(values: Tensor, columns: int, per: int) -> str:
    """The path of an area below values (frames,) in [0, 1]: the highest of each `per` frames."""
    kept = F.pad(values.detach().float().cpu(), (0, max(0, columns * per - len(values))))
    highest = kept[: columns * per].unflatten(0, (columns, per)).amax(dim=1)
    heights = (100 - 100 * highest.clamp(0, 1)).round().int().tolist()
    path, before = ["M0 100"], 100
    for place, height in enumerate(heights):
        if height != before:
            path.append(f"H{place}V{height}")
        before = height
    return "".join(path) + f"H{columns}V100Z"


def _place(seconds: float, per: int) -> float:
    """Where a moment lies, in columns: frame k is centred on STEP * k."""
    return max(0.0, seconds / STEP + 0.5) / per


def _marks(spans: Sequence[Span], per: int) -> str:
    worst = sorted(spans, key=lambda span: -span.peak)[:MARKED]
    marks = ""
    for span in worst:
        start, end = _place(span.start, per), _place(span.end, per)
        title = f"{span.fault} {clock(span.start)} to {clock(span.end)}, up to {span.peak:.0%}"
        marks += (
            f'<rect class="span" x="{start:.1f}" y="0" width="{max(end - start, 0.5):.1f}" '
            f'height="100"><title>{title}</title></rect>'
        )
    return marks


def _described(fault: str, report: Report, spans: Sequence[Span]) -> str:
    """A lane in words, for who does not see it."""
    times = ", ".join(f"{clock(span.start)} to {clock(span.end)}" for span in spans[:TICKS])
    more = f" and {len(spans) - TICKS} more times" if len(spans) > TICKS else ""
    heard = f"; heard {times}{more}" if spans else ""
    return f"{fault} over time, as a whole {report.faults[fault]:.0%}{heard}"


def _ticks(seconds: float, columns: int, per: int) -> Iterator[tuple[str, float]]:
    """Round moments with their places in columns; none so far to the right that it would stick out.

    A recording below a tenth of a second has its beginning only.
    """
    step = next((step for step in STEPS if seconds / step < TICKS), STEPS[-1])
    for number in range(math.floor(seconds / step) + 1):
        place = _place(number * step, per) if number else 0.0
        if place <= 0.95 * columns:
            label = clock(number * step)
            yield (label if step < 1 else label[:-2]), place
