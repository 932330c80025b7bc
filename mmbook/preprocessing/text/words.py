"""English sentences become words, and words are made fewer: stop words, stems, lemmas."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cache
from typing import Literal, Self, TypeVar, get_args

from nltk.stem import PorterStemmer
from nltk.tokenize import NLTKWordTokenizer
from nltk.tokenize.punkt import PunktSentenceTokenizer

from mmbook.paths import data_folder
from mmbook.preprocessing.text.characters import TextError, checked_text, checked_words, read_lines
from mmbook.preprocessing.text.sentences import split_sentences

PartOfSpeech = Literal["noun", "verb", "adjective"]
Item = TypeVar("Item")

# Morphy's rules (Miller et al., 1990): an ending, and what may stand in its place.
ENDINGS: Mapping[PartOfSpeech, Sequence[tuple[str, str]]] = {
    "noun": (
        ("s", ""),
        ("ses", "s"),
        ("ves", "f"),
        ("xes", "x"),
        ("zes", "z"),
        ("ches", "ch"),
        ("shes", "sh"),
        ("men", "man"),
        ("ies", "y"),
    ),
    "verb": (
        ("s", ""),
        ("ies", "y"),
        ("es", "e"),
        ("es", ""),
        ("ed", "e"),
        ("ed", ""),
        ("ing", "e"),
        ("ing", ""),
    ),
    "adjective": (("er", ""), ("est", ""), ("er", "e"), ("est", "e")),
}


def split_words(text: str, punkt: PunktSentenceTokenizer | None = None) -> list[str]:
    """Cut English text into words and punctuation as `nltk.word_tokenize` does with the same Punkt.

    "don't" becomes do, n't. The rules for words need no data; sentences come first, because a full
    stop is cut off at the end of a sentence only. punkt: see `split_sentences`. Raises TextError.
    Numbers, marks and emoji stay whole, but NLTK cuts the keycaps #️⃣ and *️⃣ behind # and *.
    """
    tokenizer = NLTKWordTokenizer()
    return [
        word for sentence in split_sentences(text, punkt) for word in tokenizer.tokenize(sentence)
    ]


@cache
def load_stop_words(language: str) -> frozenset[str]:
    """The stop words that ship, of "english" or "chinese". Raises TextError on another language."""
    folder = data_folder() / "stop-words"
    known = sorted(path.name for path in folder.iterdir() if not path.suffix)
    if language not in known:
        raise TextError(f"no stop words in {language!r}; there are: {', '.join(known)}")
    return frozenset(read_lines(folder / language))


def drop_stop_words(words: Sequence[str], stop_words: AbstractSet[str]) -> list[str]:
    """The words that are no stop words, whatever their case. Raises TextError for a str."""
    if isinstance(stop_words, str | bytes):
        raise TextError("stop_words must be a set of words, not one text")
    return [word for word in checked_words(words) if word.lower() not in stop_words]


def stem(words: Sequence[str]) -> list[str]:
    """Cut the endings of English words by the rules of Porter (1980), in lower case.

    A stem need not be a word: "ponies" and "pony" both become "poni". Needs no data. Raises
    TextError for a str.
    """
    stemmer = PorterStemmer()
    return [stemmer.stem(word) for word in checked_words(words)]


def ngrams(items: Sequence[Item], size: int) -> list[tuple[Item, ...]]:
    """All runs of `size` neighbours, in order: len(items) − size + 1 of them, or none.

    items: of any kind, but no str, whose runs would be of letters: list(text) where that is meant.
    Raises TextError.
    """
    if size < 1:
        raise TextError(f"the size of n-grams must be 1 or more, not {size}")
    if isinstance(items, str | bytes):
        raise TextError("items must be a list, as of words; for runs of letters give list(text)")
    return list(zip(*(items[start:] for start in range(size)), strict=False))


@dataclass(frozen=True)
class Lemmatiser:
    """Dictionary forms by Morphy's method: irregular forms, then rules, then a look into the list.

    lemmas: the known dictionary forms of each part of speech. irregular: their forms that no rule
    gives, each with its lemma. A form is changed only into a known lemma.
    """

    lemmas: Mapping[PartOfSpeech, AbstractSet[str]]
    irregular: Mapping[PartOfSpeech, Mapping[str, str]]

    @classmethod
    def shipped(cls) -> Self:
        """The lemmatiser with the small list of words that ships."""
        lemmas: dict[PartOfSpeech, set[str]] = {kind: set() for kind in ENDINGS}
        irregular: dict[PartOfSpeech, dict[str, str]] = {kind: {} for kind in ENDINGS}
        for line in read_lines(data_folder() / "english" / "lemmas.tsv"):
            lemma, kind, *forms = line.replace("\t", " ").split(" ")
            lemmas[_checked_kind(kind)].add(lemma)
            irregular[_checked_kind(kind)] |= dict.fromkeys(forms, lemma)
        return cls(lemmas, irregular)

    def __call__(self, word: str, kind: PartOfSpeech = "noun") -> str:
        """The shortest lemma the word can have as this part of speech, else the word itself."""
        forms = [checked_text(word, "word")]
        if word in self.irregular[_checked_kind(kind)]:
            forms.append(self.irregular[kind][word])
        else:
            forms += [
                word.removesuffix(ending) + new
                for ending, new in ENDINGS[kind]
                if word.endswith(ending)
            ]
        return min((form for form in forms if form in self.lemmas[kind]), key=len, default=word)


def _checked_kind(kind: str) -> PartOfSpeech:
    for known in get_args(PartOfSpeech):
        if kind == known:
            return known
    raise TextError(f"the part of speech must be noun, verb or adjective, not {kind!r}")
