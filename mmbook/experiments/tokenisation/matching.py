"""What bags of words can tell: which captions show one scene, and what a statement says."""

import random
from collections.abc import Callable, Sequence

import torch
from sklearn.linear_model import LogisticRegression

from mmbook.datasets.small.statements import TASKS, Statement, split_statements
from mmbook.evaluation import Row
from mmbook.experiments.tokenisation.texts import Corpus
from mmbook.preprocessing.text.bag_of_words import BagOfWords, cosines
from mmbook.preprocessing.text.normalisation import drop_punctuation
from mmbook.preprocessing.text.segmentation import split_characters
from mmbook.preprocessing.text.tokenizers import plain_words
from mmbook.preprocessing.text.words import drop_stop_words, load_stop_words, ngrams, stem

Documents = list[list[str]]
SAME_SCENE = "same scene"


def english_documents(texts: Sequence[str]) -> dict[str, Documents]:
    """Captions as words, and as what is left or added by each further step."""
    words, stop_words = [plain_words(text) for text in texts], load_stop_words("english")
    return {
        "words": words,
        "without stop words": [drop_stop_words(row, stop_words) for row in words],
        "stems": [stem(row) for row in words],
        "words and pairs": [_with_pairs(row) for row in words],
    }


def chinese_documents(
    texts: Sequence[str], cut: Callable[[str], list[str]]
) -> dict[str, Documents]:
    """Captions as characters, with pairs of them, and as the words that `cut` finds."""
    characters = [drop_punctuation(split_characters(text)) for text in texts]
    words, stop_words = [drop_punctuation(cut(text)) for text in texts], load_stop_words("chinese")
    return {
        "characters": characters,
        "characters and pairs": [_with_pairs(row) for row in characters],
        "words": words,
        "without stop words": [drop_stop_words(row, stop_words) for row in words],
    }


def _with_pairs(words: list[str]) -> list[str]:
    return [*words, *(" ".join(pair) for pair in ngrams(words, 2))]


def match_scenes(corpus: Corpus) -> list[Row]:
    """How often the nearest other caption, by the cosine of TF-IDF, is of the same scene."""
    found = []
    for language in ("en", "zh"):
        rows = [(i, text) for i, texts in enumerate(corpus.scenes[language]) for text in texts]
        random.Random(corpus.seed).shuffle(rows)  # so that ties favour nobody
        scenes, texts = torch.tensor([i for i, _ in rows]), [text for _, text in rows]
        kinds = (
            english_documents(texts)
            if language == "en"
            else chinese_documents(texts, corpus.lexicon.most_probable)
        )
        for kind, documents in kinds.items():
            weights = BagOfWords.of(documents).tf_idf(documents)
            similarity = cosines(weights, weights).fill_diagonal_(-1)
            right = scenes[similarity.argmax(1)] == scenes
            condition = {"task": SAME_SCENE, "language": language, "terms": kind}
            value = float(right.double().mean())
            found.append(Row("nearest caption", "accuracy", corpus.seed, value, condition))
    return found


def chance_of_the_same_scene(corpus: Corpus) -> float:
    """How often another caption, drawn at random, is of the same scene."""
    sizes = [len(texts) for texts in corpus.scenes["en"]]
    total = sum(sizes)
    return sum(size * (size - 1) for size in sizes) / (total * (total - 1))


def read_statements(seed: int) -> list[Row]:
    """Accuracy of a linear classifier on statements whose combinations are new to it."""
    found = []
    for task in TASKS:
        train, test = split_statements(task, seed)
        documents = [english_documents([s.text for s in half]) for half in (train, test)]
        for kind in ("words", "without stop words", "words and pairs"):
            score = _accuracy(documents[0][kind], train, documents[1][kind], test)
            condition = {"task": task, "terms": kind}
            found.append(Row("linear classifier", "accuracy", seed, score, condition))
    return found


def _accuracy(
    seen: Documents, train: Sequence[Statement], new: Documents, test: Sequence[Statement]
) -> float:
    bag = BagOfWords.of(seen)
    classifier = LogisticRegression(C=100.0)
    classifier.fit(bag.tf_idf(seen).to_dense().numpy(), [s.answer for s in train])
    return float(classifier.score(bag.tf_idf(new).to_dense().numpy(), [s.answer for s in test]))
