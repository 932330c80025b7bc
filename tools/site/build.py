"""Build the site: `python -m tools.site.build`. Every warning is an error.

The pages show the outputs stored in the notebooks, so this takes seconds and trains nothing.
"""

import argparse
import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml

REPOSITORY = Path(__file__).resolve().parents[2]
SITE = Path("_build/html")
SOURCES = ("_config.yml", "_toc.yml", "*.md", "references.bib", "assets/**/*", "tools/site/*.py")


def page_names(book: Path = REPOSITORY) -> list[str]:
    """Return the pages that a reader can open, below `_build/html`, from the table of contents."""

    def files(entry: Any) -> list[str]:
        if isinstance(entry, list):
            return [file for item in entry for file in files(item)]
        if not isinstance(entry, dict):
            return []
        own = [entry[key] for key in ("root", "file") if key in entry]
        return own + [file for value in entry.values() for file in files(value)]

    contents = yaml.safe_load((book / "_toc.yml").read_text(encoding="utf-8"))
    return [f"{Path(file).with_suffix('')}.html" for file in files(contents)] + [
        "genindex.html",
        "search.html",
    ]


def is_stale(book: Path = REPOSITORY) -> bool:
    """Tell whether the site of `book` is missing or older than one of its sources."""
    stamp = book / SITE / "searchindex.js"
    if not stamp.exists():
        return True
    files = [file for pattern in SOURCES for file in book.glob(pattern)]
    files += [file for file in book.glob("chapters/**/*") if file.is_file()]
    return any(file.stat().st_mtime > stamp.stat().st_mtime for file in files)


def build(book: Path = REPOSITORY) -> None:
    """Build the site of `book` into its `_build/html`; raise CalledProcessError on any warning."""
    command = str(Path(sys.executable).with_name("jupyter-book"))
    options = ["build", "--all", "-W", "-n", "--keep-going", "-q"]
    subprocess.run([command, *options, str(book)], check=True)


def main() -> int:
    """Build from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("book", nargs="?", type=Path, default=REPOSITORY, help="folder of the book")
    parser.add_argument("--if-older", action="store_true", help="only where a source is newer")
    arguments = parser.parse_args()
    if arguments.if_older and not is_stale(arguments.book):
        return 0
    try:
        build(arguments.book)
    except subprocess.CalledProcessError as error:
        return error.returncode
    print(f"The site is in {arguments.book / SITE}; `python -m tools.site.serve` shows it.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
