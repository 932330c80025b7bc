"""The search of scenes as a page runs it: sentences and a picture go in, their vectors come out.

`assets/live/scenes.js` compares the vectors with those of `index`, which come with the network.
"""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from mmbook.datasets.scenes.collection import Scenes, load_scenes
from mmbook.datasets.scenes.layout import SceneConfig
from mmbook.models.retrieval import ImageSearch
from mmbook.preprocessing.text.special import FIRST
from tools.live.scene_parts import scene_parts

SENTENCES = 32  # rows of a run: as many as say the same words of two objects in different ways
LENGTH = 16  # words of a sentence at most
INDEXED = 200  # pictures among which is searched
DRAWN = 3 * INDEXED  # scenes of which the first with different captions are taken
SEED = 7  # of the scenes: none of those that the experiment measures on
SCENES = SceneConfig(objects=(2, 2), radii=((0.12, 0.15), (0.2, 0.24)))


class SceneSearcher(nn.Module):
    """Both encoders of a search behind one tensor.

    values: (SENTENCES · LENGTH + 3 · size · size,), ids of words, 0 behind a sentence's end, then
    the red, green and blue of a picture in [0, 1]. Returns (SENTENCES + 1, space), unit vectors.
    """

    def __init__(self, model: ImageSearch) -> None:
        super().__init__()
        self.model, self.size = model, model.config.image.size

    @property
    def shape(self) -> tuple[int]:
        """The shape of what goes in."""
        return (SENTENCES * LENGTH + 3 * self.size**2,)

    def forward(self, values: Tensor) -> Tensor:
        words, pixels = values[: SENTENCES * LENGTH], values[SENTENCES * LENGTH :]
        ids = words.view(SENTENCES, LENGTH).long()
        images = pixels.view(1, 3, self.size, self.size)
        return torch.cat([self.model.embed("text", ids), self.model.embed("image", images)])


def inputs_of(model: ImageSearch, sentences: Sequence[str], image: Tensor | None = None) -> Tensor:
    """What `SceneSearcher` takes; image: (3, size, size) in [0, 1]. Words may not be unknown."""
    ids = torch.zeros(SENTENCES, LENGTH)
    for row, sentence in zip(ids, sentences, strict=False):
        found = model.tokenizer.encode(sentence)
        row[: len(found)] = torch.tensor(found)
    size = model.config.image.size
    image = torch.zeros(3, size, size) if image is None else image
    return torch.cat([ids.flatten(), image.flatten()])


@dataclass(frozen=True)
class Index:
    """Pictures among which is searched, with their captions, and the vectors of both.

    scenes: of held-out pairs of shape and colour. captions: all different. pictures, said:
    (INDEXED, space).
    """

    scenes: Scenes
    captions: tuple[str, ...]
    pictures: Tensor
    said: Tensor


def index(model: ImageSearch) -> Index:
    """The index that ships, as the model sees it."""
    drawn = load_scenes(
        "test",
        size=model.config.image.size,
        count=DRAWN,
        seed=SEED,
        level="relation",
        config=SCENES,
    )
    captions = [caption for (caption,) in drawn.captions["en"]]
    first = {text: row for row, text in reversed([*enumerate(captions)])}
    rows = sorted(first.values())[:INDEXED]
    scenes, kept = drawn[rows], tuple(captions[row] for row in rows)
    return Index(scenes, kept, model.embed_images(scenes.images), model.embed_sentences(kept))


def page_of(model: ImageSearch, found: Index) -> Mapping[str, Any]:
    """What the page needs beside the network: words, outlines of shapes, and the index."""
    return {
        **scene_parts(SCENES, found.scenes.objects, model.config.image.size),
        "sentences": SENTENCES,
        "length": LENGTH,
        "space": found.pictures.shape[1],
        "first": FIRST,
        "words": list(model.tokenizer.vocabulary.words),
        "captions": list(found.captions),
        "pictures": float32(found.pictures),
        "said": float32(found.said),
    }


def float32(vectors: Tensor) -> str:
    """Vectors as text: base64 of their numbers, 32 bits each, the lowest first."""
    return base64.b64encode(vectors.numpy().astype("<f4").tobytes()).decode("ascii")
