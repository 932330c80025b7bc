"""MNIST and Fashion-MNIST: images of 28 x 28 grey pixels in the IDX format."""

import gzip
import hashlib
import math
import zlib
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from mmbook.datasets.collections import LabelledImages
from mmbook.datasets.entries import DataDamagedError, RealSet
from mmbook.datasets.fetching.published import packed, raw
from mmbook.datasets.splits import check_split

_MNIST = """
train-images-idx3-ubyte 9912422 440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609
  47040016 ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db
train-labels-idx1-ubyte 28881 3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c
  60008 65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5
t10k-images-idx3-ubyte 1648877 8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6
  7840016 0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7
t10k-labels-idx1-ubyte 4542 f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6
  10008 ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2
"""
_FASHION = raw("zalandoresearch/fashion-mnist", "b2617bb6d3ffa2e429640350f613e3291e10b141")
_FASHION_MNIST = """
train-images-idx3-ubyte 26421880 3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84
  47040016 c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888
train-labels-idx1-ubyte 29515 a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845
  60008 bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9
t10k-images-idx3-ubyte 4422102 346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073
  7840016 5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b
t10k-labels-idx1-ubyte 5148 67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5
  10008 0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34
"""
MNIST = RealSet(
    name="mnist",
    splits=("train", "test"),
    title="MNIST",
    what="70 000 handwritten digits, grey, 28 × 28 pixels. Official split: 60 000 train, 10 000 "
    "test, by different writers.",
    teaches="image recognition, and the images of the digits at full size",
    size="12 MB to download, 55 MB unpacked",
    licence="CC BY-SA 3.0",
    homepage="http://yann.lecun.com/exdb/mnist/",
    citations=("lecun1998gradient",),
    figures=(
        "mean 0.1307 and standard deviation 0.3081 of the training pixels, measured by the tests",
    ),
    folder="MNIST/raw",
    layout="four files such as train-images-idx3-ubyte, plain or .gz",
    sources=packed(
        _MNIST,
        "MNIST/raw",
        "https://ossci-datasets.s3.amazonaws.com/mnist",
        "https://storage.googleapis.com/cvdf-datasets/mnist",
    ),
)
FASHION_MNIST = RealSet(
    name="fashion-mnist",
    splits=("train", "test"),
    title="Fashion-MNIST",
    what="70 000 images of clothes in ten classes, grey, 28 × 28 pixels. Official split: 60 000 "
    "train, 10 000 test.",
    teaches="a harder drop-in for MNIST",
    size="31 MB to download, 55 MB unpacked",
    licence="MIT",
    homepage="https://github.com/zalandoresearch/fashion-mnist",
    citations=("xiao2017fashion",),
    figures=(
        "mean 0.2860 and standard deviation 0.3530 of the training pixels, measured by the tests",
        "test accuracy of two convolutions 91.6 %, ResNet-18 94.9 %, crowd workers 83.5 %, as the "
        "publishers list them {cite:p}`xiao2017fashion`",
    ),
    folder="FashionMNIST/raw",
    layout="four files such as train-images-idx3-ubyte, plain or .gz",
    sources=packed(
        _FASHION_MNIST,
        "FashionMNIST/raw",
        "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com",
        f"{_FASHION}/data/fashion",
    ),
)

DIGITS = tuple("0123456789")
CLOTHES = (
    *("T-shirt/top", "Trouser", "Pullover", "Dress", "Coat"),
    *("Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"),
)
_PARTS = {"train": "train", "test": "t10k"}
_UNSIGNED_BYTE = 8
_SIDE = 28


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
    Raises DataMissingError, or DataDamagedError where the files hold something else, down to
    another set in the same format: their digests must be those that the set's sources record.
    """
    folder = dataset.locate()
    names = f"{part}-images-idx3-ubyte", f"{part}-labels-idx1-ubyte"
    images, labels = (read_idx(_find(folder, name, dataset)) for name in names)
    if images.shape[1:] != (_SIDE, _SIDE) or labels.shape != images.shape[:1]:
        raise DataDamagedError(
            f"{folder} holds images {images.shape} and labels {labels.shape} for {part}: "
            "(n, 28, 28) and (n,) were expected"
        )
    if labels.size and labels.max() > 9:
        raise DataDamagedError(f"{folder} holds the label {labels.max()} for {part}: 0 to 9 exist")
    for name, values in zip(names, (images, labels), strict=True):
        _check_digest(folder / name, values, dataset)
    return torch.from_numpy(images.copy()), torch.from_numpy(labels.astype(np.int64))


def _check_digest(path: Path, values: NDArray[np.uint8], dataset: RealSet) -> None:
    """Raise DataDamagedError where the IDX file of these values is not what is recorded of it."""
    sizes = b"".join(size.to_bytes(4, "big") for size in values.shape)
    content = bytes((0, 0, _UNSIGNED_BYTE, values.ndim)) + sizes + values.tobytes()
    found = hashlib.sha256(content).hexdigest()
    for source in dataset.sources:
        recorded = source.contents and source.contents.sha256
        if Path(source.place).name == path.name and recorded not in (None, found):
            raise DataDamagedError(
                f"{path} is not the file of {dataset.title}: its sha256 is {found} instead of "
                f"{recorded}. To get it:\n    {dataset.way}"
            )


def _find(folder: Path, name: str, dataset: RealSet) -> Path:
    """The raw file, or else the gzipped one."""
    for path in (folder / name, folder / f"{name}.gz"):
        if path.is_file():
            return path
    raise dataset.incomplete(f"{folder} holds neither {name} nor {name}.gz")


def load_labelled(name: str, split: str) -> LabelledImages:
    """MNIST ("mnist") or Fashion-MNIST ("fashion-mnist") in the publisher's split.

    split: "train" (60 000) or "test" (10 000). Images are (n, 1, 28, 28) uint8.
    """
    check_split(split, tuple(_PARTS))
    fashion = name == FASHION_MNIST.name
    images, labels = load_mnist(_PARTS[split], FASHION_MNIST if fashion else MNIST)
    return LabelledImages(images[:, None], labels, CLOTHES if fashion else DIGITS)
