"""Marked text: numbers from `results/`.

A number in prose is written `<!--result NAME-TIER WHAT FORMAT-->96.1 %<!--/result-->`; the text
between the marks is filled from `results/NAME-TIER.json`. WHAT is a measurement, by name,

    system="early, dropout" metric=accuracy image_noise=1.6 audio_snr_db=-8 mean

where all that is neither system nor metric is the condition (`null` for None), and the last word
is the statistic over the seeds: mean, std, min, max, or as in `seed=0` the value of one. Or WHAT is
a fact of the record, by keys with `/` between them, as in `config/training/steps`. FORMAT is `%` (a
share as a percentage), `points` (a difference of shares) or a format of Python, such as `.3f`, `d`
or `,d`. A mark right after a backtick is an example of a mark, and is left alone.
"""

import json
import re
import shlex
from functools import cache
from pathlib import Path
from statistics import mean, stdev
from typing import Any

from mmbook.evaluation import Result, load_result

RESULT = re.compile(
    r"(?<!`)<!--\s*result\s+(\S+)\s+(.+?)\s+(\S+?)\s*-->(.*?)<!--\s*/result\s*-->", re.S
)
OPENING = re.compile(r"(?<!`)<!--\s*result\b")
STATISTICS = {
    "mean": mean,
    "std": lambda values: stdev(values) if len(values) > 1 else 0.0,
    "min": min,
    "max": max,
}


def fill_results(text: str, folder: Path) -> str:
    """Fill every marked number from the files in `folder`.

    Raises `ValueError` naming the mark whose file, measurement, fact or format does not exist, or
    that is not closed.
    """
    if len(OPENING.findall(text)) != len(RESULT.findall(text)):
        raise ValueError(
            "a result mark is malformed: <!--result NAME-TIER WHAT FORMAT-->…<!--/result-->"
        )

    def fill(match: re.Match[str]) -> str:
        name, what, form, _ = match.groups()
        opening = match.group(0).split("-->")[0] + "-->"
        try:
            return f"{opening}{measured(folder, name, what, form)}<!--/result-->"
        except ValueError as error:
            raise ValueError(f"the mark {opening}: {error}") from None

    return RESULT.sub(fill, text)


def measured(folder: Path, name: str, what: str, form: str) -> str:
    """The measurement or fact in `folder/NAME.json`, as `form` writes it."""
    file = folder / f"{name}.json"
    if not file.is_file():
        raise ValueError(f"results/{name}.json does not exist")
    result = _record(file, file.stat().st_mtime_ns)
    return _written(_statistic(result, what) if "=" in what else _fact(result, what), form)


@cache
def _record(file: Path, changed: int) -> Result:
    """A record, read once as long as its file is not `changed`."""
    experiment, _, tier = file.stem.rpartition("-")
    return load_result(experiment, tier, file.parent)


def _statistic(result: Result, what: str) -> float:
    *pairs, statistic = shlex.split(what)
    seed = re.fullmatch(r"seed=(\d+)", statistic)
    if not (seed or statistic in STATISTICS) or not all("=" in pair for pair in pairs):
        raise ValueError(
            "a measurement is written as name=value ..., quoted where there are blanks, and at "
            f"the end one of {', '.join(STATISTICS)}, seed=0"
        )
    named = dict(pair.split("=", 1) for pair in pairs)
    if len(named) != len(pairs) or not {"system", "metric"} <= named.keys():
        raise ValueError("a measurement has one system, one metric, and each condition once")
    system, metric = named.pop("system"), named.pop("metric")
    condition = {key: _value(word) for key, word in named.items()}
    values = result.select(system, metric, **condition)
    if not seed:
        return STATISTICS[statistic](list(values.values()))
    if int(seed[1]) not in values:
        raise ValueError(f"there is no {statistic}; the seeds are {list(values)}")
    return values[int(seed[1])]


def _value(word: str) -> Any:
    """A number, None, or else the word itself."""
    try:
        return json.loads(word)
    except ValueError:
        return word


def _fact(result: Result, path: str) -> Any:
    value: Any = {key: part for key, part in vars(result).items() if key != "rows"}
    for key in path.split("/"):
        if not isinstance(value, dict) or key not in value:
            known = ", ".join(value) if isinstance(value, dict) else "no parts"
            raise ValueError(f"the record has no {path!r}: at {key!r} it has {known}")
        value = value[key]
    return value


def _written(value: Any, form: str) -> str:
    try:
        if form == "%":
            return f"{100 * value:.1f} %"
        if form == "points":
            return f"{100 * value:.1f} points"
        if form.endswith("d") and isinstance(value, float) and value.is_integer():
            value = int(value)
        return format(value, form)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{value!r} cannot be written as {form!r} ({error})") from None
