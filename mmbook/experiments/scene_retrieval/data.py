"""Scenes of two objects with sentences, their altered twins, and what is true of what."""

from collections import defaultdict
from collections.abc import Container, Sequence
from dataclasses import dataclass, replace
from random import Random

import torch
from torch import Tensor

from mmbook.datasets.scenes.alterations import ALTERATIONS, exchanged, relation_in, sentence
from mmbook.datasets.scenes.checking import check_caption
from mmbook.datasets.scenes.collection import Scenes, load_scenes
from mmbook.datasets.scenes.grammar import Statement
from mmbook.datasets.scenes.layout import Scene
from mmbook.datasets.scenes.rendering import backgrounds, render
from mmbook.datasets.scenes.words import COLOURS
from mmbook.experiments.scene_retrieval.config import SceneRetrievalConfig
from mmbook.preprocessing.text.tokenizers import plain_words
from mmbook.preprocessing.text.vocabulary import Vocabulary

TRIES = 8  # of a sentence that names only what it may
EXTRA = 3  # so many times the candidates are drawn, as some have the caption of another


@dataclass(frozen=True, eq=False)
class Candidates:
    """Scenes with different captions, among which is searched.

    relevant: (n, n) boolean, whether caption j is true of scene i. altered: {name: for each scene a
    sentence that is false of it}. recoloured: each scene with one object in another colour, with
    the caption that is then true.
    """

    scenes: Scenes
    captions: tuple[str, ...]
    relevant: Tensor
    altered: dict[str, tuple[str, ...]]
    recoloured: Tensor
    recoloured_captions: tuple[str, ...]


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


def load_candidates(config: SceneRetrievalConfig, split: str, seed: int) -> Candidates:
    """Draw what is searched. Raises ValueError where there are too few different captions."""
    drawn = load(config, split, EXTRA * config.candidates, seed)
    first = {text: row for row, text in reversed([*enumerate(captions_of(drawn, config.language))])}
    rows = sorted(first.values())[: config.candidates]
    if len(rows) < config.candidates:
        raise ValueError(
            f"{split} has {len(rows)} different captions among {len(drawn)} scenes: ask for fewer "
            f"candidates than {config.candidates}"
        )
    scenes = drawn[rows]
    captions = captions_of(scenes, config.language)
    pairs = set(config.scenes.pairs(split))
    changed = [
        recolour(scene, pairs, Random(f"recolour {name}"))
        for scene, name in zip(scenes.objects, scenes.names, strict=True)
    ]
    return Candidates(
        scenes=scenes,
        captions=captions,
        relevant=truths(scenes.objects, captions, config.language),
        altered={name: alter(captions, name, config.language, seed) for name in ALTERATIONS},
        recoloured=render(changed, backgrounds(scenes.names, config.size)),
        recoloured_captions=tuple(
            _recaption(text, scene, other, config.language)
            for text, scene, other in zip(captions, scenes.objects, changed, strict=True)
        ),
    )


def recolour(scene: Scene, pairs: set[tuple[str, str]], chance: Random) -> Scene:
    """The scene with its first object in another colour, so that no pair occurs twice."""
    first, *others = scene
    taken = {(item.shape, item.colour) for item in scene}
    free = [c for c in COLOURS if (first.shape, c) in pairs and (first.shape, c) not in taken]
    colour = free[int(chance.random() * len(free))] if free else first.colour
    return (first._replace(colour=colour), *others)


def _recaption(text: str, scene: Scene, changed: Scene, language: str) -> str:
    """The caption with the new colour of the object that got one."""
    statement, old, new = relation_in(text, language), scene[0], changed[0]
    name = "a" if (statement.a.shape, statement.a.colour) == (old.shape, old.colour) else "b"
    mention = replace(getattr(statement, name), colour=new.colour)
    return sentence(replace(statement, **{name: mention}), language)


def truths(scenes: Sequence[Scene], captions: Sequence[str], language: str) -> Tensor:
    """(scenes, captions) boolean: the referee's word on which caption is true of which scene.

    Only captions of the same two objects are brought before it: others are false.
    """
    kinds: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for row, scene in enumerate(scenes):
        kinds[tuple(sorted(f"{o.size} {o.colour} {o.shape}" for o in scene))].append(row)
    found = torch.zeros(len(scenes), len(captions), dtype=torch.bool)
    for rows in kinds.values():
        for i in rows:
            for j in rows:
                found[i, j] = all(check_caption(captions[j], scenes[i], language).true)
    return found
