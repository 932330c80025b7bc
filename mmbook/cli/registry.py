"""The programs by name: one line each, and a module of that name with `main(words) -> status`."""

from collections.abc import Callable
from importlib import import_module

PROGRAMS = {
    "recognise-digit": "Say which digit an image shows, or which one is said in a sound.",
    "caption": "Say what a picture of coloured shapes shows, in a sentence, English or Chinese.",
    "draw": "Draw a digit from its name, English or Chinese, or a scene of shapes from a sentence.",
    "search": "Find the pictures that a sentence describes: two shapes and how they lie.",
    "inspect": "Say which faults recordings of speech have, when, and how good they sound.",
}


def find(name: str) -> Callable[[list[str]], int]:
    """The `main` of a program. Raises ValueError that names those there are."""
    if name not in PROGRAMS:
        raise ValueError(f"there is no program {name!r}; there are: {', '.join(PROGRAMS)}")
    return import_module(f"mmbook.cli.{name.replace('-', '_')}").main  # torch only where needed
