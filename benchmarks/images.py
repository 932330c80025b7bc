"""The speed of step 1 for images."""

import tempfile
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import torch
import torchvision.transforms.v2 as transforms
from PIL import Image
from skimage import data
from torch import Tensor

from benchmarks.compare import compare
from mmbook.preprocessing.images.augmentation import (
    jitter_colour,
    random_affine,
    random_crop,
    random_flip,
    random_resized_crop,
)
from mmbook.preprocessing.images.files import read_images

FILES, SIZE = 60, 112


def one_by_one(transform: Callable[[Tensor], Tensor], images: Tensor) -> Tensor:
    """What a loader of single samples does: transform each image, then stack them."""
    return torch.stack([transform(image) for image in images])


def augmentation() -> None:
    """Batches against torchvision's v2 transforms, one image after another, on the CPU."""
    digits, colour, large = (
        torch.rand(shape) for shape in ((256, 1, 28, 28), (256, 3, 32, 32), (32, 3, 128, 128))
    )
    bilinear = transforms.InterpolationMode.BILINEAR
    affine = transforms.RandomAffine((-15, 15), (0.1, 0.1), (0.9, 1.1), interpolation=bilinear)
    flip = transforms.RandomHorizontalFlip()
    resized = {size: transforms.RandomResizedCrop(size, (0.35, 1.0)) for size in (32, SIZE)}
    small = transforms.Compose([resized[32], flip, transforms.ColorJitter(0.4, 0.4, 0.4)])
    compare(
        "affine of 256 at 28 px / torchvision",
        lambda: random_affine(digits),
        lambda: one_by_one(affine, digits),
    )
    compare(
        "resized crop, flip, colour of 256 at 32 px / torchvision",
        lambda: jitter_colour(random_resized_crop(colour, 32)),
        lambda: one_by_one(small, colour),
    )
    compare(
        f"resized crop and flip of 32 at {SIZE} px / torchvision",
        lambda: random_resized_crop(large, SIZE),
        lambda: one_by_one(transforms.Compose([resized[SIZE], flip]), large),
    )
    compare(
        f"integer crop and flip of 32 at {SIZE} px / torchvision's",
        lambda: random_flip(random_crop(large, SIZE)),
        lambda: one_by_one(transforms.Compose([transforms.RandomCrop(SIZE), flip]), large),
    )
    compare(
        f"integer crop and flip of 32 at {SIZE} px / resized crop of torchvision",
        lambda: random_flip(random_crop(large, SIZE)),
        lambda: one_by_one(transforms.Compose([resized[SIZE], flip]), large),
    )


def decoding() -> None:
    """A folder of JPEGs, 640 x 480, to one tensor, against Pillow, plain and at its fastest."""
    photographs = [data.astronaut(), data.coffee(), data.chelsea(), data.rocket()]
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / f"{index:03}.jpg" for index in range(FILES)]
        for index, path in enumerate(paths):
            photograph = cv2.resize(photographs[index % 4], (640, 480))
            Image.fromarray(np.roll(photograph, index, axis=1)).save(path, quality=90)

        def pillow(draft: bool) -> np.ndarray:
            return np.stack([_with_pillow(path, draft) for path in paths])

        name = f"{FILES} JPEGs to {SIZE} px / Pillow"
        compare(name, lambda: read_images(paths, SIZE), lambda: pillow(False))
        compare(f"{name} with draft", lambda: read_images(paths, SIZE), lambda: pillow(True))


def _with_pillow(path: Path, draft: bool) -> np.ndarray:
    """Decode one file, at a fraction of its size where `draft`, and resize it."""
    with Image.open(path) as image:
        if draft:
            image.draft("RGB", (2 * SIZE, 2 * SIZE))
        return np.asarray(image.convert("RGB").resize((SIZE, SIZE), Image.Resampling.BILINEAR))


BENCHMARKS = (augmentation, decoding)
