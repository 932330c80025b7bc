"""What tokenizers, vocabularies and segmentations do to held-out text."""

import itertools
import re
from collections import Counter
from collections.abc import Sequence
from functools import partial

from mmbook.evaluation import Row
from mmbook.experiments.tokenisation.texts import NAMES, Corpus
from mmbook.preprocessing.text.bag_of_words import zipf_exponent
from mmbook.preprocessing.text.bpe import FIRST_MERGE, BytePairEncoding
from mmbook.preprocessing.text.bpe_training import train_bpe
from mmbook.preprocessing.text.normalisation import drop_punctuation
from mmbook.preprocessing.text.segmentation import Lexicon, split_characters, word_f1
from mmbook.preprocessing.text.sentences import load_punkt, shipped_punkt, split_sentences
from mmbook.preprocessing.text.tokenizers import plain_words
from mmbook.preprocessing.text.vocabulary import Vocabulary, unknown_rate

NEGATIONS = {"no", "not", "n't", "without", "nobody", "nothing", "never", "none"}
PLACES = {"left", "right", "above", "below", "under", "behind", "over", "between", "beside"}
SMALL_VOCABULARY = 2000
PARAGRAPH = 10  # sentences that are joined before they are cut apart again
_EVERY_STOP = re.compile(r"(?<=[.?!])\s+")


def count_tokens(corpus: Corpus, merges: int) -> list[Row]:
    """Characters a token, by the language that is read and what the tokenizer was trained on."""
    measured = partial(_row, corpus, "byte-pair encoding")
    both = [*corpus.train["en"], *corpus.train["zh"]]
    trained = {"en": corpus.train["en"], "zh": corpus.train["zh"], "both": both}
    rows, tokens = [], {}
    for training, texts in trained.items():
        encoding = train_bpe(texts, merges)
        for language in NAMES:
            tokens[language] = _tokens(encoding, corpus.test[language])
            characters = sum(map(len, corpus.test[language]))
            value = characters / tokens[language]
            rows.append(
                measured("characters_per_token", value, language=language, trained_on=training)
            )
        learned = encoding.tokens[FIRST_MERGE:]
        value = sum(not _is_text(token) for token in learned) / len(learned)
        rows.append(measured("share_of_tokens_that_are_no_text", value, trained_on=training))
    value = tokens["zh"] / tokens["en"]  # of the last tokenizer
    return [*rows, measured("zh_tokens_per_en_token", value, trained_on="both")]


def _row(corpus: Corpus, system: str, metric: str, value: float, **condition: str | int) -> Row:
    return Row(system, metric, corpus.seed, value, condition)


def _tokens(encoding: BytePairEncoding, texts: Sequence[str]) -> int:
    """How many tokens the texts take. Raises RuntimeError where one does not come back."""
    total = 0
    for text in texts:
        ids = encoding.encode(text)
        if encoding.decode(ids) != text:
            raise RuntimeError(f"{text!r} comes back as {encoding.decode(ids)!r}")
        total += len(ids)
    return total


def _is_text(token: bytes) -> bool:
    try:
        token.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def count_unknown(corpus: Corpus) -> list[Row]:
    """Shares of held-out words, and Chinese characters, that training did not contain."""
    train, test = (
        [plain_words(text) for text in texts["en"]] for texts in (corpus.train, corpus.test)
    )
    characters = [
        [drop_punctuation(split_characters(text)) for text in texts["zh"]]
        for texts in (corpus.train, corpus.test)
    ]
    words = Vocabulary.of(train)
    small = Vocabulary.of(train, size=SMALL_VOCABULARY)
    unknown, of_small = unknown_rate(test, words), unknown_rate(test, small)
    chinese = unknown_rate(characters[1], Vocabulary.of(characters[0]))
    row = partial(_row, corpus)
    return [
        row("words", "unknown_rate", unknown, language="en"),
        row("words", "unknown_rate", of_small, language="en", ids=SMALL_VOCABULARY),
        row("characters", "unknown_rate", chinese, language="zh"),
        row("words", "vocabulary_size", len(words.words), language="en"),
    ]


def count_captions(corpus: Corpus) -> list[Row]:
    """How words are distributed over captions, and how many say what a stop-word list deletes."""
    english = [plain_words(text) for scene in corpus.scenes["en"] for text in scene]
    chinese = [split_characters(text) for scene in corpus.scenes["zh"] for text in scene]
    counts = Counter(itertools.chain(*english))
    characters = Counter(itertools.chain(*map(drop_punctuation, chinese)))
    once = sum(n == 1 for n in counts.values()) / len(counts)
    exponents = [zipf_exponent(list(found.values())) for found in (counts, characters)]
    row = partial(_row, corpus)
    return [
        row("words", "zipf_exponent", exponents[0], language="en"),
        row("characters", "zipf_exponent", exponents[1], language="zh"),
        row("words", "share_that_occurs_once", once, language="en"),
        row("captions", "share_with_negation", _share(english, NEGATIONS), language="en"),
        row("captions", "share_with_place", _share(english, PLACES), language="en"),
    ]


def _share(captions: Sequence[Sequence[str]], words: set[str]) -> float:
    return sum(not words.isdisjoint(caption) for caption in captions) / len(captions)


def count_segments(corpus: Corpus) -> list[Row]:
    """F1 of three ways to cut Chinese by one lexicon: between each other, and with people."""
    ways = {
        "forward": Lexicon.forward,
        "backward": Lexicon.backward,
        "most probable": Lexicon.most_probable,
    }
    cut = {
        name: [way(corpus.lexicon, text) for text in corpus.to_segment]
        for name, way in ways.items()
    }
    pairs = [(a, b, word_f1(cut[a], cut[b])) for a, b in itertools.combinations(ways, 2)]
    if corpus.segmented:
        cut["characters"] = [list(text) for text in corpus.to_segment]
        pairs += [(a, "people", word_f1(cut[a], corpus.segmented)) for a in cut]
    return [_row(corpus, a, "word_f1", value, compared_with=b) for a, b, value in pairs]


def count_sentences(corpus: Corpus) -> list[Row]:
    """F1 of sentences found in joined test sentences: every full stop, our Punkt, NLTK's Punkt."""
    sentences = [text for text in corpus.test["en"] if text[-1] in ".?!"]
    ours, nltk = shipped_punkt(), load_punkt()
    ways = {
        "cut at every stop": _EVERY_STOP.split,
        "Punkt as shipped": lambda text: split_sentences(text, ours),
        "Punkt of NLTK": lambda text: split_sentences(text, nltk),
    }
    groups = [sentences[i : i + PARAGRAPH] for i in range(0, len(sentences), PARAGRAPH)]
    right = [_without_blanks(group) for group in groups]
    found = {
        name: [_without_blanks(way(" ".join(group))) for group in groups]
        for name, way in ways.items()
    }
    return [_row(corpus, name, "sentence_f1", word_f1(rows, right)) for name, rows in found.items()]


def _without_blanks(sentences: Sequence[str]) -> list[str]:
    """Without white space at all, which the ways treat differently."""
    return ["".join(sentence.split()) for sentence in sentences]
