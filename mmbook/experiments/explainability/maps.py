"""Maps of the captioner: do they name the right object, and what do shuffled weights leave?"""

import torch
import torch.nn.functional as F
from torch import Tensor

from mmbook.evaluation import Row
from mmbook.evaluation.detection import spearman
from mmbook.experiments.explainability.config import ExplainabilityExperiment
from mmbook.experiments.explainability.scenes import CELLS, GREY, Questions, questions
from mmbook.explaining import (
    grad_cam,
    gradient,
    gradient_times_input,
    integrated_gradients,
    integrated_gradients_within,
    occlusion,
    randomised,
    smooth_gradient,
    target_scores,
)
from mmbook.models.captioning import Captioner
from mmbook.models.looking import watched_cross_attention


def explanations(asked: Questions, network: Captioner, steps: int) -> dict[str, Tensor]:
    """Each method's map of each picture, (n, 64, 64): how large, whatever the sign."""
    model, pictures = asked.of(network), asked.pictures
    given = (model, pictures, model.target)
    fine = {
        "gradient": gradient(*given),
        "SmoothGrad": smooth_gradient(*given, noise=0.1, samples=10),
        "gradient × input": gradient_times_input(*given, GREY),
        "integrated": integrated_gradients(*given, GREY, steps=steps),
    }
    coarse = {
        "occlusion": occlusion(*given, size=pictures.shape[-1] // CELLS, baseline=GREY),
        "Grad-CAM": grad_cam(*given, network.encoder.layers[-1]),
        "attention": attended(asked, network).unflatten(1, (CELLS, CELLS)),
    }
    maps = {name: one.abs().sum(dim=1) for name, one in fine.items()}
    for name, one in coarse.items():
        size = pictures.shape[-1]
        maps[name] = F.interpolate(one.abs()[:, None], size=size, mode="nearest")[:, 0]
    return maps | {"no network": (pictures - GREY).abs().sum(dim=1)}


def attended(asked: Questions, network: Captioner) -> Tensor:
    """The mean weight that cross-attention gives each cell for the word, (n, cells)."""
    model = asked.of(network).eval()
    with torch.no_grad(), watched_cross_attention(network.model) as seen:
        model(asked.pictures)
    rows = torch.arange(len(asked.pictures))
    return torch.stack(seen).mean(dim=(0, 2))[rows, model.places]


def share(maps: Tensor, asked: Questions) -> float:
    """Of what a map has on the two objects, how much is on the right one; the mean of pictures."""
    right, wrong = ((maps * part).sum(dim=(1, 2)) for part in (asked.own, asked.other))
    return float((right / (right + wrong).clamp(min=1e-12)).mean())


def alike(maps: Tensor, others: Tensor, where: Tensor) -> float:
    """The mean rank correlation of maps where a mask is true; an even one is like nothing: 0."""
    found = []
    for a, b, mask in zip(maps, others, where, strict=True):
        one, two = a[mask], b[mask]
        found.append(spearman(one, two) if min(one.std(), two.std()) > 0 else 0.0)
    return sum(found) / len(found)


def measure(seed: int, config: ExplainabilityExperiment, captioner: Captioner) -> list[Row]:
    """Shares on the right object, and likeness to the maps of shuffled weights, a row a method.

    Likeness is measured over all pixels and, as a control, over those of the objects alone: there
    no map is 0 only as the picture is its own baseline.
    """
    asked = questions(captioner, config.pictures, seed)
    learned = explanations(asked, captioner, config.steps)
    shuffled = explanations(asked, randomised(captioner, seed), config.steps)  # pyright: ignore
    everywhere = torch.ones_like(asked.own, dtype=torch.bool)
    objects = asked.own + asked.other > 0.5
    rows = []
    for name, maps in learned.items():
        for network, found in (("trained", maps), ("shuffled", shuffled[name])):
            rows.append(Row(name, "share", seed, share(found, asked), {"network": network}))
        for where, mask in (("everywhere", everywhere), ("on the objects", objects)):
            value = alike(maps, shuffled[name], mask)
            at = {"compared_with": "shuffled", "pixels": where}
            rows.append(Row(name, "likeness", seed, value, at))
        value = alike(maps, maps.roll(1, dims=0), everywhere)
        at = {"compared_with": "another picture", "pixels": "everywhere"}
        rows.append(Row(name, "likeness", seed, value, at))
    return rows


def completeness(seed: int, config: ExplainabilityExperiment, captioner: Captioner) -> list[Row]:
    """By how many nats attributions miss the rise of the score: the largest of the pictures."""
    asked = questions(captioner, config.pictures, seed)
    rows = slice(config.exact)
    model, pictures = asked.of(captioner, rows), asked.pictures[rows]
    given = (model, pictures, model.target)
    bare = torch.full_like(pictures, GREY)
    rise = target_scores(*given) - target_scores(model, bare, model.target)
    found = {
        steps: integrated_gradients(*given, GREY, steps=steps)
        for steps in (config.steps, 8 * config.steps)
    }
    within = integrated_gradients_within(*given, GREY, tolerance=config.tolerance)

    def gap(values: Tensor) -> float:
        return float((values.flatten(1).sum(1, dtype=torch.float64) - rise).abs().max())

    apart = [Row("equal steps", "gap", seed, gap(v), {"steps": n}) for n, v in found.items()]
    return [
        *apart,
        Row("halved where needed", "gap", seed, gap(within)),
        Row("rise of the score", "nats", seed, float(rise.abs().min())),
    ]
