"""Noto emoji with the names and keywords that Unicode's CLDR gives them in six languages."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mmbook.datasets.collections import Emoji
from mmbook.datasets.entries import DataDamagedError, RealSet
from mmbook.datasets.real.files import (
    check_unique,
    list_files,
    read_image_files,
    read_json,
    read_table,
    warn_left_out,
)
from mmbook.datasets.splits import check_limit, check_split, connected, split_of

EMOJI = RealSet(
    name="emoji",
    splits=("train", "validation", "test", "all"),
    title="Noto emoji with CLDR names",
    what="1655 emoji, 72 × 72 pixels, with a name and keywords in English, Chinese, German, "
    "French, Japanese and Spanish. Split by families of images, about 80, 10 and 10 of 100.",
    teaches="images and words in one space, in six languages, under a free licence",
    size="5 MB",
    licence="Apache 2.0 and SIL OFL 1.1 (images), Unicode License V3 (names)",
    homepage="https://github.com/googlefonts/noto-emoji",
    citations=("noto2025emoji", "unicode2025cldr"),
    folder="emoji",
    layout="png72/emoji_u*.png; annotations.tsv or CLDR's two folders of annotations",
    by_hand="Take png/72 of https://github.com/googlefonts/noto-emoji as emoji/png72, and put "
    "cldr-annotations-full and cldr-annotations-derived-full of "
    "https://github.com/unicode-org/cldr-json into emoji.",
)

LANGUAGES = ("en", "zh", "de", "fr", "ja", "es")
_HEADER = ["file", "emoji", "codepoints"] + [
    f"{language}_{part}" for language in LANGUAGES for part in ("name", "keywords")
]
# Two folders of cldr-json: simple emoji, and those that are put together.
_CLDR = {
    "annotations": "cldr-annotations-full/annotations",
    "annotationsDerived": "cldr-annotations-derived-full/annotationsDerived",
}
_IMAGE = re.compile(r"emoji_u([0-9a-f]{1,5}(?:_[0-9a-f]{1,5})*)\.png", re.IGNORECASE)
_SKIN_TONES = {"1f3fb", "1f3fc", "1f3fd", "1f3fe", "1f3ff"}
_AS_IMAGE = "\ufe0f"  # "show it as an image"; file names and CLDR mostly leave it out
SPLITS = ("train", "validation", "test", "all")
# Code points that vary an image: man, woman, adult; boy, girl, child; and signs of gender,
# direction, joining and presentation. What differs in these alone is one group.
_PEOPLE = {**dict.fromkeys(("1f468", "1f469", "1f9d1"), "person")} | dict.fromkeys(
    ("1f466", "1f467", "1f9d2"), "child"
)
_SIGNS = {"200d", "2640", "2642", "27a1", "fe0f"}


@dataclass(frozen=True)
class EmojiNames:
    """One emoji: its image's file, its text, its code points in hexadecimal joined by "_".

    names, keywords: {language: name} and {language: keywords}.
    """

    path: Path
    character: str
    codepoints: str
    names: dict[str, str]
    keywords: dict[str, tuple[str, ...]]


def list_emoji() -> list[EmojiNames]:
    """Every emoji that has an image and names in all languages.

    Names come from emoji/annotations.tsv or, where that is missing, from the folders of
    https://github.com/unicode-org/cldr-json in emoji/. Raises DataMissingError, DataDamagedError.
    """
    table, images = EMOJI.locate() / "annotations.tsv", EMOJI.part("png72")
    rows = _from_table(table, images) if table.exists() else _from_cldr(images)
    if not rows:
        raise DataDamagedError(f"{table.parent} holds no emoji that has an image and a name")
    return rows


def _from_table(table: Path, images: Path) -> list[EmojiNames]:
    """One emoji a line, after the header."""
    rows: list[EmojiNames] = []
    seen: set[str] = set()
    for place, cells in read_table(table, len(_HEADER)):
        if cells == _HEADER:
            continue
        check_unique(cells[0], seen, place)
        names, keywords = cells[3::2], cells[4::2]
        if not all(name.strip() for name in (*cells[:3], *names)):
            raise DataDamagedError(f"{place}: file, emoji, code points or a name is empty")
        words = (tuple(filter(None, cell.split("|"))) for cell in keywords)
        rows.append(
            EmojiNames(
                images / cells[0],
                cells[1],
                cells[2],
                dict(zip(LANGUAGES, names, strict=True)),
                dict(zip(LANGUAGES, words, strict=True)),
            )
        )
    named = {row.path for row in rows}
    others = [path for path in list_files(images, ".png") if path not in named]
    warn_left_out(others, f"is not in {table.name}")
    return rows


def _from_cldr(images: Path) -> list[EmojiNames]:
    """The images without skin tones that have a name in every language; others are left out."""
    entries = {language: _annotations(language) for language in LANGUAGES}
    rows: dict[str, EmojiNames] = {}
    files = list_files(images, ".png")
    others = [path for path in files if not _IMAGE.fullmatch(path.name)]
    warn_left_out(others, "is not named emoji_uCODEPOINTS.png")
    for path in files:
        match = _IMAGE.fullmatch(path.name)
        if match is None or _SKIN_TONES & set(match[1].lower().split("_")):
            continue
        character = "".join(chr(int(point, 16)) for point in match[1].split("_"))
        key = character.replace(_AS_IMAGE, "")
        if key in rows or not all(key in entries[language] for language in LANGUAGES):
            continue
        names = {language: entries[language][key][0] for language in LANGUAGES}
        words = {language: entries[language][key][1] for language in LANGUAGES}
        rows[key] = EmojiNames(path, character, match[1], names, words)
    return list(rows.values())


def _annotations(language: str) -> dict[str, tuple[str, tuple[str, ...]]]:
    """CLDR's {character: (name, keywords)} of a language."""
    found: dict[str, tuple[str, tuple[str, ...]]] = {}
    for kind, folder in _CLDR.items():
        path = EMOJI.part(f"{folder}/{language}/annotations.json")
        content = read_json(path)
        try:
            for character, entry in content[kind]["annotations"].items():
                if "tts" in entry:
                    key = character.replace(_AS_IMAGE, "")
                    found[key] = _texts(entry["tts"])[0], _texts(entry.get("default", []))
        except (AttributeError, IndexError, KeyError, TypeError) as error:
            raise DataDamagedError(
                f"{path} should hold {kind}.annotations with lists of texts, tts and default, "
                f"for each emoji; {error!r}"
            ) from error
    return found


def _texts(value: Any) -> tuple[str, ...]:
    """A list of texts. Raises TypeError where it is something else."""
    if not isinstance(value, list) or not all(isinstance(text, str) and text for text in value):
        raise TypeError(f"{value!r:.60} is no list of texts")
    return tuple(value)


def load_emoji(
    split: str, *, size: int = 72, languages: Sequence[str] = ("en", "zh"), limit: int | None = None
) -> Emoji:
    """Emoji as images on white with their names and keywords.

    split: "train", "validation", "test" (about 80, 10 and 10 of 100) or "all". Variants of one
    image (gender, direction, family) and equal images fall into one split together.
    size: in pixels; 72 is the publisher's. languages: of LANGUAGES. limit: only so many.
    """
    check_split(split, SPLITS)
    check_limit(limit)
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
