"""The still image in place of the fusion explorer: one setting of its sliders, three answers."""

import base64
from collections.abc import Sequence

import cv2
from torch import Tensor

from tools.live.fusions import FUSIONS

WIDE, COLUMN, ROW, IMAGE = 522, 180, 21, 165  # lengths of the image
PICTURE, VOICE, OTHER = "#1f5f8b", "#a34f0b", "#8a949d"
LOG_MEL_RANGE = (-3, 4)  # from black to white, in senses.js too


def still_of_senses(shown: dict[str, Tensor], seen: int, heard: int, captions: list[str]) -> str:
    """An SVG of what the explorer shows: picture and spectrogram, and a column for each fusion.

    shown: the parts of the explorer's output. seen, heard: the two digits. captions: of both
    images.
    """
    low, high = LOG_MEL_RANGE
    images = (shown["picture"], (shown["log_mel"].T.flip(0) - low) / (high - low))
    weights = [None] * (len(FUSIONS) - 1) + [shown["weights"].tolist()]
    columns = zip(FUSIONS, shown["answers"].tolist(), shown["leans"].tolist(), weights, strict=True)
    height = IMAGE + 60 + 17 * ROW
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDE} {height}" '
            'font-family="sans-serif" font-size="16" fill="#22282d">',
            *(
                _image(COLUMN * i, image, caption)
                for i, (image, caption) in enumerate(zip(images, captions, strict=True))
            ),
            *(_column(COLUMN * i, seen, heard, *column) for i, column in enumerate(columns)),
            "</svg>\n",
        ]
    )


def png(image: Tensor) -> bytes:
    """Values in [0, 1] as a PNG, a pixel each; what is outside is cut off."""
    _, content = cv2.imencode(".png", (255 * image.clamp(0, 1)).round().byte().numpy())
    return content.tobytes()


def pixels(image: Tensor, left: int, top: int, width: int, height: int) -> str:
    """Values in [0, 1] as an SVG image of that size, whose pixels stay sharp."""
    data = base64.b64encode(png(image)).decode("ascii")
    return (
        f'<image x="{left}" y="{top}" width="{width}" height="{height}" '
        f'preserveAspectRatio="none" style="image-rendering:pixelated" '
        f'href="data:image/png;base64,{data}"/>'
    )


def _image(left: int, image: Tensor, caption: str) -> str:
    return f'<text x="{left}" y="16">{caption}</text>{pixels(image, left, 26, IMAGE, IMAGE)}'


def _column(
    left: int,
    seen: int,
    heard: int,
    name: str,
    answer: Sequence[float],
    leans: Sequence[float],
    weights: Sequence[float] | None,
) -> str:
    colours = {seen: PICTURE, heard: VOICE}
    top = IMAGE + 56
    lines = [f'<text x="{left}" y="{top}" font-weight="bold">{name}</text>']
    for digit, value in enumerate(answer):
        row = top + ROW * (digit + 1)
        lines.append(_bar(left, 16, row, str(digit), value, colours.get(digit, OTHER)))
    for title, values, below in (
        ("leans on", leans, 11.3),
        ("attention weights", weights or [], 14.8),
    ):
        start = top + ROW * below
        if values:
            lines.append(f'<text x="{left}" y="{start:g}" fill="#55606a">{title}</text>')
        for i, value in enumerate(values):
            label, colour = (("picture", PICTURE), ("voice", VOICE))[i]
            lines.append(_bar(left, 58, start + ROW * (i + 1), label, value, colour))
    return "\n".join(lines)


def _bar(left: int, indent: int, y: float, label: str, value: float, colour: str) -> str:
    wide = 106 - indent
    return (
        f'<text x="{left}" y="{y:g}">{label}</text>'
        f'<rect x="{left + indent}" y="{y - 11:g}" width="{wide * value:.1f}" height="12" '
        f'fill="{colour}"/><text x="{left + 112}" y="{y:g}">{value:.3f}</text>'
    )
