"""How well a language model predicts text."""

import math

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from mmbook.batch import Batch
from mmbook.layers.modes import evaluating
from mmbook.losses import IGNORED


@torch.no_grad()
def token_log_probabilities(model: nn.Module, samples: Batch, batch_size: int = 256) -> Tensor:
    """log p of each target that is not IGNORED, row after row: (counted,) float64 on the CPU.

    model(inputs): logits (batch, length, vocabulary); target "next": (batch, length or more), where
    the inputs may have been cut to the longest of a batch. Runs where the model is, in evaluation
    mode, and leaves every part in the mode that it was in.
    """
    device, found = next((p.device for p in model.parameters()), torch.device("cpu")), []
    with evaluating(model):
        for batch in samples.batches(batch_size):
            batch = batch.to(device)
            logits = model(batch.inputs)
            targets = batch.targets["next"][:, : logits.shape[1]]
            counted = targets != IGNORED
            logs = cross_entropy(logits[counted].float(), targets[counted], reduction="none")
            found.append(-logs.cpu())
    return torch.cat(found).double()


def perplexity(log_probabilities: Tensor) -> float:
    """exp of the mean of −log p: among how many equally likely tokens would it be as unsure?

    Raises ValueError where there is none, or one is above 0 or no number.
    """
    if not log_probabilities.numel() or not (log_probabilities <= 1e-6).all():
        raise ValueError("log probabilities must be numbers of at most 0, and one or more of them")
    return math.exp(-log_probabilities.double().mean())


def mix(ours: Tensor, theirs: Tensor, weight: float) -> Tensor:
    """log(weight · p + (1 − weight) · q) from log p and log q of the same tokens."""
    logs = torch.tensor([weight, 1 - weight], dtype=torch.float64).log()
    return torch.logaddexp(ours + logs[0], theirs + logs[1])


def best_weight(ours: Tensor, theirs: Tensor, steps: int = 20) -> float:
    """The weight 0, 1/steps, ... 1 of `ours` with which the mixture has the least perplexity.

    Choose it on text that is neither trained on nor tested on.
    """
    weights = [step / steps for step in range(steps + 1)]
    return min(weights, key=lambda weight: perplexity(mix(ours, theirs, weight)))
