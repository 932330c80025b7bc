"""NLTK's data: lists of stop words, and Punkt, which finds the ends of sentences."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from mmbook.datasets.real.base import DataDamagedError
from mmbook.datasets.real.files import read_text
from mmbook.datasets.real.real_sets import NLTK_DATA


@dataclass(frozen=True)
class NltkData:
    """NLTK's own data folder.

    folder: what NLTK calls a data path. stop_words: {language: words}. punkt: the languages whose
    sentences can be split.
    """

    folder: Path
    stop_words: dict[str, frozenset[str]]
    punkt: tuple[str, ...]

    @contextmanager
    def active(self) -> Iterator[None]:
        """Let NLTK find this data first: `with data.active(): nltk.sent_tokenize(text)`.

        NLTK keeps its data paths in one list for the whole program; afterwards it is as before.
        What NLTK has opened it remembers: a corpus (nltk.corpus.stopwords) and the Punkt of
        sent_tokenize stay those of the first folder a program used them in.
        """
        import nltk  # it takes a second, which nobody should wait for who needs no NLTK

        folder = str(self.folder)
        nltk.data.path.insert(0, folder)
        try:
            yield
        finally:
            nltk.data.path.remove(folder)


def load_nltk() -> NltkData:
    """NLTK's stop words and Punkt. Raises DataMissingError, or DataDamagedError naming a file."""
    folder = NLTK_DATA.locate()
    lists = sorted(folder.glob("corpora/stopwords/[a-z]*"))
    punkt = sorted(folder.glob("tokenizers/punkt_tab/*/collocations.tab"))
    if not lists or not punkt:
        raise DataDamagedError(
            f"{folder} must hold corpora/stopwords/english and tokenizers/punkt_tab/english, "
            "both unpacked"
        )
    return NltkData(
        folder=folder,
        stop_words={path.name: frozenset(filter(None, read_text(path))) for path in lists},
        punkt=tuple(path.parent.name for path in punkt),
    )
