"""How well a language model predicts text."""

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from mmbook.batch import Batch
from mmbook.layers.modes import evaluating
from mmbook.losses import IGNORED
from mmbook.losses.cross_entropy import class_targets


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
            targets = class_targets(batch.targets["next"][:, : logits.shape[1]])
            counted = targets != IGNORED
            logs = cross_entropy(logits[counted].float(), targets[counted], reduction="none")
            found.append(-logs.cpu())
    return torch.cat(found).double()


def perplexity(log_probabilities: Tensor) -> float:
    """exp of the mean of −log p: among how many equally likely tokens would it be as unsure?

    Infinity where a token has no probability, or where it is above the largest float, about
    1.8e308. Raises ValueError where there is no token, or a number is above 0 or none.
    """
    if log_probabilities.is_complex() or log_probabilities.dtype == torch.bool:
        raise ValueError(f"log probabilities must be numbers, not {log_probabilities.dtype}")
    logs = log_probabilities.double()
    if not logs.numel() or not (logs <= 1e-6).all():
        raise ValueError("log probabilities must be numbers of at most 0, and one or more of them")
    return logs.mean().neg().exp().item()


def mix(ours: Tensor, theirs: Tensor, weight: float) -> Tensor:
    """log(weight · p + (1 − weight) · q) from log p and log q of the same tokens, float64.

    Raises ValueError where the weight is not in [0, 1] or the numbers of tokens differ.
    """
    if not 0 <= weight <= 1 or ours.shape != theirs.shape:
        raise ValueError(
            "a mixture needs a weight from 0 to 1 and the same tokens, not "
            f"{weight} and {tuple(ours.shape)}, {tuple(theirs.shape)}"
        )
    logs = torch.tensor([weight, 1 - weight], dtype=torch.float64).log()
    return torch.logaddexp(ours.double() + logs[0], theirs.double() + logs[1])


def best_weight(ours: Tensor, theirs: Tensor, steps: int = 20) -> float:
    """The weight 0, 1/steps, ... 1 of `ours` with which the mixture has the least perplexity.

    Choose it on text that is neither trained on nor tested on. Raises ValueError without steps.
    """
    if steps < 1:
        raise ValueError(f"steps must be 1 or more, not {steps}")
    weights = [step / steps for step in range(steps + 1)]
    return min(weights, key=lambda weight: perplexity(mix(ours, theirs, weight)))
