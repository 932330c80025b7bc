"""What a space finds, how its clouds lie, and how low its loss is."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import permutations

import torch
from torch import Tensor

from mmbook.datasets.streams import stream
from mmbook.evaluation.result import Condition
from mmbook.experiments.shared_space.config import LINKED, WITHHELD, SharedSpaceConfig, System
from mmbook.experiments.shared_space.data import DIGITS, Senses, draw, pick
from mmbook.experiments.shared_space.losses import floor_of, pair_loss
from mmbook.models.alignment import SharedSpace

Measured = tuple[str, float, Condition]  # metric, value, condition
NAMING = (("image", "english"), ("audio", "english"))  # what is called zero-shot classification


@dataclass(frozen=True, eq=False)
class Space:
    """All items of a split as unit vectors: {sense: (n, space)}, {sense: (n,) digits}."""

    vectors: Mapping[str, Tensor]
    labels: Mapping[str, Tensor]


@torch.inference_mode()
def embedded(model: SharedSpace, senses: Senses) -> Space:
    """The items of those senses that the model has."""
    device = next(model.parameters()).device
    vectors = {
        m: torch.cat(
            [model.embed(m, part.to(device)).cpu() for part in senses.values[m].split(500)]
        )
        for m in model.encoders
    }
    return Space(vectors, {m: senses.labels[m] for m in vectors})


def found(
    space: Space, query: str, candidates: str, galleries: int, turn: Tensor | None = None
) -> Tensor:
    """How often each query finds its digit among one candidate of each: (queries,) in [0, 1].

    galleries: so many times the candidates are drawn, the same for all systems; of equally near
    candidates the lower digit counts. turn: (space, space), by which the queries are rotated.
    """
    digits = torch.arange(DIGITS).expand(galleries, DIGITS)
    rows = pick(space.labels[candidates], digits, stream(f"gallery of {candidates}", 0))
    queries = space.vectors[query] if turn is None else space.vectors[query] @ turn
    scores = queries @ space.vectors[candidates][rows].flatten(0, 1).T  # (queries, galleries · 10)
    best = scores.view(len(queries), galleries, DIGITS).argmax(2)
    return (best == space.labels[query][:, None]).double().mean(1)


def naming(space: Space) -> float:
    """The mean accuracy of images and clips whose English word is looked for."""
    return sum(found(space, *pair, 1).mean().item() for pair in NAMING) / len(NAMING)


def searches(space: Space, galleries: int) -> Iterator[Measured]:
    """Accuracy from each sense to each other one."""
    for query, candidates in permutations(space.vectors, 2):
        value = found(space, query, candidates, galleries).mean().item()
        yield "accuracy", value, {"query": query, "candidates": candidates}


def unheard(space: Space, galleries: int) -> Iterator[Measured]:
    """Of images and clips of the digit that was withheld, and of the others, among all ten."""
    for query, candidates in permutations(space.vectors, 2):
        if query not in dict(NAMING):
            continue  # of a word there is but one
        right = found(space, query, candidates, galleries)
        is_it = space.labels[query] == WITHHELD
        for digits, rows in (("withheld", is_it), ("others", ~is_it)):
            pair = {"query": query, "candidates": candidates}
            yield "accuracy", right[rows].mean().item(), pair | {"digits": digits}


def turned(space: Space, config: SharedSpaceConfig, seed: int) -> Iterator[Measured]:
    """Accuracy between images and clips over random rotations of those that search.

    Where nothing links the two, a rotation of one half changes no loss that was minimised.
    """
    generator = stream("rotations", seed)
    width = space.vectors["image"].shape[1]
    turns = [_rotation(width, generator) for _ in range(config.rotations)]
    for query, candidates in (("image", "audio"), ("audio", "image")):
        values = torch.tensor(
            [found(space, query, candidates, config.galleries, t).mean() for t in turns],
            dtype=torch.float64,
        )
        condition = {"query": query, "candidates": candidates}
        yield "rotated_accuracy", values.mean().item(), condition
        yield "rotated_spread", values.std(unbiased=False).item(), condition


def _rotation(width: int, generator: torch.Generator) -> Tensor:
    """A random orthogonal matrix, (width, width), uniformly drawn."""
    q, r = torch.linalg.qr(torch.randn(width, width, generator=generator))
    return q * r.diagonal().sign()


def geometry(
    model: SharedSpace, senses: Senses, space: Space, system: System, config: SharedSpaceConfig
) -> Iterator[Measured]:
    """The distance of the two clouds' means, the mean cosine of true pairs and of others, a pair.

    With the scale that they were trained with, or learned.
    """
    rows = draw(senses, system, min(config.drawn, 2_000), seed=1)
    for pair in system.pairs:
        a, b = (space.vectors[m][rows.inputs[m]] for m in pair)
        condition = {"query": pair[0], "candidates": pair[1]}
        yield "gap", (a.mean(0) - b.mean(0)).norm().item(), condition
        yield "cosine", (a * b).sum(1).mean().item(), condition
        cosines, other = a @ b.T, rows.target[:, None] != rows.target
        yield "cosine_of_others", cosines[other].mean().item(), condition
    yield "scale", model.scale.item(), {}


@torch.inference_mode()
def losses(
    model: SharedSpace, senses: Senses, system: System, config: SharedSpaceConfig
) -> Iterator[Measured]:
    """The loss on fresh batches of the items in training, in the mean over pairs, and its floor."""
    space = embedded(model, senses)
    rows = draw(senses, system, max(1, config.drawn // system.batch) * system.batch, seed=2)
    device = model.log_scale.device
    values: list[float] = []
    for part in rows.batches(system.batch):
        for a, b in system.pairs:
            first, second = (space.vectors[m][part.inputs[m]].to(device) for m in (a, b))
            values.append(pair_loss(system.loss, model, first, second, part.target.to(device)))
    yield "loss", sum(values) / len(values), {}
    yield "floor", floor_of(system.loss, system.batch), {}


def of_links(
    space: Space, system: System, config: SharedSpaceConfig, seed: int
) -> Iterator[Measured]:
    """What is found in a space, and by rotations of a half that no pair holds to the other."""
    yield from searches(space, config.galleries)
    if "chinese" in system.senses and system.pairs != LINKED:
        yield from turned(space, config, seed)
