"""Multi30k: descriptions of photographs in English, and their translations."""

from collections.abc import Sequence

from mmbook.datasets.collections import ParallelSentences
from mmbook.datasets.real.base import DataDamagedError
from mmbook.datasets.real.files import read_text
from mmbook.datasets.real.real_sets import MULTI30K
from mmbook.datasets.splits import check_split

_FILES = {
    "train": "train",
    "validation": "val",
    "test": "test_2016_flickr",
    "test-2017": "test_2017_flickr",
    "test-2018": "test_2018_flickr",
    "test-coco": "test_2017_mscoco",
}
LANGUAGES = ("en", "de", "fr", "cs")
_WITHOUT_CZECH = ("test-2017", "test-coco")


def load_multi30k(split: str, *, languages: Sequence[str] = ("en", "de")) -> ParallelSentences:
    """Translated descriptions; `origins` are the files of the photographs they describe.

    split: "train" (29 000), "validation" (1014), "test" (of 2016, 1000), "test-2017" (1000),
    "test-2018" (1071) or "test-coco" (461, of 2017, with ambiguous verbs).
    languages: of LANGUAGES; there is no Czech in test-2017 and test-coco.
    """
    check_split(split, tuple(_FILES))
    there = [name for name in LANGUAGES if name != "cs" or split not in _WITHOUT_CZECH]
    if not languages or set(languages) - set(there):
        raise ValueError(f"{split} has sentences in {there}, not in all of {list(languages)}")
    sentences = {language: _lines(f"{_FILES[split]}.{language}") for language in languages}
    origins = _lines(f"{_FILES[split]}.images.txt")
    counts = {"images.txt": len(origins)} | {name: len(s) for name, s in sentences.items()}
    if len(set(counts.values())) > 1:
        raise DataDamagedError(
            f"the files {_FILES[split]}.* in {MULTI30K.locate()} must have one line a sentence, "
            f"but have {counts}"
        )
    return ParallelSentences(sentences, origins)


def _lines(name: str) -> tuple[str, ...]:
    """The lines of a file. Raises DataDamagedError naming one that is empty."""
    path = MULTI30K.part(name)
    lines = tuple(line.strip() for line in read_text(path))
    if "" in lines:
        raise DataDamagedError(f"{path}, line {lines.index('') + 1}: is empty")
    return lines
