"""The pictures of each set."""

from mmbook.datasets import load
from mmbook.datasets.digit_bank import load_bank
from mmbook.samples import Samples


def load_pictures(name: str) -> tuple[Samples, Samples]:
    """Training and test samples of "digits", "MNIST" or "Fashion-MNIST".

    "picture": (n, 1, height, width) in [0, 1]; targets: (n,). Digits are scikit-learn's, 8 x 8.
    Raises DataMissingError where the set is not on this machine.
    """
    if name == "digits":
        banks = (load_bank(split, picture_size=8) for split in ("train", "test"))
        parts = [(bank.pictures, bank.picture_labels) for bank in banks]
    else:
        known = "mnist" if name == "MNIST" else "fashion-mnist"
        sets = (load(known, "train"), load(known, "test"))
        parts = [(part.pictures.float() / 255, part.labels) for part in sets]
    train, test = (Samples({"picture": pictures}, labels) for pictures, labels in parts)
    return train, test
