"""The works that the book cites: as author and year in the text, in full in a list of links."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pybtex.database import parse_file
from pybtex.plugin import find_plugin
from pybtex.richtext import Text

NO_YEAR = "n.d."
SPECIAL = re.compile(r"([\\`*_\[\]$<>])")
# The backend escapes these too, which means nothing within a line and reads badly in the cell.
NEEDLESS = re.compile(r"\\([.()+-])")


class References:
    """A BibTeX file. Every method raises `ValueError` for a key that the file lacks."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._works = parse_file(str(path), bib_format="bibtex", encoding="utf-8")
        self._style = find_plugin("pybtex.style.formatting", "unsrt")()
        self._backend = find_plugin("pybtex.backends", "markdown")()

    def __iter__(self) -> Iterator[str]:
        """The keys, in the order of the file."""
        return iter(self._works.entries)

    def authors(self, key: str) -> str:
        """The family names: `Ma`, `Ma and Zhou`, or `Ma et al.` where there are more than two."""
        names = [_family(person) for person in self._people(key)]
        return f"{names[0]} et al." if len(names) > 2 else " and ".join(names)

    def year(self, key: str) -> str:
        """The year of publication."""
        return self._entry(key).fields.get("year", NO_YEAR)

    def full(self, key: str) -> str:
        """The whole reference in Markdown, with the address that the file has for it."""
        formatted = self._style.format_entry("", self._entry(key))
        return NEEDLESS.sub(r"\1", formatted.text.render(self._backend).replace("\n", " "))

    def listed(self, keys: list[str]) -> str:
        """A list of references, by author and year; each has the anchor `ref-KEY`."""
        ordered = sorted(keys, key=lambda key: (self.authors(key).lower(), self.year(key), key))
        return "\n".join(f"- {anchor(f'ref-{key}')}{self.full(key)}" for key in ordered)

    def _entry(self, key: str) -> Any:
        if key not in self._works.entries:
            raise ValueError(f"{self.path.name} has no work {key!r}")
        return self._works.entries[key]

    def _people(self, key: str) -> list[Any]:
        persons = self._entry(key).persons
        people = persons.get("author") or persons.get("editor")
        if not people:
            raise ValueError(f"{self.path.name}: {key} has neither author nor editor")
        return people


def _family(person: Any) -> str:
    parts = [*person.prelast_names, *person.last_names]
    return SPECIAL.sub(r"\\\1", str(Text.from_latex(" ".join(parts))))


def anchor(name: str) -> str:
    """A place to link to: `id` for most readers of notebooks, `name` for Colab."""
    return f'<a id="{name}" name="{name}"></a>'
