"""Noto emoji with the names and keywords that Unicode's CLDR gives them in six languages."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

from mmbook.datasets.collections import Emoji
from mmbook.datasets.real.base import DataDamagedError
from mmbook.datasets.real.emoji_names import LANGUAGES, EmojiNames, list_emoji
from mmbook.datasets.real.files import read_image_files
from mmbook.datasets.real.real_sets import EMOJI
from mmbook.datasets.splits import check_split, connected, split_of

SPLITS = ("train", "validation", "test", "all")
# Code points that vary an image: man, woman, adult; boy, girl, child; and signs of gender,
# direction, joining and presentation. What differs in these alone is one group.
_PEOPLE = {**dict.fromkeys(("1f468", "1f469", "1f9d1"), "person")} | dict.fromkeys(
    ("1f466", "1f467", "1f9d2"), "child"
)
_SIGNS = {"200d", "2640", "2642", "27a1", "fe0f"}


def load_emoji(
    split: str, *, size: int = 72, languages: Sequence[str] = ("en", "zh"), limit: int | None = None
) -> Emoji:
    """Emoji as images on white with their names and keywords.

    split: "train", "validation", "test" (about 80, 10 and 10 of 100) or "all". Variants of one
    image (gender, direction, family) and equal images fall into one split together.
    size: in pixels; 72 is the publisher's. languages: of LANGUAGES. limit: only so many.
    """
    check_split(split, SPLITS)
    if set(languages) - set(LANGUAGES):
        raise ValueError(f"there are names in {LANGUAGES}, not in all of {tuple(languages)}")
    rows = list_emoji()
    if split != "all":
        groups = _groups(rows)
        rows = [row for row in rows if split_of(groups[row.codepoints]) == split]
    rows = rows[:limit]
    files = tuple(row.path for row in rows)
    return Emoji(
        images=read_image_files(files, size, what=EMOJI.title),
        characters=tuple(row.character for row in rows),
        names={language: tuple(row.names[language] for row in rows) for language in languages},
        keywords={
            language: tuple(row.keywords[language] for row in rows) for language in languages
        },
        files=files,
    )


def _groups(rows: Sequence[EmojiNames]) -> dict[str, str]:
    """The group of each emoji, by its code points."""
    links = []
    for row in rows:
        links.append((row.codepoints, f"kind {_kind(row.codepoints)}"))
        links.append((row.codepoints, f"bytes {_digest(row.path)}"))
    return connected(links)


def _kind(codepoints: str) -> str:
    """Code points without what only varies the image."""
    parts = (_PEOPLE.get(point, point) for point in codepoints.lower().split("_"))
    return "_".join(part for part in parts if part not in _SIGNS)


def _digest(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise DataDamagedError(f"cannot read the image {path}: {error.strerror}") from error
