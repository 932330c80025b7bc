"""Captions as a captioner reads and writes them, and the words that a picture is tagged with."""

from collections import Counter
from collections.abc import Sequence

import torch
from torch import Tensor

from mmbook.evaluation.captions.words import caption_words
from mmbook.experiments.photo_captioning.settings import System
from mmbook.models.captioning import CaptionWords, Language
from mmbook.models.tagging import CaptionBytePairs
from mmbook.preprocessing.text.bpe import readable
from mmbook.preprocessing.text.bpe_training import train_bpe
from mmbook.preprocessing.text.special import BOS, EOS, PAD
from mmbook.preprocessing.text.tokenizers import Tokenizer
from mmbook.preprocessing.text.vocabulary import Vocabulary
from mmbook.preprocessing.text.words import load_stop_words

LONGEST = 22  # tokens of a caption that are read in training
BLANK = {"en": " ", "zh": ""}
STOP_WORDS = {"en": "english", "zh": "chinese"}
Captions = Sequence[Sequence[str]]  # of each picture, its captions
Words = list[list[list[str]]]  # of each picture, the words of each caption


def words_of(captions: Captions, language: Language) -> Words:
    """Captions as they are compared (`caption_words`): English words, Chinese characters."""
    return [[caption_words(text, language) for text in texts] for texts in captions]


def tokenizer_of(system: System, words: Words, fewest: int, merges: int) -> CaptionWords:
    """The words that occur often enough in training captions, or pieces that are learned there."""
    sentences = [sentence for texts in words for sentence in texts]
    if system.pieces == "words":
        return CaptionWords(Vocabulary.of(sentences, fewest=fewest).words, system.language)
    texts = [BLANK[system.language].join(sentence) for sentence in sentences]
    parts = [readable(part) for pair in train_bpe(texts, merges).merges for part in pair]
    return CaptionBytePairs(tuple(parts), system.language)


def encoded(tokenizer: Tokenizer, words: Words, language: Language) -> Tensor:
    """(n, captions of a picture, LONGEST) ids from bos to eos, PAD behind; longer ones are cut."""
    blank = BLANK[language]
    rows = [
        [[BOS, *tokenizer.encode(blank.join(sentence)), EOS][:LONGEST] for sentence in texts]
        for texts in words
    ]
    filled = [[[*row, *[PAD] * (LONGEST - len(row))] for row in texts] for texts in rows]
    return torch.tensor(filled, dtype=torch.int32)


def tags_of(words: Words, language: Language, named: int) -> Tensor:
    """(n, tags) in [0, 1]: the share of a picture's captions that hold a word.

    Tags are the words, but for stop words, that the captions of `named` pictures or more hold.
    """
    stop_words = load_stop_words(STOP_WORDS[language])
    held = [Counter(word for sentence in texts for word in set(sentence)) for texts in words]
    counts = Counter(word for picture in held for word in picture if word not in stop_words)
    known = sorted(word for word, count in counts.items() if count >= named)
    places = {word: place for place, word in enumerate(known)}
    tags = torch.zeros(len(words), len(known))
    for row, (picture, texts) in enumerate(zip(held, words, strict=True)):
        for word, count in picture.items():
            if word in places:
                tags[row, places[word]] = count / len(texts)
    return tags
