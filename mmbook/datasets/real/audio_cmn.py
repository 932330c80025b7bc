"""audio-cmn: spoken Mandarin words, and the emoji that they mean."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

import torch

from mmbook.datasets.collections import SpokenWords
from mmbook.datasets.entries import DataDamagedError, RealSet
from mmbook.datasets.real.emoji import list_emoji
from mmbook.datasets.real.files import check_unique, list_files, read_audio_files, warn_left_out
from mmbook.datasets.splits import check_limit, check_split, split_of

AUDIO_CMN = RealSet(
    name="audio-cmn",
    splits=("train", "validation", "test", "all"),
    title="audio-cmn",
    what="1308 Mandarin words said by one speaker, with the emoji whose Chinese name (277) or "
    "keyword (3439 links) they are. Split by word, about 80, 10 and 10 of 100.",
    teaches="speech and images in one space, without written words",
    size="6 MB",
    licence="CC BY-SA, version not stated",
    homepage="https://github.com/hugolpz/audio-cmn",
    citations=("hugolpz2021audio",),
    folder="audio-cmn",
    layout="words/*.mp3 or the publisher's 24k-abr/hsk/cmn-*.mp3; the set emoji beside it",
    by_hand="git clone --depth 1 https://github.com/hugolpz/audio-cmn (its links to emoji come "
    "from the set emoji)",
)

SPEAKER = "Yue Tan"
_NUMBERS = set("零一二三四五六七八九十")
Links = Mapping[str, Sequence[str]]


def load_audio_cmn(split: str, *, rate: int = 22_050, limit: int | None = None) -> SpokenWords:
    """Mandarin words by one speaker, each a class of its own, with the emoji that they mean.

    Read are the words that are a Chinese name or keyword in the set "emoji", which must be there
    too, and the numbers from 零 to 十. A word without a file is no word of the set.
    split: "train", "validation", "test" (about 80, 10 and 10 of 100) or "all", by word; a keyword
    may belong to emoji of all three. rate: in Hz; 22 050 is the publisher's, to another one the
    recordings are resampled. limit: only so many words.
    """
    check_split(split, ("train", "validation", "test", "all"))
    check_limit(limit)
    folder = AUDIO_CMN.locate()
    recorded = _recorded(folder)
    named, related = _links()
    meant = [word for word in recorded if word in named or word in related or word in _NUMBERS]
    words = [word for word in meant if split in ("all", split_of(word))][:limit]
    files = tuple(recorded[word] for word in words)
    waveforms, lengths = read_audio_files(files, rate, what=AUDIO_CMN.title)
    return SpokenWords(
        waveforms=waveforms,
        lengths=lengths,
        labels=torch.arange(len(words)),
        texts=tuple(words),
        origins=(SPEAKER,) * len(words),
        files=files,
        classes=tuple(words),
        rate=rate,
        named=tuple(tuple(named.get(word, ())) for word in words),
        related=tuple(tuple(related.get(word, ())) for word in words),
    )


def _recorded(folder: Path) -> dict[str, Path]:
    """{word: its recording}. Raises DataDamagedError where there is none, or one is there twice."""
    published = list_files(folder / "24k-abr" / "hsk", ".mp3")
    others = [path for path in published if not path.name.startswith("cmn-")]
    warn_left_out(others, "is not named cmn-WORD.mp3")
    recorded: dict[str, Path] = {}
    for path in sorted({*list_files(folder / "words", ".mp3"), *published} - set(others)):
        word = path.stem.removeprefix("cmn-")
        check_unique(word, set(recorded), str(path))
        recorded[word] = path
    if not recorded:
        raise DataDamagedError(f"{folder} holds no recordings such as words/光.mp3")
    return recorded


def _links() -> tuple[Links, Links]:
    """{word: emoji whose Chinese name it is} and {word: emoji of which it is a keyword}."""
    named: dict[str, list[str]] = defaultdict(list)
    related: dict[str, list[str]] = defaultdict(list)
    for emoji in list_emoji():
        named[emoji.names["zh"]].append(emoji.character)
        for keyword in emoji.keywords["zh"]:
            related[keyword].append(emoji.character)
    return named, related
