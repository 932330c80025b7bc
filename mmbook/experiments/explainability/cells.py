"""What taking away tells: cells that attention names, and paint where there is nothing to miss."""

import torch
import torch.nn.functional as F
from torch import Tensor

from mmbook.evaluation import Row
from mmbook.experiments.explainability.config import ExplainabilityExperiment
from mmbook.experiments.explainability.maps import attended
from mmbook.experiments.explainability.scenes import CELLS, GREY, questions
from mmbook.explaining import occlusion
from mmbook.models.captioning import Captioner
from mmbook.tokens import Tokens

PAINTS = {"background": GREY, "black": 0.0, "white": 1.0}


def hidden(seed: int, config: ExplainabilityExperiment, captioner: Captioner) -> list[Row]:
    """The mean fall of log p where cells are hidden from the decoder, by who chose them."""
    asked = questions(captioner, config.scenes, seed)
    named = asked.of(captioner).eval()
    n = torch.arange(config.scenes)
    with torch.no_grad():
        memory = captioner.look(asked.pictures)
        whole = named(asked.pictures)[n, named.target]
    looked = attended(asked, captioner)
    generator = torch.Generator().manual_seed(seed)
    ranks = {
        "most attended": looked,
        "nearest to the object": asked.near,
        "least attended": -looked,
        "random": torch.rand(looked.shape, generator=generator),
    }

    @torch.no_grad()
    def lost(scores: Tensor, count: int) -> float:
        shown = torch.ones_like(scores, dtype=torch.bool)
        shown = shown.scatter(1, scores.topk(count).indices, False)
        logits = captioner.model(Tokens(memory.values, shown), named.ids)[n, named.places]
        return float((whole - logits.log_softmax(-1)[n, named.target]).mean())

    return [
        Row(name, "fall", seed, lost(scores, count), {"cells": count})
        for name, scores in ranks.items()
        for count in config.counts
    ]


def paint(seed: int, config: ExplainabilityExperiment, captioner: Captioner) -> list[Row]:
    """The mean fall of log p where squares are painted over, on objects and where none is."""
    asked = questions(captioner, config.pictures, seed)
    model = asked.of(captioner)
    side = asked.pictures.shape[-1] // CELLS
    bare = F.max_pool2d((asked.own + asked.other)[:, None], side)[:, 0] == 0
    rows = []
    for name, value in PAINTS.items():
        fall = occlusion(model, asked.pictures, model.target, size=side, baseline=value)
        for where, mask in (("empty", bare), ("on objects", ~bare)):
            rows.append(Row(name, "fall", seed, float(fall[mask].mean()), {"squares": where}))
    return rows
