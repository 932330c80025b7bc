"""What captions are made of before they are scored, and what can be scored at all."""

from collections import Counter
from collections.abc import Callable, Hashable, Sequence
from typing import Any, TypeVar

from mmbook.preprocessing.text.characters import checked_text, checked_words
from mmbook.preprocessing.text.normalisation import drop_punctuation, fold_case, to_half_width
from mmbook.preprocessing.text.segmentation import split_characters
from mmbook.preprocessing.text.tokenizers import plain_words
from mmbook.preprocessing.text.words import ngrams

Caption = TypeVar("Caption", bound=Hashable)
Tokens = tuple[str, ...]
NGrams = Counter[Tokens]
_LANGUAGES: dict[str, Callable[[str], list[str]]] = {
    "en": plain_words,
    "zh": lambda text: drop_punctuation(split_characters(fold_case(to_half_width(text)))),
}


def caption_words(text: str, language: str = "en") -> list[str]:
    """The tokens by which captions are compared, without case and punctuation, unstemmed.

    language: "en" for words, where "don't" is do, n't, or "zh" for characters, where words of
    other scripts and numbers stay whole. A score depends on this choice: compare scores of one
    choice only. Raises ValueError on another language, and TextError on what is no text.
    """
    if language not in _LANGUAGES:
        raise ValueError(f"language must be one of {', '.join(_LANGUAGES)}, not {language!r}")
    return _LANGUAGES[language](text)


def distinct(captions: Sequence[str] | Sequence[Sequence[str]]) -> float:
    """The share of captions that differ from all before them: 1/n where all n are the same.

    captions: texts or lists of words. Raises ValueError where there is none.
    """
    if not _is_list(captions) or not captions:
        raise ValueError(f"captions must be a list of one or more, not {captions!r}")
    different = {text if isinstance(text, str) else checked_tokens(text) for text in captions}
    return len(different) / len(captions)


def checked_tokens(words: Any, name: str = "caption") -> Tokens:
    """The words of a caption as a tuple. Raises TextError where they are no list of texts."""
    return tuple(checked_words(words, name))


def checked_characters(text: Any, name: str = "caption") -> str:
    """A text without its white space. Raises TextError where it is none."""
    return "".join(checked_text(text, name).split())


def checked_candidates(
    candidates: Any, pictures: int, check: Callable[[Any, str], Caption]
) -> list[Caption]:
    """The captions to be scored, one a picture; one may be empty.

    check: what each is held to, by its name. Raises ValueError for another number of captions.
    """
    if not _is_list(candidates) or len(candidates) != pictures:
        found = len(candidates) if _is_list(candidates) else type(candidates).__name__
        raise ValueError(f"candidates must be {pictures} captions, one a picture, not {found}")
    return [check(caption, f"candidates[{n}]") for n, caption in enumerate(candidates)]


def checked_references(
    references: Any, check: Callable[[Any, str], Caption]
) -> list[list[Caption]]:
    """The captions that people wrote, one or more a picture.

    check: what each is held to, by its name. Raises ValueError without pictures, and where a
    picture has no caption or an empty one, to which nothing can be like.
    """
    if not _is_list(references) or not references:
        raise ValueError("references must be a list of pictures, each a list of captions")
    found = []
    for n, captions in enumerate(references):
        if not _is_list(captions) or not captions:
            raise ValueError(f"references[{n}] must be a list of captions, not {captions!r}")
        found.append([check(c, f"references[{n}][{k}]") for k, c in enumerate(captions)])
        for k, caption in enumerate(found[-1]):
            if not caption:
                raise ValueError(f"references[{n}][{k}] is empty: leave it out")
    return found


def count_ngrams(items: Sequence[str], order: int) -> NGrams:
    """How often each run of 1 to `order` neighbours occurs."""
    return Counter(gram for size in range(1, order + 1) for gram in ngrams(items, size))


def _is_list(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str | bytes)
