"""What captions are worth: of networks, and of those that learn or see nothing."""

from collections.abc import Iterator, Sequence
from itertools import combinations

import torch
import torch.nn.functional as F
from torch import Tensor

from mmbook.datasets.scenes.captions import place_of
from mmbook.datasets.scenes.collection import Scenes
from mmbook.datasets.scenes.layout import Scene
from mmbook.datasets.scenes.scoring import score_captions, told_rightly
from mmbook.experiments.scene_captioning.config import System
from mmbook.experiments.scene_captioning.training import captions_of, shown
from mmbook.models.captioning import Captioner

GRID = 16  # pixels a side to which pictures are shrunk before they are compared
SEARCHED = ("complete", "unreadable")  # what is measured of a search with a beam, too
Measured = tuple[str, float, dict[str, str | float]]


def scored(captions: Sequence[str], scenes: Sequence[Scene], language: str) -> Iterator[Measured]:
    """Everything that `CaptionScores` holds."""
    for metric, value in vars(score_captions(captions, scenes, language)).items():
        yield metric, value, {}


def apart(captions: Sequence[str], scenes: Sequence[Scene], language: str) -> Iterator[Measured]:
    """What is told rightly of scenes with one object, with two, and so on; and of pairs in them.

    "related": pairs of objects in different quarters of which both are told rightly, with their
    places, so that a reader knows how they lie to each other.
    """
    for count in sorted({len(scene) for scene in scenes}):
        rows = [row for row, scene in enumerate(scenes) if len(scene) == count]
        said, shown = [captions[row] for row in rows], [scenes[row] for row in rows]
        yield "complete", score_captions(said, shown, language).complete, {"objects": count}
        if count > 1:
            told = [told_rightly(*pair, language) for pair in zip(said, shown, strict=True)]
            pairs = [
                bool(right[one] and right[other])
                for right, scene in zip(told, shown, strict=True)
                for one, other in combinations(range(count), 2)
                if place_of(scene[one]) != place_of(scene[other])
            ]
            yield "related", sum(pairs) / len(pairs), {"objects": count}


def described(model: Captioner, system: System, scenes: Scenes, beam: int) -> Iterator[Measured]:
    """What a captioner says of scenes, word by word and with a search of `beam` candidates."""
    images = shown(scenes.images, system)
    captions = model.caption(images)
    yield from scored(captions, scenes.objects, system.language)
    yield from apart(captions, scenes.objects, system.language)
    found = score_captions(model.caption(images, beam), scenes.objects, system.language)
    for metric in SEARCHED:
        yield metric, getattr(found, metric), {"beam": beam}


def exchanged(model: Captioner, system: System, scenes: Scenes) -> Iterator[Measured]:
    """What captions are worth that a captioner writes of another scene, the one before."""
    others = (*scenes.objects[1:], scenes.objects[0])
    return scored(model.caption(scenes.images), others, system.language)


def nearest(known: Scenes, scenes: Scenes) -> Iterator[Measured]:
    """What the caption of the nearest training picture is worth; pictures are shrunk to GRID."""
    small, asked = (_shrunk(s.images) for s in (known, scenes))
    rows = torch.cat([torch.cdist(part, small).argmin(dim=1) for part in asked.split(100)])
    captions = captions_of(known, "en")
    return scored([captions[row] for row in rows.tolist()], scenes.objects, "en")


def _shrunk(images: Tensor) -> Tensor:
    """(n, 3 · GRID²) in [0, 1]."""
    parts = images.split(1_000)
    return torch.cat([F.adaptive_avg_pool2d(p.float() / 255, GRID).flatten(1) for p in parts])
