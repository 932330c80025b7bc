"""The contents on the first page: each chapter with its promise and its reading time.

They stand between `<!--contents-->` and `<!--/contents-->`, each on a line of its own, and are made
from `_toc.yml` and the chapters. Parts with numbered chapters become cards, the others one line.
"""

import re
from itertools import count
from pathlib import Path
from typing import Any

import yaml

from tools.notebooks.book import read_notebook
from tools.notebooks.header import reading_minutes

CONTENTS = re.compile(r"^<!--contents-->\n(.*?)^<!--/contents-->$", re.M | re.S)
OPENING = re.compile(r"^<!--contents-->", re.M)


def fill_contents(text: str, root: Path) -> str:
    """The text of a page with the contents of the book at `root` between the marks, if it has them.

    Raises `ValueError` where the marks are not closed or a chapter opens with no title and promise.
    """
    if len(OPENING.findall(text)) != len(CONTENTS.findall(text)):
        raise ValueError("contents begin with a line <!--contents--> and have no <!--/contents-->")
    if not CONTENTS.search(text):
        return text
    made = book_contents(root)
    return CONTENTS.sub(lambda _: f"<!--contents-->\n\n{made}\n\n<!--/contents-->", text)


def book_contents(root: Path) -> str:
    """The contents of the book at `root`, in MyST Markdown for a page that lies there."""
    contents = yaml.safe_load((root / "_toc.yml").read_text(encoding="utf-8"))
    numbers = count(1)
    parts = []
    for part in contents["parts"]:
        files = [chapter["file"] for chapter in part["chapters"]]
        if part.get("numbered", True):
            cards = "\n\n".join(_card(root, file, next(numbers)) for file in files)
            grid = f":::::{{grid}} 1 1 2 2\n:gutter: 3\n\n{cards}\n\n:::::"
            parts.append(f"### {part['caption']}\n\n{grid}")
        else:
            links = ", ".join(f"[{_opening(root / file)[0]}]({file})" for file in files)
            parts.append(f"### {part['caption']}\n\n{links}.")
    return "\n\n".join(parts)


def _card(root: Path, file: str, number: int) -> str:
    title, promise = _opening(root / file)
    minutes = reading_minutes(_notebook(root / file))
    return (
        f"::::{{grid-item-card}} {number}. {title}\n:link: {file}\n:link-type: doc\n\n"
        f"{promise}\n\n:::{{card-footer}}\n{minutes} min to read\n:::\n::::"
    )


def _opening(page: Path) -> tuple[str, str]:
    """The title and the first paragraph of a chapter, or of a page of text, without its suffix."""
    text = page.with_suffix(".md")
    source = text.read_text("utf-8") if text.exists() else _notebook(page).cells[0].source
    found = re.search(r"^# (?P<title>.+)\n+(?P<promise>(?:.+\n?)+)", source, re.M)
    if found is None:
        raise ValueError(f"{page} does not open with a title and a promise")
    return found["title"].strip(), " ".join(found["promise"].split())


def _notebook(page: Path) -> Any:
    return read_notebook(page.with_suffix(".ipynb"))
