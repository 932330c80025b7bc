"""The reader's own copy of the student's edition: `python -m tools.editions.reader [FOLDER]`.

By default the folder `my-copy`, which git ignores. A notebook of which the reader changed a cell
is never written again: when the book has a newer one, that is put beside it as `NAME.new.ipynb`.
Others are renewed, and new ones are added.
"""

import argparse
import hashlib
import json
import os
import sys
from collections.abc import Iterator, Mapping
from itertools import count
from pathlib import Path

from mmbook.command_line import reported
from tools.editions.student import START, student_edition
from tools.notebooks.book import REPOSITORY, Book, write_whole

FOLDER = "my-copy"
# What was written last, so that a change by the reader is known: {file: [cells, whole file]}.
RECORD = ".written.json"


def renew(files: Mapping[str, bytes], folder: Path) -> list[str]:
    """Bring `folder` up to date with `files`; return a line for each that was put beside a copy.

    Each file is complete at every moment, and what was written is noted after each, so a run that
    is killed loses nothing and can be repeated.
    """
    folder.mkdir(parents=True, exist_ok=True)
    record = _record(folder)
    said = []
    for name, contents in files.items():
        digests = [cells_digest(contents), _digest(contents)]
        written = record.get(name)
        changed = not _is_ours(folder / name, digests, written)
        if (folder / name).exists() and (
            written == digests or (changed and written is not None and written[0] == digests[0])
        ):
            continue
        target = next(it for it in _names(name) if _is_ours(folder / it, digests, record.get(it)))
        if not _holds(folder / target, digests, record.get(target)):
            write_whole(contents, folder / target)
            if target != name:
                said.append(f"{name} has changes of yours, so the book's new version is {target}")
        # The reader's own file has been dealt with too, until the book has another version.
        record |= {name: digests, target: digests}
        write_whole(json.dumps(record, indent=1, sort_keys=True).encode(), folder / RECORD)
    return said


def cells_digest(contents: bytes) -> str:
    """The digest of what a reader writes: kinds and sources of the cells, and not their outputs.

    What is no notebook is taken as it is.
    """
    try:
        cells = json.loads(contents)["cells"]
        sources = [[cell["cell_type"], "".join(cell["source"])] for cell in cells]
    except (ValueError, KeyError, TypeError, RecursionError):
        return _digest(contents)
    return _digest(json.dumps(sources).encode())


def _digest(contents: bytes) -> str:
    return hashlib.sha256(contents).hexdigest()


def _record(folder: Path) -> dict[str, list[str]]:
    """What was written last; where the record is missing or damaged, all is the reader's."""
    try:
        record = json.loads((folder / RECORD).read_text(encoding="utf-8"))
        return {name: [cells, whole] for name, (cells, whole) in record.items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}


def _names(name: str) -> Iterator[str]:
    """The file, and where its newer versions go if that, and those before, are the reader's."""
    stem, suffix = os.path.splitext(name)
    yield name
    yield f"{stem}.new{suffix}"
    yield from (f"{stem}.new-{number}{suffix}" for number in count(2))


def _is_ours(path: Path, new: list[str], written: list[str] | None) -> bool:
    """Whether a file may be written: it is not there, or nobody changed its cells."""
    if not path.exists():
        return True
    found = cells_digest(path.read_bytes())
    return found == new[0] or (written is not None and found == written[0])


def _holds(path: Path, new: list[str], written: list[str] | None) -> bool:
    """Whether a file is the new version, perhaps executed since."""
    if not path.exists():
        return False
    found = path.read_bytes()
    return _digest(found) == new[1] or (written == new and cells_digest(found) == new[0])


@reported
def main(words: list[str]) -> int:
    """Renew the reader's copy from the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("folder", nargs="?", type=Path, default=REPOSITORY / FOLDER)
    folder = parser.parse_args(words).folder
    said = renew(student_edition(Book()), folder)
    print("\n".join([*said, f"Your copy of the chapters: {folder / START}"]))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
