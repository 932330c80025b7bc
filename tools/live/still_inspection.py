"""The still image in place of a live inspector: one recording, spoilt, and what is found in it."""

from collections.abc import Mapping, Sequence

from torch import Tensor

from mmbook.models.inspection import SpeechInspectorConfig
from mmbook.preprocessing.audio.faults import FAULTS
from tools.live.still_senses import pixels

LEFT, WIDE, BAR, SPACE = 118, 270, 70, 12  # lengths of the image
LINE, ROW, WAVE, SOUND = 22, 30, 48, 64
FOUND, OTHER, RULE = "#1f5f8b", "#8a949d", "#dfe4e8"
DARKEST, LIGHTEST = -2, 2  # of the spectrogram, in inspector.js too
COLUMN = 64  # samples of a column of the waveform, in inspector.js too


def still_of_inspection(
    shown: Mapping[str, Tensor], config: SpeechInspectorConfig, caption: str
) -> str:
    """An SVG of a waveform, its spectrogram, and for each fault where and how probable it is.

    shown: the parts of a `LiveInspector`'s output. caption: what the recording is.
    """
    top = LINE + WAVE + SOUND + 24
    rows = zip(FAULTS, shown["trace"].T.tolist(), shown["faults"].tolist(), strict=True)
    limits = zip(config.thresholds, config.frame_thresholds, strict=True)
    words = f"PESQ {shown['pesq'].item():.2f}, STOI {shown['stoi'].item():.2f}"
    high = top + ROW * len(FAULTS) + 6
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" '
            f'viewBox="0 0 {LEFT + WIDE + BAR + 2 * SPACE + 44} {high}" '
            'font-family="sans-serif" font-size="16" fill="#22282d">',
            f'<text y="15">{caption}: {words}</text>',
            f'<text y="{LINE + 32}">waveform</text>{_wave(shown["waveform"])}',
            f'<text y="{LINE + WAVE + 45}">spectrogram</text>{_sound(shown["spectrogram"])}',
            *(
                _row(top + ROW * place, *row, *limit)
                for place, (row, limit) in enumerate(zip(rows, limits, strict=True))
            ),
            "</svg>\n",
        ]
    )


def _wave(waveform: Tensor) -> str:
    """The waveform, its peak as high as there is room."""
    columns = waveform[: len(waveform) // COLUMN * COLUMN].view(-1, COLUMN)
    scale = WAVE / 2 / waveform.abs().max().clamp(min=0.1)
    edges = [*(columns.amax(dim=1) * scale), *(columns.amin(dim=1) * scale).flip(0)]
    places = [*range(len(columns)), *reversed(range(len(columns)))]
    points = " ".join(
        f"{LEFT + WIDE * x / len(columns):.1f},{LINE + WAVE / 2 - float(y):.1f}"
        for x, y in zip(places, edges, strict=True)
    )
    return f'<polygon points="{points}" fill="{OTHER}"/>'


def _sound(spectrogram: Tensor) -> str:
    """The spectrogram, (frames, mels), low frequencies below."""
    shades = (spectrogram.T.flip(0) - DARKEST) / (LIGHTEST - DARKEST)
    return pixels(shades, LEFT, LINE + WAVE + 8, WIDE, SOUND)


def _row(
    top: int, fault: str, trace: Sequence[float], chance: float, limit: float, frame_limit: float
) -> str:
    """A fault's trace with its threshold, and a bar with its own."""
    colour, weight = (FOUND, "bold") if chance >= limit else (OTHER, "normal")
    low, high, side = top + ROW - 6, ROW - 6, LEFT + WIDE + SPACE
    points = " ".join(
        f"{LEFT + WIDE * k / (len(trace) - 1):.1f},{low - high * value:.1f}"
        for k, value in enumerate(trace)
    )
    return (
        f'<text y="{low - 6}" font-weight="{weight}">{fault}</text>'
        f'<polygon points="{LEFT},{low} {points} {LEFT + WIDE},{low}" fill="{colour}"/>'
        f'<path d="M{LEFT} {low - high * frame_limit:.1f}h{WIDE}" stroke="#22282d" '
        f'stroke-dasharray="4 3"/>'
        f'<rect x="{side}" y="{low - 18}" width="{BAR}" height="12" fill="{RULE}"/>'
        f'<rect x="{side}" y="{low - 18}" width="{BAR * chance:.1f}" height="12" '
        f'fill="{colour}"/>'
        f'<rect x="{side + BAR * limit - 1:.1f}" y="{low - 21}" width="2" height="18"/>'
        f'<text x="{side + BAR + SPACE}" y="{low - 6}" font-weight="{weight}">{chance:.3f}</text>'
    )
