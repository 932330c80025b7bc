"""How far a program is: on stderr, a bar in a terminal, else a line now and then."""

import sys
import time
from collections.abc import Iterator, Sequence
from typing import TypeVar

from tqdm import tqdm

PAUSE = 10.0  # seconds between two lines of progress, where stderr is no terminal
Item = TypeVar("Item")


def watched(items: Sequence[Item], things: str) -> Iterator[Item]:
    """The same items, and how many of the things, in the plural, are read."""
    if sys.stderr is not None and sys.stderr.isatty():
        yield from tqdm(items, desc=things, unit="", leave=False)
        return
    last = time.monotonic()
    for number, item in enumerate(items):
        if time.monotonic() - last >= PAUSE:
            last = time.monotonic()
            say(f"{number:,} of {len(items):,} {things} are read")
        yield item


def say(text: str) -> None:
    """A line on stderr, above the bar where there is one."""
    tqdm.write(text, file=sys.stderr)
