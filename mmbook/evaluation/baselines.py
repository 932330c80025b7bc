"""What an answer is worth that needs no model."""

from torch import Tensor


def majority_accuracy(targets: Tensor, chosen_on: Tensor | None = None) -> float:
    """The accuracy of always naming one class, the most frequent one of `chosen_on`.

    targets, chosen_on: (n,) classes from 0 up. Without `chosen_on` the class is the most frequent
    one of the targets themselves, which no constant answer beats. Raises ValueError for none.
    """
    chosen_on = targets if chosen_on is None else chosen_on
    if not len(targets) or not len(chosen_on):
        raise ValueError("there are no targets to name a class for")
    return (targets == chosen_on.bincount().argmax()).sum().item() / len(targets)
