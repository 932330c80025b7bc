"""Images of digits and clothes, as samples."""

from typing import Literal

from mmbook.batch import Batch
from mmbook.datasets.digits.bank import load_bank
from mmbook.datasets.real.mnist import load_labelled

_REAL: dict[str, Literal["mnist", "fashion-mnist"]] = {
    "MNIST": "mnist",
    "Fashion-MNIST": "fashion-mnist",
}


def load_images(name: str) -> tuple[Batch, Batch]:
    """Training and test samples of "digits", "MNIST" or "Fashion-MNIST".

    "image": (n, 1, height, width) in [0, 1]; targets: (n,). Digits are scikit-learn's, 8 x 8.
    Raises DataMissingError where the set is not on this machine, and ValueError for another name.
    """
    if name == "digits":
        banks = (load_bank(split, image_size=8) for split in ("train", "test"))
        parts = [(bank.images, bank.image_labels) for bank in banks]
    elif name in _REAL:
        sets = (load_labelled(_REAL[name], split) for split in ("train", "test"))
        parts = [(part.images.float() / 255, part.labels) for part in sets]
    else:
        raise ValueError(f"no images {name!r}; there are: digits, {', '.join(_REAL)}")
    train, test = (Batch({"image": images}, {"label": labels}) for images, labels in parts)
    return train, test
