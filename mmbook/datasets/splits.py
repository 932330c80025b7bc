"""Splits for sets that have none: whole groups of items, at random but always the same."""

import hashlib
from collections.abc import Iterable, Sequence
from typing import Literal

Split = Literal["train", "validation", "test"]


def check_split(split: str, splits: Sequence[str]) -> None:
    """Raise ValueError where there is no such split."""
    if split not in splits:
        raise ValueError(f"there is no split {split!r}; there are {', '.join(splits)}")


def check_limit(limit: int | None) -> None:
    """Raise ValueError where a number of items is none: "only so many" is None or 0 and more."""
    if limit is not None and (isinstance(limit, bool) or not isinstance(limit, int) or limit < 0):
        raise ValueError(f"limit must be None or a whole number from 0 up, not {limit!r}")


def split_of(group: str, share: float = 0.1) -> Split:
    """The split that a group falls into: validation and test with probability `share` each.

    It depends on the group's name alone, so a later version of the set moves no old item.
    """
    digest = hashlib.sha256(group.encode()).digest()
    place = int.from_bytes(digest[:8], "big") / 2**64
    if place < share:
        return "test"
    return "validation" if place < 2 * share else "train"


def connected(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Group what is linked, directly or through others (union-find).

    Returns {member: the first in alphabetical order of all that it is linked with}.
    """
    above: dict[str, str] = {}

    def top(member: str) -> str:
        above.setdefault(member, member)
        while above[member] != member:
            above[member] = above[above[member]]  # shortens the way for the next
            member = above[member]
        return member

    for one, other in pairs:
        first, second = sorted((top(one), top(other)))
        above[second] = first
    return {member: top(member) for member in list(above)}
