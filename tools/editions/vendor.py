"""Fetch what shows slides: `python -m tools.editions.vendor`. It needs npm, and a network.

The files go into `tools/editions/reveal`, whose README names version, digest and licence.
"""

import sys

from mmbook.command_line import reported
from tools.live.vendor import Package, fetched, without_map
from tools.notebooks.book import REPOSITORY

FOLDER = REPOSITORY / "tools/editions/reveal"
REVEAL = Package(
    "reveal.js",
    "6.0.2",
    "2f0c20bfb02447a198a1ebe8a8c097a5437d035caa38f2820bf4ba887a3eac91",
    "MIT, Copyright (C) 2011-2026 Hakim El Hattab and reveal.js contributors",
)
FILES = {"dist/reveal.js": "reveal.js", "dist/reveal.css": "reveal.css", "LICENSE": "LICENSE"}


@reported
def main(words: list[str]) -> int:
    """Fetch and write from the command line."""
    contents = fetched(REVEAL, list(FILES))
    for name, content in zip(FILES.values(), contents, strict=True):
        (FOLDER / name).write_text(without_map(content.decode()), encoding="utf-8")
    print(f"{FOLDER}: {REVEAL}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
