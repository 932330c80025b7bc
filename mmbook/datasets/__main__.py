"""The command line: `python -m mmbook.datasets list|download|verify|mirror`."""

import argparse
import sys
from pathlib import Path

from mmbook.datasets.catalogue import real_sets
from mmbook.datasets.fetching.download import MIRROR, download, fill_mirror, find_real
from mmbook.datasets.fetching.integrity import examine
from mmbook.datasets.real.base import DataMissingError, RealSet
from mmbook.paths import real_data_folder

BAD, UNUSABLE, INTERRUPTED = 1, 2, 130  # exit statuses


def main(words: list[str]) -> int:
    """Run what the command line says; returns the exit status."""
    options = _parser().parse_args(words or ["list"])
    try:
        if options.command == "list":
            return list_sets()
        if options.command == "verify":
            return verify(options.names)
        for name in options.names:
            if options.command == "mirror":
                fill_mirror(name, options.folder, mirror=options.mirror)
                print(f"{name}: {options.folder} has its files")
            else:
                print(f"{name}: {download(name, mirror=options.mirror)}")
                if by_hand := find_real(name).by_hand:
                    print(f"  What cannot be fetched by a command: {by_hand}")
    except (ValueError, DataMissingError) as error:
        print(f"error: {error}", file=sys.stderr)
        return UNUSABLE
    except KeyboardInterrupt:
        print("stopped; the same command goes on from here", file=sys.stderr)
        return INTERRUPTED
    return 0


def list_sets() -> int:
    """Print every real set: whether it is there, its size and its licence."""
    print(f"real data sets, looked for in {real_data_folder()}\n")
    for entry in real_sets():
        print(f"{entry.name:14} {_presence(entry):8} {entry.title}: {entry.size}; {entry.licence}")
    print("\nto get one: python -m mmbook.datasets download NAME")
    return 0


def verify(names: list[str]) -> int:
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


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("python -m mmbook.datasets", description="Real data sets.")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("list", help="every set, its size, its licence, and whether it is there")
    checking = commands.add_parser("verify", help="compare files with what was released")
    checking.add_argument("names", nargs="*", metavar="NAME")
    getting = commands.add_parser("download", help="get sets from their publishers")
    filling = commands.add_parser("mirror", help="fetch the files for others to download from")
    filling.add_argument("folder", type=Path)
    for command in (getting, filling):
        command.add_argument("names", nargs="+", metavar="NAME")
        help_text = f"a folder or an address to try first; otherwise {MIRROR} may name one"
        command.add_argument("--mirror", help=help_text)
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
