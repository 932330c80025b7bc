"""Pictures out of gradients, against clipping, noise and batches."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.func import functional_call, grad

from mmbook.batch import Batch
from mmbook.evaluation import Row
from mmbook.evaluation.attacks import invert_gradients
from mmbook.experiments.privacy.config import InversionPart
from mmbook.training import seed_everything

CHOICE = 200  # pictures among which the nearest to the found one is looked for


def reader(side: int) -> nn.Sequential:
    """A small network with random weights, as before the first step of training."""
    return nn.Sequential(
        *(nn.Conv2d(1, 8, 3, padding=1), nn.Tanh()),
        *(nn.Conv2d(8, 8, 3, stride=2, padding=1), nn.Tanh()),
        *(nn.Flatten(), nn.Linear(8 * ((side + 1) // 2) ** 2, 10)),
    )


def gradient_of(model: nn.Module, images: Tensor, labels: Tensor) -> dict[str, Tensor]:
    """The gradient of the mean loss, by parameter."""
    weights = {name: p.detach() for name, p in model.named_parameters()}
    return grad(lambda w: F.cross_entropy(functional_call(model, w, (images,)), labels))(weights)


def defended(
    gradients: dict[str, Tensor], noise: float, generator: torch.Generator
) -> dict[str, Tensor]:
    """Clipped to length 1, with Gaussian noise; noise 0 leaves the clipping alone."""
    length = torch.stack([g.square().sum() for g in gradients.values()]).sum().sqrt()
    return {
        name: g / length.clamp(min=1.0) + noise * torch.randn(g.shape, generator=generator)
        for name, g in gradients.items()
    }


def measure(seed: int, config: InversionPart, samples: Batch) -> list[Row]:
    """Squared error of the found pictures, and how often each is nearest to the true one."""
    generator = torch.Generator().manual_seed(seed)
    images, labels = samples.inputs["image"], samples.target
    order = torch.randperm(len(images), generator=generator)[:CHOICE]
    images, labels = images[order], labels[order]
    seed_everything(seed)
    model = reader(images.shape[-1])
    cases: list[tuple[str, int, float | None]] = [("clipped", 1, 0.0)]
    cases += [("plain", batch, None) for batch in config.batches]
    cases += [("noisy", 1, noise) for noise in config.noises]
    rows = []
    for system, batch, noise in cases:
        errors, hits = [], []
        for start in range(0, config.pictures, batch):
            own = slice(start, start + batch)
            sent = gradient_of(model, images[own], labels[own])
            if noise is not None:
                sent = defended(sent, noise, generator)
            found = invert_gradients(model, sent, labels[own], images.shape[1:], config.search)
            apart = torch.cdist(found.flatten(1), images.flatten(1)).square() / found[0].numel()
            # Those of one label can be found in any order: the nearest of the batch counts.
            errors += apart[:, own].min(dim=1).values.tolist()
            hits += [start <= int(place) < start + batch for place in apart.argmin(dim=1)]
        at = {"batch": batch} if noise is None else {"batch": batch, "noise": noise}
        rows.append(Row(system, "squared_error", seed, sum(errors) / len(errors), at))
        rows.append(Row(system, "recognised", seed, sum(hits) / len(hits), at))
    mean = images.mean(dim=0, keepdim=True)
    guess = float((images[: config.pictures] - mean).square().mean())
    rows.append(Row("mean picture", "squared_error", seed, guess))
    return rows
