"""Scenes of two objects with sentences, and their altered twins."""

from collections.abc import Container, Sequence
from random import Random

from mmbook.datasets.scenes.alterations import ALTERATIONS, exchanged, relation_in, sentence
from mmbook.datasets.scenes.collection import Scenes, load_scenes
from mmbook.datasets.scenes.grammar import Statement
from mmbook.experiments.scene_retrieval.config import SceneRetrievalConfig
from mmbook.preprocessing.text.tokenizers import plain_words
from mmbook.preprocessing.text.vocabulary import Vocabulary

TRIES = 8  # of a sentence that names only what it may


def load(config: SceneRetrievalConfig, split: str, count: int, seed: int) -> Scenes:
    """Scenes whose captions relate their two objects."""
    return load_scenes(
        split, size=config.size, count=count, seed=seed, level="relation", config=config.scenes
    )


def captions_of(scenes: Scenes, language: str) -> tuple[str, ...]:
    """The one caption of each scene."""
    return tuple(caption for (caption,) in scenes.captions[language])


def vocabulary_of(captions: Sequence[str]) -> tuple[str, ...]:
    """Every word of the captions."""
    return Vocabulary.of([plain_words(caption) for caption in captions]).words


def alter(
    captions: Sequence[str],
    name: str,
    language: str,
    seed: int,
    pairs: Container[tuple[str, str]] | None = None,
) -> tuple[str, ...]:
    """For each caption a sentence that is nearly it: see ALTERATIONS.

    pairs: of shape and colour that the sentence may name, or all. Where TRIES find none, the
    objects are exchanged, which names the same ones.
    """
    chance = Random(f"{name} {seed}")
    altered = []
    for text in captions:
        said = relation_in(text, language)
        tried = (ALTERATIONS[name](said, chance) for _ in range(TRIES))
        fit = (s for s in tried if pairs is None or _names_only(s, pairs))
        altered.append(sentence(next(fit, exchanged(said, chance)), language))
    return tuple(altered)


def _names_only(statement: Statement, pairs: Container[tuple[str, str]]) -> bool:
    return all((m.shape, m.colour) in pairs for m in (statement.a, statement.b))
