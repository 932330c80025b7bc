"""A site without solutions, for a course: `python -m tools.editions.course`, into `_build/course`.

It is built from a copy of the book's sources from which the solutions are gone, so they are in no
page, no search index and no file that a page offers for download.
"""

import argparse
import shutil
import sys
import tempfile
from pathlib import Path

from mmbook.command_line import reported
from tools.editions.solutions import without_solutions, without_words_on_solutions
from tools.notebooks.book import REPOSITORY, read_notebook, write_notebook, write_text
from tools.site.build import SITE, build

COURSE = Path("_build/course")
# What the site is made from, besides the chapters.
SOURCES = ("_config.yml", "_toc.yml", "*.md", "references.bib", "assets", "tools/site")


def copy_sources(book: Path, target: Path) -> None:
    """Copy what the site of `book` is made from into the folder `target`, without solutions."""
    for pattern in SOURCES:
        for source in book.glob(pattern):
            goal = target / source.relative_to(book)
            goal.parent.mkdir(parents=True, exist_ok=True)
            _ = shutil.copytree(source, goal) if source.is_dir() else shutil.copy2(source, goal)
    leave = shutil.ignore_patterns(".ipynb_checkpoints")
    shutil.copytree(book / "chapters", target / "chapters", ignore=leave)
    for path in (target / "chapters").rglob("*.ipynb"):
        write_notebook(without_solutions(read_notebook(path)), path)
    for path in target.rglob("*.md"):
        write_text(without_words_on_solutions(path.read_text(encoding="utf-8")), path)


def build_course(book: Path = REPOSITORY) -> Path:
    """Build the site of `book` without solutions, and return its folder.

    Raises `CalledProcessError` on any warning, so also where a page links to a solution.
    """
    target = book / COURSE
    with tempfile.TemporaryDirectory() as folder:
        copy_sources(book, Path(folder))
        build(Path(folder))
        shutil.rmtree(target, ignore_errors=True)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(Path(folder, SITE), target)
    return target


@reported
def main(words: list[str]) -> int:
    """Build from the command line."""
    argparse.ArgumentParser(description=__doc__).parse_args(words)
    target = build_course()
    print(f"The site without solutions: {target / 'index.html'}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
