"""Predictions of a model and what they are worth."""

import torch
from torch import Tensor, nn

from mmbook.batch import Source, batches, outputs_of


@torch.no_grad()
def predict(model: nn.Module, samples: Source, batch_size: int = 500) -> Tensor:
    """The model's outputs for all samples, in evaluation mode, on the CPU.

    Runs on the device that the model is on and leaves the model in the mode that it was in.
    Raises ValueError where there are no samples, or for a batch size below 1.
    """
    if len(samples) == 0:
        raise ValueError("there are no samples to predict")
    device = next((p.device for p in model.parameters()), torch.device("cpu"))
    training = model.training
    model.eval()
    try:
        parts = batches(samples, batch_size)
        return torch.cat([outputs_of(model, batch.to(device)).cpu() for batch in parts])
    finally:
        model.train(training)


def _check(scores: Tensor, targets: Tensor) -> None:
    if scores.ndim != 2 or targets.shape != scores.shape[:1] or len(scores) == 0:
        raise ValueError(
            "scores must be (n, classes) and targets (n,) with n > 0, "
            f"not {tuple(scores.shape)} and {tuple(targets.shape)}"
        )
    if not scores.isfinite().all():
        raise ValueError("scores hold NaN or infinity")


def accuracy(scores: Tensor, targets: Tensor) -> float:
    """The fraction of samples whose highest score is at the right class.

    scores: (n, classes); targets: (n,). Raises ValueError on other shapes, no samples, or NaN.
    """
    _check(scores, targets)
    return (scores.argmax(dim=1) == targets).double().mean().item()


def confusion_matrix(predicted: Tensor, targets: Tensor, classes: int) -> Tensor:
    """(classes, classes) counts: row the true class, column the predicted one; both inputs (n,).

    Raises ValueError on other shapes or a class out of range.
    """
    labels = torch.stack([predicted, targets]) if predicted.shape == targets.shape else targets
    if labels.ndim != 2 or ((labels < 0) | (labels >= classes)).any():
        raise ValueError(f"predicted and targets must be classes (n,) in [0, {classes})")
    cells = targets * classes + predicted
    return torch.bincount(cells, minlength=classes**2).reshape(classes, classes)


def expected_calibration_error(scores: Tensor, targets: Tensor, bins: int = 15) -> float:
    """How far confidence is from accuracy: the expected calibration error, from 0 to 1.

    scores: (n, classes) logits; targets: (n,). Batch are binned by the probability of the
    predicted class; the error is the mean of |accuracy - confidence| over bins, weighted by their
    sizes. Raises ValueError as `accuracy` does. Source: Guo et al. 2017.
    """
    _check(scores, targets)
    confidence, predicted = scores.double().softmax(dim=1).max(dim=1)
    right = (predicted == targets).double()
    bin_of = (confidence * bins).long().clamp(max=bins - 1)
    gaps = torch.zeros(bins, dtype=torch.float64).index_add(0, bin_of, right - confidence)
    return (gaps.abs().sum() / len(targets)).item()
