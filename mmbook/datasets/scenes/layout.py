"""What is in a scene and where: attributes and places, drawn many scenes at a time.

Scene `index` of a split and seed is always the same one, however many are drawn: scenes are made
in chunks, each with a random stream of its own. Places are fractions of the image, so a scene
does not know at what size it is drawn.
"""

from dataclasses import dataclass
from numbers import Integral, Real
from typing import NamedTuple

import torch
from torch import Generator, Tensor

from mmbook.datasets.scenes.words import COLOURS, SHAPES, SIZES
from mmbook.datasets.splits import check_split
from mmbook.datasets.streams import stream

SPLITS = ("train", "validation", "test")
_CHUNK = 256  # scenes drawn together
_TRIES = 16  # places proposed for an object at a time
_ROUNDS = 60  # then a scene counts as too crowded


class SceneObject(NamedTuple):
    """One thing in a scene.

    shape, colour, size: English words of `scene_words`; size is "" where all are of one size.
    x, y: the centre, from the left and the top edge, and `radius`, that of the circle around it,
    all as fractions of the image's side.
    """

    shape: str
    colour: str
    size: str
    x: float
    y: float
    radius: float


Scene = tuple[SceneObject, ...]


def _is_pair(value: object, kind: type = Real) -> bool:
    if not isinstance(value, tuple | list) or len(value) != 2:
        return False
    return all(isinstance(end, kind) for end in value)


@dataclass(frozen=True)
class SceneConfig:
    """Which scenes are drawn.

    shapes, colours: words of `scene_words`. radii: one range of radii for each size, one size or
    two (small and large), as fractions of the image's side. objects: the fewest and the most.
    distinct_colours: each colour occurs at most once in a scene; otherwise each pair of shape and
    colour does. held_out: one in so many diagonals of the table of shapes and colours is kept for
    the test split, 0 for none. gap: the least distance between two objects, and to the edge.
    clearance: what counts as clearly left, above, nearer, and so on; no centre is closer than this
    to the image's middle lines. noise: standard deviation of the background's noise, in [0, 1].
    Raises ValueError where a value is impossible.
    """

    shapes: tuple[str, ...] = tuple(SHAPES)
    colours: tuple[str, ...] = tuple(COLOURS)
    radii: tuple[tuple[float, float], ...] = ((0.08, 0.1), (0.14, 0.17))
    objects: tuple[int, int] = (1, 4)
    distinct_colours: bool = False
    held_out: int = 4
    gap: float = 0.02
    clearance: float = 0.03
    noise: float = 0.0

    def __post_init__(self) -> None:
        for name, known in (("shapes", SHAPES), ("colours", COLOURS)):
            words = getattr(self, name)
            is_known = isinstance(words, tuple | list) and all(word in [*known] for word in words)
            if not is_known or not words or len(set(words)) < len(words):
                raise ValueError(f"{name} must be some of {', '.join(known)}, each once: {words}")
        is_ranges = isinstance(self.radii, tuple | list) and all(map(_is_pair, self.radii))
        ends = [end for pair in self.radii for end in pair] if is_ranges else []
        if len(ends) not in (2, 4) or ends != sorted(ends) or not 0 < ends[0] <= ends[-1] < 0.5:
            raise ValueError(
                "radii must be one or two ranges (low, high) that grow and do not overlap, "
                f"between 0 and 0.5; got {self.radii}"
            )
        is_pair = _is_pair(self.objects, Integral)
        if not is_pair or not 1 <= self.objects[0] <= self.objects[1] <= 9:
            raise ValueError(f"objects must be (fewest, most) within 1..9, got {self.objects}")
        if self.held_out < 0 or min(self.gap, self.clearance, self.noise) < 0:
            raise ValueError("held_out, gap, clearance and noise must not be negative")
        for split in ("train", "test"):
            pairs = self.pairs(split)
            most = len({colour for _, colour in pairs}) if self.distinct_colours else len(pairs)
            if most < self.objects[1]:
                raise ValueError(
                    f"{self.objects[1]} objects were asked for, but the split {split!r} has only "
                    f"{most} to choose from: change shapes, colours or held_out={self.held_out}"
                )

    @property
    def sizes(self) -> tuple[str, ...]:
        """The words for the sizes; the empty one where there is one size only."""
        return tuple(SIZES) if len(self.radii) == 2 else ("",)

    def pairs(self, split: str) -> tuple[tuple[str, str], ...]:
        """The pairs (shape, colour) that a split may show.

        The test split shows the held-out diagonals of the table only, and the others never do.
        Each shape and each colour loses equally many where `held_out` divides both their numbers.
        Raises ValueError for a split that is none of SPLITS.
        """
        check_split(split, SPLITS)
        return tuple(
            (shape, colour)
            for row, shape in enumerate(self.shapes)
            for column, colour in enumerate(self.colours)
            if not self.held_out or ((column - row) % self.held_out == 0) == (split == "test")
        )


def draw_scenes(
    config: SceneConfig, split: str, count: int, *, start: int = 0, seed: int = 0
) -> tuple[Scene, ...]:
    """Draw the scenes start, start + 1, ... of a split; their objects never overlap.

    Raises ValueError for an unknown split, a negative count or start, or a configuration so
    crowded that no places can be found.
    """
    if count < 0 or start < 0:
        raise ValueError(f"count and start must not be negative, got {count} and {start}")
    pairs = config.pairs(split)
    first, last = start // _CHUNK, (start + count - 1) // _CHUNK
    scenes: list[Scene] = []
    for chunk in range(first, last + 1):
        scenes += _draw_chunk(config, pairs, stream(f"scenes {split} {chunk}", seed))
    offset = start - first * _CHUNK
    return tuple(scenes[offset : offset + count])


def _draw_chunk(
    config: SceneConfig, pairs: tuple[tuple[str, str], ...], generator: Generator
) -> list[Scene]:
    """As many scenes as make a chunk."""
    fewest, most = config.objects
    numbers = torch.randint(fewest, most + 1, (_CHUNK,), generator=generator)
    chosen = _draw_pairs(config, pairs, generator)
    sizes = torch.randint(len(config.radii), (_CHUNK, most), generator=generator)
    low, high = torch.tensor(config.radii).T[:, sizes]  # (chunk, most) each
    radii = torch.lerp(low, high, torch.rand(_CHUNK, most, generator=generator))
    present = torch.arange(most) < numbers[:, None]
    places = _place(config, radii, present, generator)
    columns = (numbers, chosen, sizes, radii, places)
    return [
        tuple(
            SceneObject(pairs[pair][0], pairs[pair][1], config.sizes[size], x, y, radius)
            for pair, size, radius, (x, y) in list(zip(*rest, strict=True))[:number]
        )
        for number, *rest in zip(*(column.tolist() for column in columns), strict=True)
    ]


def _draw_pairs(
    config: SceneConfig, pairs: tuple[tuple[str, str], ...], generator: Generator
) -> Tensor:
    """Different pairs of shape and colour, each equally likely: (chunk, most) rows of `pairs`."""
    most = config.objects[1]
    order = torch.rand(_CHUNK, len(pairs), generator=generator).argsort(1)
    if not config.distinct_colours:
        return order[:, :most]
    # Walk along a random order of the pairs and skip colours that were met before.
    colours = torch.tensor([config.colours.index(colour) for _, colour in pairs])[order]
    earlier = torch.tril(colours[:, :, None] == colours[:, None, :], -1).any(2)
    return order.gather(1, earlier.int().argsort(dim=1, stable=True)[:, :most])


def _place(config: SceneConfig, radii: Tensor, present: Tensor, generator: Generator) -> Tensor:
    """Centres at which the objects that are present do not overlap, (chunk, most, 2)."""
    centres = torch.zeros(*radii.shape, 2)
    waiting = torch.ones(len(radii), dtype=torch.bool)
    for _ in range(_ROUNDS):
        proposed, fits = _propose(config, radii, present, generator)
        centres[waiting & fits] = proposed[waiting & fits]
        waiting &= ~fits
        if not waiting.any():
            return centres
    raise ValueError(
        f"found no places for {config.objects[1]} objects with radii up to {config.radii[-1][1]} "
        f"and a gap of {config.gap}: ask for fewer or smaller ones"
    )


def _propose(
    config: SceneConfig, radii: Tensor, present: Tensor, generator: Generator
) -> tuple[Tensor, Tensor]:
    """Place one object after another at random; centres (n, k, 2), and which scenes fit (n,)."""
    n, most = radii.shape
    centres = torch.zeros(n, most, 2)
    fits = torch.ones(n, dtype=torch.bool)
    for slot in range(most):
        radius = radii[:, slot, None]
        margin = (radius + config.gap)[..., None]  # (n, 1, 1)
        places = margin + (1 - 2 * margin) * torch.rand(n, _TRIES, 2, generator=generator)
        away = torch.cdist(places, centres[:, :slot]) - radii[:, None, :slot]  # (n, tries, slot)
        free = (away >= margin).all(2) & ((places - 0.5).abs() >= config.clearance).all(2)
        centres[:, slot] = places[torch.arange(n), free.int().argmax(1)]
        fits &= free.any(1) | ~present[:, slot]
    return centres, fits
