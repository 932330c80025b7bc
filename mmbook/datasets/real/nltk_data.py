"""NLTK's data: lists of stop words, and Punkt, which finds the ends of sentences."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from mmbook.datasets.entries import DataDamagedError, RealSet
from mmbook.datasets.fetching.published import raw
from mmbook.datasets.fetching.sources import Contents, Source
from mmbook.datasets.real.files import read_text

_STOP_WORDS = raw("nltk/nltk_data", "5db857e6f7df11eabb5e5665836db9ec8df07e28")
_PUNKT = raw("nltk/nltk_data", "4f15a3d89eefe9748ec1c05be495d91289197155")
NLTK_DATA = RealSet(
    name="nltk",
    splits=(),
    title="NLTK data",
    what="Stop words in 29 languages, and Punkt's parameters for six, which find the ends of "
    "sentences.",
    teaches="text preprocessing as others do it",
    size="4 MB to download",
    licence="as NLTK redistributes them",
    homepage="https://www.nltk.org/nltk_data/",
    citations=("bird2009natural", "kiss2006unsupervised"),
    folder="nltk_data",
    layout="corpora/stopwords/*, tokenizers/punkt_tab/*/",
    sources=(
        Source(
            (f"{_STOP_WORDS}/packages/corpora/stopwords.zip",),
            "nltk_data/corpora/stopwords.zip",
            size=34_276,
            sha256="15c94179887425ca1bedc265608cab9f27d650211f709bb929e320990a4b01d1",
            contents=Contents(
                "nltk_data/corpora/stopwords",
                size=81_407,
                sha256="a67c51807c9dd8c8f422dfed7afab688588759a3c487ad993c81a865686654bf",
                files=30,
                inside="stopwords",
            ),
        ),
        Source(
            (f"{_PUNKT}/packages/tokenizers/punkt_tab.zip",),
            "nltk_data/tokenizers/punkt_tab.zip",
            size=4_319_076,
            sha256="e57f64187974277726a3417ca6f181ec5403676c717672eef6a748a7b20e0106",
            contents=Contents("nltk_data/tokenizers/punkt_tab", inside="punkt_tab"),
        ),
    ),
)

_PUNKT = ("abbrev_types.txt", "collocations.tab", "ortho_context.tab", "sent_starters.txt")


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
    lists = sorted(folder.glob("corpora/stopwords/*"))
    lists = [path for path in lists if not path.name.startswith((".", "README"))]
    punkt = sorted(path for path in folder.glob("tokenizers/punkt_tab/*") if path.is_dir())
    if not lists or not punkt:
        raise DataDamagedError(
            f"{folder} must hold corpora/stopwords/english and tokenizers/punkt_tab/english, "
            "both unpacked"
        )
    for part in (language / name for language in punkt for name in _PUNKT):
        if not part.is_file():
            raise DataDamagedError(f"{part.parent} must hold {', '.join(_PUNKT)}: fetch it again")
    return NltkData(
        folder=folder,
        stop_words={path.name: frozenset(filter(None, read_text(path))) for path in lists},
        punkt=tuple(path.name for path in punkt),
    )
