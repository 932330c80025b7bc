"""Predictions of a model and what they are worth."""

import torch
from torch import Tensor, nn

from mmbook.batch import Source, batches, outputs_of
from mmbook.layers.modes import evaluating


@torch.no_grad()
def predict(model: nn.Module, samples: Source, batch_size: int = 500) -> Tensor:
    """The model's outputs for all samples, in evaluation mode, on the CPU.

    Runs on the device that the model is on and leaves every part in the mode that it was in.
    Raises ValueError where there are no samples, or for a batch size below 1.
    """
    if len(samples) == 0:
        raise ValueError("there are no samples to predict")
    device = next((p.device for p in model.parameters()), torch.device("cpu"))
    with evaluating(model):
        parts = batches(samples, batch_size)
        return torch.cat([outputs_of(model, batch.to(device)).cpu() for batch in parts])


def class_numbers(labels: Tensor, classes: int, name: str = "targets") -> Tensor:
    """Labels of any real type as int64, so that what is computed with them cannot overflow.

    labels: (n,). Raises ValueError where they are not whole numbers in [0, classes).
    """
    # Compared as int64: a bound such as 300 would itself overflow in the type of uint8 labels.
    if labels.ndim == 1 and not labels.is_complex():
        numbers = labels.to(torch.int64)
        if ((numbers >= 0) & (numbers < classes) & (numbers == labels.double())).all():
            return numbers
    raise ValueError(f"{name} must be classes (n,), whole numbers in [0, {classes})")


def checked_scores(scores: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
    """Scores (n, classes) as float64 and targets (n,) as int64, whatever types they came in.

    Raises ValueError on other shapes, no samples, NaN, infinity, or a target that is no class.
    """
    if scores.ndim != 2 or targets.shape != scores.shape[:1] or len(scores) == 0:
        raise ValueError(
            "scores must be (n, classes) and targets (n,) with n > 0, "
            f"not {tuple(scores.shape)} and {tuple(targets.shape)}"
        )
    if scores.is_complex() or not scores.isfinite().all():
        raise ValueError("scores must be finite real numbers, but hold NaN or infinity")
    return scores.double(), class_numbers(targets, scores.shape[1])


def accuracy(scores: Tensor, targets: Tensor) -> float:
    """The fraction of samples whose highest score is at the right class.

    scores: (n, classes); targets: (n,). Raises ValueError as `checked_scores` does.
    """
    scores, targets = checked_scores(scores, targets)
    return (scores.argmax(dim=1) == targets).double().mean().item()


def confusion_matrix(predicted: Tensor, targets: Tensor, classes: int) -> Tensor:
    """(classes, classes) counts: row the true class, column the predicted one; both inputs (n,).

    Raises ValueError on other shapes or a class out of range.
    """
    if predicted.shape != targets.shape:
        raise ValueError(
            f"predicted and targets must be classes (n,) in [0, {classes}), of one n, not "
            f"{tuple(predicted.shape)} and {tuple(targets.shape)}"
        )
    columns, rows = class_numbers(predicted, classes, "predicted"), class_numbers(targets, classes)
    return torch.bincount(rows * classes + columns, minlength=classes**2).reshape(classes, classes)


def expected_calibration_error(scores: Tensor, targets: Tensor, bins: int = 15) -> float:
    """How far confidence is from accuracy: the expected calibration error, from 0 to 1.

    scores: (n, classes) logits; targets: (n,). Samples are binned by the probability of the
    predicted class; the error is the mean of |accuracy - confidence| over bins, weighted by their
    sizes. Raises ValueError as `accuracy` does, and without a bin. Source: Guo et al. 2017.
    """
    if bins < 1:
        raise ValueError(f"calibration needs one bin or more, not {bins}")
    scores, targets = checked_scores(scores, targets)
    confidence, predicted = scores.softmax(dim=1).max(dim=1)
    right = (predicted == targets).double()
    bin_of = (confidence * bins).long().clamp(max=bins - 1)
    gaps = right.new_zeros(bins).index_add(0, bin_of, right - confidence)
    return (gaps.abs().sum() / len(targets)).item()
