"""Among what is searched: scenes, sentences about them, and what is true of what."""

from collections import defaultdict
from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass, replace
from random import Random

import torch
from torch import Tensor

from mmbook.datasets.scenes.alterations import (
    ALTERATIONS,
    relation_in,
    sentence,
    without_sizes,
)
from mmbook.datasets.scenes.captions import pick
from mmbook.datasets.scenes.checking import check_caption
from mmbook.datasets.scenes.collection import Scenes
from mmbook.datasets.scenes.grammar import Statement, parse_caption
from mmbook.datasets.scenes.layout import Scene
from mmbook.datasets.scenes.rendering import backgrounds, render
from mmbook.datasets.scenes.words import COLOURS
from mmbook.experiments.scene_retrieval.config import SceneRetrievalConfig
from mmbook.experiments.scene_retrieval.data import alter, captions_of, load

EXTRA = 3  # so many times the candidates are drawn, as some have the caption of another
SHORTER: Mapping[str, Callable[[Statement], Statement]] = {
    "without sizes": without_sizes,
    "one object": lambda said: Statement(without_sizes(said).a),
}


@dataclass(frozen=True, eq=False)
class Candidates:
    """Scenes with different captions, among which is searched.

    relevant: (n, n) boolean, whether caption j is true of scene i. shorter: {name: sentences that
    say less, each once, with what is true of which scene, (n, sentences)}. altered: {name: for each
    scene a sentence that is false of it}. recolourable: rows of the scenes that `recolour` can
    change. recoloured: those with one object in another colour, with the captions that are then
    true.
    """

    scenes: Scenes
    captions: tuple[str, ...]
    relevant: Tensor
    shorter: dict[str, tuple[tuple[str, ...], Tensor]]
    altered: dict[str, tuple[str, ...]]
    recolourable: Tensor
    recoloured: Tensor
    recoloured_captions: tuple[str, ...]


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
    changed = {
        row: other
        for row, (scene, name) in enumerate(zip(scenes.objects, scenes.names, strict=True))
        if (other := recolour(scene, pairs, Random(f"recolour {name}")))
    }
    names = [scenes.names[row] for row in changed]
    shorter = {name: _shorter(make, captions, config.language) for name, make in SHORTER.items()}
    return Candidates(
        scenes=scenes,
        captions=captions,
        relevant=truths(scenes.objects, captions, config.language),
        shorter={
            name: (texts, truths(scenes.objects, texts, config.language))
            for name, texts in shorter.items()
        },
        altered={name: alter(captions, name, config.language, seed) for name in ALTERATIONS},
        recolourable=torch.tensor([*changed]),
        recoloured=render([*changed.values()], backgrounds(names, config.size)),
        recoloured_captions=tuple(
            _recaption(captions[row], scenes.objects[row], other, config.language)
            for row, other in changed.items()
        ),
    )


def _shorter(
    make: Callable[[Statement], Statement], captions: Sequence[str], language: str
) -> tuple[str, ...]:
    said = (sentence(make(relation_in(text, language)), language) for text in captions)
    return tuple(dict.fromkeys(said))


def recolour(scene: Scene, pairs: Container[tuple[str, str]], chance: Random) -> Scene | None:
    """The scene with its first object in another colour, so that no pair occurs twice.

    None where there is no such colour: of a shape with two colours, both of which are there.
    """
    first, *others = scene
    taken = {(item.shape, item.colour) for item in scene}
    free = [c for c in COLOURS if (first.shape, c) in pairs and (first.shape, c) not in taken]
    return (first._replace(colour=pick(free, chance)), *others) if free else None


def _recaption(text: str, scene: Scene, changed: Scene, language: str) -> str:
    """The caption with the new colour of the object that got one."""
    statement, old, new = relation_in(text, language), scene[0], changed[0]
    name = "a" if (statement.a.shape, statement.a.colour) == (old.shape, old.colour) else "b"
    mention = replace(getattr(statement, name), colour=new.colour)
    return sentence(replace(statement, **{name: mention}), language)


def truths(scenes: Sequence[Scene], captions: Sequence[str], language: str) -> Tensor:
    """(scenes, captions) boolean: the referee's word on which caption is true of which scene.

    A scene is brought before it with captions that name pairs of shape and colour that it shows:
    all others are false.
    """
    naming: dict[frozenset[tuple[str, str]], list[int]] = defaultdict(list)
    for column, text in enumerate(captions):
        (said,) = parse_caption(text, language)
        named = [(m.shape, m.colour) for m in (said.a, said.b) if m.shape]
        naming[frozenset(named)].append(column)
    found = torch.zeros(len(scenes), len(captions), dtype=torch.bool)
    for row, scene in enumerate(scenes):
        shown = [(item.shape, item.colour) for item in scene]
        for named in {frozenset(shown), *(frozenset([pair]) for pair in shown)}:
            for column in naming[named]:
                found[row, column] = all(check_caption(captions[column], scene, language).true)
    return found
