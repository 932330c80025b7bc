"""Tatoeba: everyday sentences in English and Chinese."""

import unicodedata

import regex

from mmbook.datasets.collections import ParallelSentences
from mmbook.datasets.entries import DataDamagedError, RealSet
from mmbook.datasets.fetching.published import raw
from mmbook.datasets.fetching.sources import Source
from mmbook.datasets.real.files import read_table
from mmbook.datasets.splits import check_split, connected, split_of

_TATOEBA = raw(
    "13luoyu/Transformer-machine-translation", "aa43963320ccfacebd1d3542deae559bbca58d03"
)
TATOEBA = RealSet(
    name="tatoeba",
    splits=("train", "validation", "test", "all"),
    title="Tatoeba, English and Chinese",
    what="29 155 everyday sentences and their translations, simplified and traditional. Split by "
    "groups that share no sentence, about 90, 5 and 5 of 100.",
    teaches="translation between languages that share no letters, from sentences of every length",
    size="4 MB",
    licence="CC BY 2.0 FR, with the authors' names on every line",
    homepage="https://www.manythings.org/anki/",
    citations=("tatoeba",),
    folder="tatoeba",
    layout="cmn.txt: English, Chinese, credit, split by tabs",
    sources=(
        Source(
            (f"{_TATOEBA}/cmn.txt",),
            "tatoeba/cmn.txt",
            size=4_151_383,
            sha256="aa264a2447b26ab7c9d413f8321f9e2a779fd134b5118306b6e26a3499b3926e",
        ),
    ),
)

_SHARE = 0.05  # of the groups, for validation and for the test, each
_NOT_LETTERS = regex.compile(r"[^\p{L}\p{M}\p{N}]+")


def load_tatoeba(split: str) -> ParallelSentences:
    """English sentences and their Chinese translations; `origins` are the credits to keep.

    split: "train", "validation", "test" (about 90, 5 and 5 of 100) or "all". The publisher has no
    split, and many pairs share a side ("Hi." has several translations). Pairs that are linked by
    equal sentences, letters alone compared, stay together, so no test sentence was trained on.
    The same sentence in simplified and in traditional characters counts as two.
    """
    check_split(split, ("train", "validation", "test", "all"))
    rows: list[tuple[str, str, str]] = []
    for place, (english, chinese, credit) in read_table(TATOEBA.part("cmn.txt"), 3):
        if not english.strip() or not chinese.strip():
            raise DataDamagedError(f"{place}: one of the two sentences is empty")
        rows.append((english.strip(), chinese.strip(), credit))
    keys = [("en " + _letters(english), "zh " + _letters(chinese)) for english, chinese, _ in rows]
    groups = connected(keys)
    chosen = [
        row
        for row, (key, _) in zip(rows, keys, strict=True)
        if split in ("all", split_of(groups[key], _SHARE))
    ]
    sentences = {"en": tuple(row[0] for row in chosen), "zh": tuple(row[1] for row in chosen)}
    return ParallelSentences(sentences, tuple(row[2] for row in chosen))


def _letters(sentence: str) -> str:
    """A sentence without case, punctuation and spaces; itself where nothing would be left."""
    plain = unicodedata.normalize("NFKC", sentence).casefold()
    return _NOT_LETTERS.sub("", plain) or plain
