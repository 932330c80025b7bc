"""Marked text: numbers from `results/`.

A number in prose is written `<!--result NAME-TIER path FORMAT-->96.1 %<!--/result-->`; the
text between the marks is filled from `results/NAME-TIER.json`, where `path` leads to the number by
keys with `/` between them, as in `metrics/early @ picture 0.8, speech 0 dB/mean`. FORMAT is `%` (a
share as a percentage), `points` (a difference of shares) or a format of Python, such as `.3f`, `d`
or `,d`. A mark right after a backtick is an example of a mark, and is left alone.
"""

import json
import re
from pathlib import Path
from typing import Any

RESULT = re.compile(
    r"(?<!`)<!--\s*result\s+(\S+)\s+(.+?)\s+(\S+?)\s*-->(.*?)<!--\s*/result\s*-->", re.S
)
OPENING = re.compile(r"(?<!`)<!--\s*result\b")


def fill_results(text: str, folder: Path) -> str:
    """Fill every marked number from the files in `folder`.

    Raises `ValueError` naming the mark whose file, path or format does not exist, or that is
    not closed.
    """
    if len(OPENING.findall(text)) != len(RESULT.findall(text)):
        raise ValueError(
            "a result mark is malformed: <!--result NAME-TIER path FORMAT-->…<!--/result-->"
        )

    def fill(match: re.Match[str]) -> str:
        name, path, form, _ = match.groups()
        opening = match.group(0).split("-->")[0] + "-->"
        return f"{opening}{measured(folder, name, path, form)}<!--/result-->"

    return RESULT.sub(fill, text)


def measured(folder: Path, name: str, path: str, form: str) -> str:
    """The number at `path` in `folder/NAME.json`, as `form` writes it."""
    file = folder / f"{name}.json"
    if not file.is_file():
        raise ValueError(f"results/{name}.json does not exist; the mark asks for {path!r}")
    value: Any = json.loads(file.read_text(encoding="utf-8"))
    for key in path.split("/"):
        parts = _parts(value)
        if key not in parts:
            known = ", ".join(parts) or "no parts"
            raise ValueError(f"results/{name}.json has no {path!r}: at {key!r} it has {known}")
        value = parts[key]
    return _written(value, form, f"results/{name}.json, {path!r}")


def _parts(value: Any) -> dict[str, Any]:
    if isinstance(value, list):
        return {str(place): item for place, item in enumerate(value)}
    return value if isinstance(value, dict) else {}


def _written(value: Any, form: str, where: str) -> str:
    try:
        if form == "%":
            return f"{100 * value:.1f} %"
        if form == "points":
            return f"{100 * value:.1f} points"
        if form.endswith("d") and isinstance(value, float) and value.is_integer():
            value = int(value)
        return format(value, form)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{where}: {value!r} cannot be written as {form!r} ({error})") from None
