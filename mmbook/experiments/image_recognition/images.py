"""The images of each set."""

from mmbook.batch import Batch
from mmbook.datasets import load
from mmbook.datasets.digits.bank import load_bank


def load_images(name: str) -> tuple[Batch, Batch]:
    """Training and test samples of "digits", "MNIST" or "Fashion-MNIST".

    "image": (n, 1, height, width) in [0, 1]; targets: (n,). Digits are scikit-learn's, 8 x 8.
    Raises DataMissingError where the set is not on this machine.
    """
    if name == "digits":
        banks = (load_bank(split, image_size=8) for split in ("train", "test"))
        parts = [(bank.images, bank.image_labels) for bank in banks]
    else:
        known = "mnist" if name == "MNIST" else "fashion-mnist"
        sets = (load(known, "train"), load(known, "test"))
        parts = [(part.images.float() / 255, part.labels) for part in sets]
    train, test = (Batch({"image": images}, {"label": labels}) for images, labels in parts)
    return train, test
