"""MNIST and Fashion-MNIST: images of 28 x 28 grey pixels in the IDX format."""

import gzip
import math
import zlib
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from mmbook.datasets.collections import LabelledImages
from mmbook.datasets.real.base import DataDamagedError, DataMissingError, RealSet
from mmbook.datasets.real.real_sets import FASHION_MNIST, MNIST
from mmbook.datasets.splits import check_split

DIGITS = tuple("0123456789")
CLOTHES = (
    *("T-shirt/top", "Trouser", "Pullover", "Dress", "Coat"),
    *("Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"),
)
_PARTS = {"train": "train", "test": "t10k"}
_UNSIGNED_BYTE = 8


def read_idx(path: Path) -> NDArray[np.uint8]:
    """Read an IDX file of bytes, gzipped where its name ends in .gz.

    The format: two zero bytes, the type (8: unsigned byte), the rank, one big-endian 32-bit size
    a dimension, the values. Raises DataDamagedError where the file holds something else.
    """
    try:
        content = path.read_bytes()
        content = gzip.decompress(content) if path.suffix == ".gz" else content
    except (EOFError, OSError, zlib.error) as error:
        raise DataDamagedError(f"cannot unpack {path}: {error}; fetch it again") from error
    if len(content) < 4 or content[:3] != bytes((0, 0, _UNSIGNED_BYTE)):
        raise DataDamagedError(
            f"{path} is no IDX file of bytes: it should begin with 00 00 08, "
            f"but begins with {content[:4].hex(' ') or 'nothing'}"
        )
    start = 4 + 4 * content[3]
    sizes = [content[at : at + 4] for at in range(4, start, 4)]
    shape = tuple(int.from_bytes(size, "big") for size in sizes)
    if len(content) - start != math.prod(shape):
        raise DataDamagedError(
            f"{path} announces the shape {shape} but holds {max(0, len(content) - start)} values; "
            "it was probably cut short: fetch it again"
        )
    return np.frombuffer(content, dtype=np.uint8, offset=start).reshape(shape)


def load_mnist(part: str, dataset: RealSet = MNIST) -> tuple[Tensor, Tensor]:
    """Read the official training or test file.

    part: "train" (60 000) or "t10k" (10 000). Returns images (n, 28, 28) uint8 and labels (n,).
    Raises DataMissingError or DataDamagedError.
    """
    folder = dataset.locate()
    images = read_idx(_find(folder, f"{part}-images-idx3-ubyte"))
    labels = read_idx(_find(folder, f"{part}-labels-idx1-ubyte"))
    if images.ndim != 3 or labels.shape != images.shape[:1]:
        raise DataDamagedError(
            f"{folder} holds images {images.shape} and labels {labels.shape} for {part}: "
            "(n, 28, 28) and (n,) were expected"
        )
    if labels.size and labels.max() > 9:
        raise DataDamagedError(f"{folder} holds the label {labels.max()} for {part}: 0 to 9 exist")
    return torch.from_numpy(images.copy()), torch.from_numpy(labels.astype(np.int64))


def _find(folder: Path, name: str) -> Path:
    """The raw file, or else the gzipped one."""
    for path in (folder / name, folder / f"{name}.gz"):
        if path.is_file():
            return path
    raise DataMissingError(f"{folder} holds neither {name} nor {name}.gz: fetch the set again")


def load_labelled(name: str, split: str) -> LabelledImages:
    """MNIST ("mnist") or Fashion-MNIST ("fashion-mnist") in the publisher's split.

    split: "train" (60 000) or "test" (10 000). Images are (n, 1, 28, 28) uint8.
    """
    check_split(split, tuple(_PARTS))
    fashion = name == FASHION_MNIST.name
    images, labels = load_mnist(_PARTS[split], FASHION_MNIST if fashion else MNIST)
    return LabelledImages(images[:, None], labels, CLOTHES if fashion else DIGITS)
