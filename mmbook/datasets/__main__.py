"""The command line: `python -m mmbook.datasets list|download|verify|mirror`."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from tyro.conf import OmitSubcommandPrefixes, Positional, arg, subcommand

from mmbook.command_line import check_writable, parse, reported
from mmbook.datasets.catalogue import real_sets
from mmbook.datasets.entries import RealSet
from mmbook.datasets.fetching.download import (
    MIRROR,
    download,
    fill_mirror,
    find_fetchable,
    find_real,
    mirror_address,
)
from mmbook.datasets.fetching.integrity import examine
from mmbook.paths import real_data_folder

BAD = 1  # exit status where files differ from what was released
Names = Annotated[Positional[tuple[str, ...]], arg(metavar="NAME [NAME ...]", help="of sets")]
FromMirror = Annotated[
    str | None,
    arg(
        metavar="FOLDER|ADDRESS",
        help=f"a folder or an address to try first; otherwise {MIRROR} may name one",
    ),
]


@dataclass(frozen=True)
class List:
    """Every set, its size, its licence, and whether it is there."""

    def run(self) -> int:
        return list_sets()


@dataclass(frozen=True)
class Verify:
    """Compare files with what was released; without names, of every set that is there."""

    names: Names = ()

    def run(self) -> int:
        return verify(self.names)


@dataclass(frozen=True)
class Download:
    """Get sets from their publishers."""

    names: Names
    mirror: FromMirror = None

    def run(self) -> int:
        _check(self.names, self.mirror)
        for name in self.names:
            print(f"{name}: {download(name, mirror=self.mirror)}")
            if by_hand := find_real(name).by_hand:
                print(f"  What cannot be fetched by a command: {by_hand}")
        return 0


@dataclass(frozen=True)
class Mirror:
    """Fetch the files of sets for others to download from."""

    folder: Annotated[Positional[Path], arg(metavar="FOLDER", help="where the files are put")]
    names: Names
    mirror: FromMirror = None

    def run(self) -> int:
        _check(self.names, self.mirror)
        check_writable(self.folder)
        for name in self.names:
            fill_mirror(name, self.folder, mirror=self.mirror)
            print(f"{name}: {self.folder} has its files")
        return 0


Command = (
    Annotated[List, subcommand("list")]
    | Annotated[Download, subcommand("download")]
    | Annotated[Verify, subcommand("verify")]
    | Annotated[Mirror, subcommand("mirror")]
)


@reported
def main(words: list[str]) -> int:
    """Run what the command line says; returns the exit status."""
    command = parse(
        Command,  # type: ignore[arg-type]
        words or ["list"],
        "python -m mmbook.datasets",
        description="Real data sets.",
        config=(OmitSubcommandPrefixes,),
    )
    return command.run()


def _check(names: Sequence[str], mirror: str | None) -> None:
    """Look for all that is wrong before the first file is fetched. Raises what `download` does."""
    if not names:
        raise ValueError("the NAME of a set is needed; python -m mmbook.datasets list shows them")
    for name in names:
        find_fetchable(name)
    mirror_address(mirror)


def list_sets() -> int:
    """Print every real set: whether it is there, its size and its licence."""
    print(f"real data sets, looked for in {real_data_folder()}\n")
    for entry in real_sets():
        print(f"{entry.name:14} {_presence(entry):8} {entry.title}: {entry.size}; {entry.licence}")
    print("\nto get one: python -m mmbook.datasets download NAME")
    return 0


def verify(names: Sequence[str]) -> int:
    """Print which files are what was released; without names, of every set that is there.

    Returns BAD where a file differs from it or is missing.
    """
    entries = [find_real(name) for name in names]
    entries = entries or [entry for entry in real_sets() if entry.present()]
    if not entries:
        print(f"{real_data_folder()} holds none of the sets", file=sys.stderr)
    return max([_verify(entry) for entry in entries], default=0)


def _verify(entry: RealSet) -> int:
    """Print what is found of one set."""
    if not entry.sources:
        state = "is there, but nothing is recorded to verify it" if entry.present() else "missing"
        print(f"{entry.name}: {state}")
        return 0 if entry.present() else BAD
    findings = [examine(source, real_data_folder()) for source in entry.sources]
    whole = sum(finding.state == "whole" for finding in findings)
    print(f"{entry.name}: {whole} of {len(findings)} parts verified")
    for finding in findings:
        if finding.state != "whole":
            print(f"  {finding.path}: {finding.state}, {finding.reason}")
    return BAD if any(finding.state in ("differs", "missing") for finding in findings) else 0


def _presence(entry: RealSet) -> str:
    """Whether a set is there, told from names alone."""
    root = real_data_folder()
    there = [(root / s.place).exists() or (root / s.file).exists() for s in entry.sources]
    if entry.present() and all(there):
        return "here"
    if any(there):
        return "in part"
    return "-" if entry.sources else "by hand"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
