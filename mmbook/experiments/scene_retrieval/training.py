"""What a system is trained on, and its training: what is measured of it stands elsewhere."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import torch
from torch import Tensor

from mmbook.batch import Batch
from mmbook.experiments.harness.trained import trained
from mmbook.experiments.scene_retrieval.config import SYSTEMS, SceneRetrievalConfig, System
from mmbook.experiments.scene_retrieval.data import alter
from mmbook.models.alignment import Align
from mmbook.models.next_word import EnglishWords
from mmbook.models.retrieval import ImageSearch, ImageSearchConfig, SquareImage
from mmbook.preprocessing.text.tokenizers import encode_batch
from mmbook.preprocessing.text.vocabulary import pad
from mmbook.training import Objective, seed_everything

FIRST_BIAS = -10.0  # of the sigmoid loss: nearly all combinations are no pairs


def untrained(
    words: EnglishWords, system: System, config: SceneRetrievalConfig, seed: int
) -> ImageSearch:
    """A system with its first weights: the same for all but the sigmoid's bias."""
    seed_everything(seed)
    bias = FIRST_BIAS if system.sigmoid else None
    return ImageSearchConfig(words, SquareImage(config.size), config.width, bias=bias).build()


def samples(
    model: ImageSearch,
    images: Tensor,
    captions: Sequence[str],
    system: System,
    config: SceneRetrievalConfig,
) -> Batch:
    """Pictures, sentences and, where the system has them, hard negatives (n, k, length)."""
    inputs = {"image": images, "text": ids_of(model, captions, system)}
    length = inputs["text"].shape[1]
    if system.decoys:
        orders = (
            torch.randperm(len(captions), generator=torch.Generator().manual_seed(number))
            for number, _ in enumerate(system.altered)
        )
        inputs["hard"] = torch.stack([inputs["text"][order] for order in orders], dim=1)
    elif system.altered:
        # What is held out is to be neither shown nor named.
        shown = set(config.scenes.pairs("train"))
        parts = [
            ids_of(model, alter(captions, name, config.language, 0, shown), system, length)
            for name in system.altered
        ]
        inputs["hard"] = torch.stack(parts, dim=1)
    return Batch(inputs)


def ids_of(
    model: ImageSearch, captions: Sequence[str], system: System, length: int | None = None
) -> Tensor:
    """The ids of captions, (n, length): in their order, or by the alphabet of ids."""
    if system.ordered:
        return encode_batch(model.tokenizer, captions, length).values
    return pad([sorted(model.tokenizer.encode(text)) for text in captions], length).values


def train(
    model: ImageSearch,
    batch: Batch,
    name: str,
    config: SceneRetrievalConfig,
    seed: int,
    folder: Path,
) -> float:
    """Train a system on its samples; returns the seconds."""
    system = SYSTEMS[name]
    loss = Align(hard="hard" if system.altered else "", sigmoid=system.sigmoid)
    settings = replace(config.training, seed=seed)
    return trained(model, batch, settings, folder, name, __name__, objectives=Objective(loss))
