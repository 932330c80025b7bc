"""Tables of sounds to listen to, each as loud as it is."""

import base64
import io
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape

import soundfile
from torch import Tensor

Rows = Mapping[str, Mapping[str, Tensor]]


@dataclass(frozen=True)
class Players:
    """A table that a notebook shows."""

    html: str

    def _repr_html_(self) -> str:
        return self.html

    def __repr__(self) -> str:
        return f"{self.html.count('<audio')} sounds to listen to"


def players(rows: Rows, rate: int) -> Players:
    """A table of players, without loss (FLAC), of which none is made louder or softer.

    rows: {row: {column: (samples,) in [-1, 1]}}, the same columns in each. rate: in Hz.
    Raises ValueError where there is no row, columns differ, or a sound goes beyond [-1, 1].
    """
    columns = [list(row) for row in rows.values()]
    if not columns or any(names != columns[0] for names in columns):
        raise ValueError(f"a table of players needs the same columns in each row, got {columns}")
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in columns[0])
    lines = [f"<tr><td></td>{head}</tr>"]
    for name, clips in rows.items():
        cells = (
            f"<td>{_player(f'{name}: {what}', clip, rate)}</td>" for what, clip in clips.items()
        )
        lines.append(f'<tr><th scope="row">{escape(name)}</th>{"".join(cells)}</tr>')
    return Players(f'<div style="overflow-x:auto"><table>{"".join(lines)}</table></div>')


def _player(name: str, clip: Tensor, rate: int) -> str:
    """One sound, (samples,), as an element of a page."""
    if clip.ndim != 1 or not len(clip) or not clip.abs().max() <= 1:
        raise ValueError(f"{name} must be (samples,) in [-1, 1], got {tuple(clip.shape)}")
    file = io.BytesIO()
    soundfile.write(file, clip.numpy(), rate, format="FLAC", subtype="PCM_16")
    data = base64.b64encode(file.getvalue()).decode()
    style = "width:13em;height:2.2em"
    source = f"data:audio/flac;base64,{data}"
    return f'<audio controls aria-label="{escape(name)}" style="{style}" src="{source}"></audio>'
