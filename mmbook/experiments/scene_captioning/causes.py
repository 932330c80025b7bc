"""Where a captioner goes wrong about pairs that it never saw: in what it has written, or sees."""

from collections.abc import Iterator

import torch
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from torch import Generator, Tensor

from mmbook.datasets.scenes.collection import Scenes
from mmbook.datasets.scenes.words import COLOURS, SHAPES, say
from mmbook.experiments.scene_captioning.measure import Measured
from mmbook.experiments.scene_captioning.training import captions_of
from mmbook.layers.modes import evaluating
from mmbook.models.captioning import BATCH, Captioner, caption_batch
from mmbook.preprocessing.text.special import UNK

HISTORIES = ("true", "another colour", "masked")
TABLES = {"shape": SHAPES, "colour": COLOURS}


def with_histories(
    model: Captioner, scenes: Scenes, language: str, generator: Generator
) -> Iterator[Measured]:
    """Shares of the words for shapes that are right after the true words, and after changed ones.

    Every word before is the right one; but either each colour is another one, drawn with
    `generator`, or words for colours and shapes are the unknown one.
    """
    batch = caption_batch(model.tokenizer, scenes.images, captions_of(scenes, language))
    text, wanted = batch.inputs["text"], batch.targets["next"]
    ids = text.filled(model.pad)
    words = {name: _ids(model, table, language) for name, table in TABLES.items()}
    asked = torch.isin(wanted, words["shape"])
    for history, read in _changed(ids, words, generator).items():
        right = _likeliest(model, scenes.images, read)[asked] == wanted[asked]
        yield "shape_after", right.double().mean().item(), {"history": history}


def _ids(model: Captioner, table: dict[str, str], language: str) -> Tensor:
    return torch.tensor(model.tokenizer.vocabulary.encode([say(w, language) for w in table]))


def _changed(ids: Tensor, words: dict[str, Tensor], generator: Generator) -> dict[str, Tensor]:
    """{history: (n, length) ids}."""
    colours = words["colour"]
    places = (ids[..., None] == colours).long().argmax(dim=-1)
    shift = torch.randint(1, len(colours), ids.shape, generator=generator)
    others = colours[(places + shift) % len(colours)]
    content = torch.isin(ids, torch.cat([*words.values()]))
    read = (
        ids,
        torch.where(torch.isin(ids, colours), others, ids),
        ids.masked_fill(content, UNK),
    )
    return dict(zip(HISTORIES, read, strict=True))


@torch.inference_mode()
def _likeliest(model: Captioner, images: Tensor, ids: Tensor) -> Tensor:
    """The likeliest next word after each of the given ones: (n, length)."""
    parts = zip(images.split(BATCH), ids.split(BATCH), strict=True)
    with evaluating(model):
        return torch.cat([model({"image": i, "text": t}).argmax(dim=-1) for i, t in parts])


def read_out(model: Captioner, known: Scenes, tested: dict[str, Scenes]) -> Iterator[Measured]:
    """Shares of shapes that a logistic regression reads from the token at an object's middle.

    It is fitted on `known` scenes, and tested on each of `tested`, {pairs: scenes}; the second half
    of the held out is read, too, by one fitted on the first half as well. What it reads is there
    for a decoder to read in the same way; what it does not read may be there otherwise.
    """
    cells, shapes = tokens_of_objects(model, known)
    first = _fitted(cells, shapes)
    for pairs, scenes in tested.items():
        value = first.score(*tokens_of_objects(model, scenes))
        yield "shape_read_out", value, {"pairs": pairs, "fitted": "seen"}
    held_out = tested["held out"]
    half = len(held_out) // 2
    more, labels = tokens_of_objects(model, held_out[:half])
    both = _fitted(torch.cat([cells, more]), torch.cat([shapes, labels]))
    value = both.score(*tokens_of_objects(model, held_out[half:]))
    yield "shape_read_out", value, {"pairs": "held out", "fitted": "all"}


def _fitted(cells: Tensor, labels: Tensor):  # type: ignore[no-untyped-def]
    return make_pipeline(StandardScaler(), LogisticRegression(max_iter=300)).fit(cells, labels)


@torch.inference_mode()
def tokens_of_objects(model: Captioner, scenes: Scenes) -> tuple[Tensor, Tensor]:
    """The token of the cell in which each object's middle lies, and the shapes' places in a table.

    (objects, width) and (objects,).
    """
    with evaluating(model):
        tokens = torch.cat([model.look(part).values for part in scenes.images.split(BATCH)])
    side = round(tokens.shape[1] ** 0.5)
    shapes = [*SHAPES]
    found = [
        (row, int(item.y * side) * side + int(item.x * side), shapes.index(item.shape))
        for row, scene in enumerate(scenes.objects)
        for item in scene
    ]
    rows, cells, labels = torch.tensor(found).unbind(dim=1)
    return tokens[rows, cells], labels
