"""What a data set is, and where a real one lies: in its publisher's own layout on disk."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from mmbook.datasets.fetching.sources import Source
from mmbook.paths import real_data_folder

Kind = Literal["generated", "shipped", "real"]
# What `fetching` calls files and folders that are not complete yet.
UNFINISHED = re.compile(r"\.part(\.version)?$|\.unpacking(/|$)")


class DataMissingError(FileNotFoundError):
    """A real data set is not on this machine; the message says how to get it."""


class DataDamagedError(ValueError):
    """A file of a data set is not what its publisher released."""


@dataclass(frozen=True, kw_only=True)
class DataSet:
    """An entry of the catalogue.

    name, splits: what `load` is called with, `load(name, split)`. what: its contents and how they
    are split. teaches: what the book uses it for. citations: keys of references.bib.
    figures: what others or this book's tests measured on it, each with its source.
    """

    name: str
    title: str
    kind: Kind
    what: str
    teaches: str
    size: str
    licence: str
    splits: tuple[str, ...] = ()
    homepage: str = ""
    citations: tuple[str, ...] = ()
    figures: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class RealSet(DataSet):
    """A public data set that does not ship with the book.

    folder: where it lies under the folder of real data. layout: the files that are read there.
    sources: what a command downloads. by_hand: what the reader must do where that is not all.
    research_only: its terms forbid all but research and teaching.
    """

    kind: Kind = "real"
    folder: str
    layout: str
    sources: tuple[Source, ...] = ()
    by_hand: str = ""
    research_only: bool = False

    @property
    def way(self) -> str:
        """How a reader gets the set, in one or two lines."""
        command = f"python -m mmbook.datasets download {self.name}" if self.sources else ""
        return "\n".join(filter(None, (command, self.by_hand)))

    def present(self) -> bool:
        """Whether anything of the set is on this machine but what a download left unfinished."""
        folder = real_data_folder() / self.folder
        files = (file for file in folder.rglob("*") if file.is_file())
        return any(not UNFINISHED.search(file.relative_to(folder).as_posix()) for file in files)

    def locate(self) -> Path:
        """The set's folder. Raises DataMissingError where there is none."""
        root = real_data_folder()
        if self.present():
            return root / self.folder
        raise DataMissingError(
            f"{self.title} ({self.size}; {self.licence}) was looked for in {root / self.folder} "
            f"and is not there. To get it:\n    {self.way}\n"
            "or set the environment variable MMBOOK_DATA to the folder that holds "
            f"{self.folder} ({self.layout})."
        )

    def part(self, name: str) -> Path:
        """A file or folder that must be there. Raises DataMissingError where it is not."""
        path = self.locate() / name
        if path.exists():
            return path
        raise self.incomplete(f"{path.parent} holds no {path.name}")

    def incomplete(self, fault: str) -> DataMissingError:
        """The error for a part that is missing; it says how to get the set, and what that costs."""
        return DataMissingError(
            f"{fault}, which is a part of {self.title} ({self.size}; {self.licence}). "
            f"To get it:\n    {self.way}"
        )
