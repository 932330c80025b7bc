"""One interface for all that turns a text into ids and back: characters, words, byte pairs."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, Self

from mmbook.batch import Padded
from mmbook.preprocessing.text.characters import TextError, checked_words
from mmbook.preprocessing.text.normalisation import drop_punctuation, fold_case
from mmbook.preprocessing.text.segmentation import Lexicon
from mmbook.preprocessing.text.special import SPECIAL
from mmbook.preprocessing.text.vocabulary import Vocabulary, pad
from mmbook.preprocessing.text.words import split_words


class Tokenizer(Protocol):
    """What a model of text needs: `CharacterTokenizer`, `WordTokenizer`, `BytePairEncoding`.

    special: the ids of those of "pad", "unk", "bos" and "eos" that there are; they are the same in
    all tokenizers (see `special`), and no text is encoded to them, save that what is not known
    becomes "unk". A sequence's begin and end are added by whoever trains or generates.
    """

    @property
    def special(self) -> Mapping[str, int]: ...

    def __len__(self) -> int:
        """How many ids there are: each lies in 0..len − 1."""
        ...

    def encode(self, text: str) -> list[int]:
        """The ids of a text. Raises TextError where it is none."""
        ...

    def decode(self, ids: Iterable[int]) -> str:
        """The text of ids; "pad", "bos" and "eos" become nothing. Raises TextError."""
        ...


def plain_words(text: str) -> list[str]:
    """English words without case and punctuation."""
    return drop_punctuation(split_words(fold_case(text)))


@dataclass(frozen=True)
class WordTokenizer:
    """A token for each word.

    vocabulary: the known words. split: cuts a text into words. blank: what `decode` puts between
    two words; what `split` drops or changes does not come back.
    """

    vocabulary: Vocabulary
    split: Callable[[str], list[str]] = split_words
    blank: str = " "
    special = SPECIAL  # without a type, so that it is no field

    @classmethod
    def chinese(cls, lexicon: Lexicon, vocabulary: Vocabulary | None = None) -> Self:
        """Chinese words, cut in the most probable way; by default all of the lexicon are known."""
        known = vocabulary or Vocabulary(tuple(lexicon.counts))
        return cls(known, lexicon.most_probable, blank="")

    def __len__(self) -> int:
        """How many ids there are, special tokens included."""
        return len(self.vocabulary)

    def encode(self, text: str) -> list[int]:
        """The ids of the words of a text, UNK for one that is not known."""
        return self.vocabulary.encode(self.split(text))

    def decode(self, ids: Iterable[int]) -> str:
        """The words of ids; an unknown one is "<unk>". Raises TextError for an id that is none."""
        return self.blank.join(self.vocabulary.decode(ids))


def encode_batch(tokenizer: Tokenizer, texts: Sequence[str], length: int | None = None) -> Padded:
    """The ids of several texts, (n, length), by default as long as the longest.

    Raises TextError where a text has no token or too many, and for one string in place of several.
    """
    rows = [tokenizer.encode(text) for text in checked_words(texts, "texts")]
    if not all(rows):
        place = rows.index([])
        raise TextError(f"text {place}, {texts[place]!r}, is empty: a token or more was expected")
    return pad(rows, length)
