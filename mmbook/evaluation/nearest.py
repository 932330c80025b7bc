"""What a question should have asked for: the nearest of the answers that there are."""

from collections.abc import Mapping, Sequence
from difflib import get_close_matches

Condition = Mapping[str, str | float | None]


def nearest_name(name: str, known: Sequence[str]) -> str:
    """The end of an error message: " is not there; nearest: ...; there are: ..."."""
    close = get_close_matches(name, known, n=1, cutoff=0.0)
    nearest = f"; the nearest is {close[0]!r}" if close else ""
    return f" is not there{nearest}; there are: {', '.join(map(repr, known)) or 'none'}"


def nearest_condition(condition: Condition, known: Sequence[Condition]) -> str:
    """The same for a condition: the one with most in common, and each name's values."""

    def difference(other: Condition) -> int:
        names = {*condition, *other}
        missing = object()
        return sum(condition.get(n, missing) != other.get(n, missing) for n in names)

    values: dict[str, dict[str, None]] = {}
    for there in known:
        for name, value in there.items():
            values.setdefault(name, {})[repr(value)] = None
    there_are = "; ".join(f"{name}: {', '.join(found)}" for name, found in values.items())
    closest = min(known, key=difference)
    written = ", ".join(f"{name}={value!r}" for name, value in closest.items())
    return f" is not there; the nearest is {written or 'no condition'}; there are: " + (
        there_are or "no conditions"
    )
