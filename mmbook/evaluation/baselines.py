"""What an answer is worth that needs no model."""

from torch import Tensor

from mmbook.evaluation.metrics import class_numbers

_CLASSES = 2**31  # more than there are


def majority_accuracy(targets: Tensor, chosen_on: Tensor | None = None) -> float:
    """The accuracy of always naming one class, the most frequent one of `chosen_on`.

    targets, chosen_on: (n,) classes from 0 up. Without `chosen_on` the class is the most frequent
    one of the targets themselves, which no constant answer beats. Raises ValueError for none,
    and for what are no classes.
    """
    chosen_on = targets if chosen_on is None else chosen_on
    if not targets.numel() or not chosen_on.numel():
        raise ValueError("there are no targets to name a class for")
    targets = class_numbers(targets, _CLASSES)
    chosen_on = class_numbers(chosen_on, _CLASSES, "chosen_on")
    return (targets == chosen_on.bincount().argmax()).sum().item() / len(targets)
