"""Retrieval without a network: what the nearest training pictures are called, and ridge regression.

All need products of pictures and products of texts only. Scores are (pictures, texts) of the rows
that are asked about.
"""

from collections.abc import Callable, Iterable, Iterator
from itertools import product

import torch
from torch import Tensor

from mmbook.datasets.collections import Emoji
from mmbook.evaluation.retrieval import ranks
from mmbook.experiments.emoji_retrieval.data import Split, phrases, pieces
from mmbook.experiments.emoji_retrieval.pictures import HandMade
from mmbook.preprocessing.text.bag_of_words import BagOfWords

WEIGHTS = tuple(product((0.5, 1.0), (0.0, 0.5)))  # of colours and of places, beside gradients
TEMPERATURES = (0.01, 0.02, 0.04, 0.08)
PENALTIES = (0.3, 1.0, 3.0, 10.0)
Scorer = Callable[[Tensor], Tensor]  # from rows to scores


def text_products(emoji: Emoji, language: str, train: Tensor) -> Tensor:
    """(n, n) cosines of TF-IDF of names and keywords, with the pieces that training texts have."""
    documents = [
        [piece for phrase in of_one for piece in pieces(phrase)]
        for of_one in phrases(emoji, language)
    ]
    bag = BagOfWords.of([documents[row] for row in train.tolist()])
    texts = bag.tf_idf(documents).to_dense().float()
    return texts @ texts.T


def nearest_pixels(images: Tensor, texts: Tensor, train: Tensor, rows: Tensor) -> Tensor:
    """The texts of the training picture with the nearest pixels stand for a picture."""
    flat = images.flatten(1).float() / 255
    lengths = (flat**2).sum(dim=1)
    distance = lengths[train] - 2 * flat[rows] @ flat[train].T  # but for what is the same in a row
    return texts[train[distance.argmin(dim=1)]][:, rows]


def soft_neighbours(
    pictures: Tensor, texts: Tensor, train: Tensor, rows: Tensor, temperature: float
) -> Tensor:
    """The mean text of training pictures, weighted by the softmax of their similarities."""
    weights = (pictures[rows][:, train] / temperature).softmax(dim=1)
    return mixed_cosines(weights, texts, train, rows)


def ridge_scorers(
    pictures: Tensor, texts: Tensor, train: Tensor, penalties: Iterable[float]
) -> Iterator[Scorer]:
    """Ridge regression from features to TF-IDF, a scorer a penalty: cosines with its prediction.

    Both sides have their training mean taken away. Written with products of pictures, of which the
    eigenvectors serve all penalties.
    """
    images, words = _centred(pictures, train), _centred(texts, train)
    values, vectors = torch.linalg.eigh(images[train][:, train])
    for penalty in penalties:
        shrunk = vectors / (values.clamp(min=0) + penalty)  # (train, train)

        def scores(rows: Tensor, shrunk: Tensor = shrunk) -> Tensor:
            weights = images[rows][:, train] @ shrunk @ vectors.T
            return mixed_cosines(weights, words, train, rows)

        yield scores


def _centred(products: Tensor, train: Tensor) -> Tensor:
    """Products of vectors from which the mean of the training rows is taken away."""
    mean = products[train].mean(dim=0)  # (n,)
    return products - mean - mean[:, None] + mean[train].mean()


def mixed_cosines(weights: Tensor, texts: Tensor, train: Tensor, rows: Tensor) -> Tensor:
    """Cosines of weighted sums of training texts with the texts of rows."""
    mixed = weights @ texts[train][:, rows]
    squares = ((weights @ texts[train][:, train]) * weights).sum(dim=1, keepdim=True)
    own = texts.diagonal()[rows]
    return mixed / (squares * own).clamp(min=1e-12).sqrt()


def merit(scores: Tensor) -> float:
    """What validation goes by, the higher the better: -mean(ln rank), over both directions."""
    found = torch.cat([ranks(scores), ranks(scores.T)])
    return -found.log().mean().item()


def best_scorer(scorers: Iterable[Scorer], validation: Tensor) -> Scorer:
    """The one that does best on validation rows."""
    return max(scorers, key=lambda scorer: merit(scorer(validation)))


def soft_scorers(made: HandMade, texts: Tensor, train: Tensor) -> Iterator[Scorer]:
    """Soft neighbours with every mixture of features and every temperature."""
    for colour, place in WEIGHTS:
        pictures = made.similarities(colour, place)
        for temperature in TEMPERATURES:

            def scores(rows: Tensor, p: Tensor = pictures, t: float = temperature) -> Tensor:
                return soft_neighbours(p, texts, train, rows, t)

            yield scores


def all_ridge_scorers(made: HandMade, texts: Tensor, train: Tensor) -> Iterator[Scorer]:
    """Ridge regression with every mixture of features and every penalty."""
    for colour, place in WEIGHTS:
        yield from ridge_scorers(made.similarities(colour, place), texts, train, PENALTIES)


def baselines(emoji: Emoji, made: HandMade, texts: Tensor, split: Split) -> dict[str, Scorer]:
    """{system: scorer}; what a system can choose is chosen on validation."""
    train = split.train
    return {
        "nearest pixels": lambda rows: nearest_pixels(emoji.images, texts, train, rows),
        "soft neighbours": best_scorer(soft_scorers(made, texts, train), split.validation),
        "ridge regression": best_scorer(all_ridge_scorers(made, texts, train), split.validation),
    }
