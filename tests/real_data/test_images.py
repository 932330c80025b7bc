"""Reading, checking and comparing real images."""

import time
from pathlib import Path

import torch

from mmbook.preprocessing.images.files import find_broken, read_image, read_images
from mmbook.preprocessing.images.near_duplicates import near_duplicates, perceptual_hash
from mmbook.preprocessing.images.transforms import FITS
from mmbook.preprocessing.standardiser import Standardiser


def files(folder: Path, ending: str) -> list[Path]:
    return sorted(folder.rglob(f"*.{ending}"))


def test_photographs_of_any_shape_become_one_tensor(real_data: Path) -> None:
    photographs = files(real_data / "coco-cc", "jpg")
    assert len(photographs) == 111 and find_broken(photographs) == {}
    for fit in FITS:
        images = read_images(photographs, 112, fit=fit)
        assert images.shape == (111, 3, 112, 112) and images.dtype == torch.uint8
    unit = read_images(photographs, 112, fit="crop").float() / 255
    standardise = Standardiser.fit(unit, axis=1)
    print("coco-cc, mean and deviation:", standardise.mean.flatten(), standardise.std.flatten())
    # Photographs of the world at large: not far from ImageNet's 0.485 0.456 0.406, 0.23.
    assert (standardise.mean.flatten() - torch.tensor([0.485, 0.456, 0.406])).abs().max() < 0.05
    assert (standardise.std.flatten() - 0.26).abs().max() < 0.05
    torch.testing.assert_close(standardise.undo(standardise(unit)), unit, atol=1e-5, rtol=0)


def test_no_photograph_is_there_twice_and_two_pairs_of_flickr8k_are(real_data: Path) -> None:
    assert (
        near_duplicates(perceptual_hash(read_images(files(real_data / "coco-cc", "jpg"), 64))) == []
    )
    start = time.perf_counter()
    images = read_images(files(real_data / "flickr8k", "jpg"), 64)
    groups = near_duplicates(perceptual_hash(images))
    print(
        f"flickr8k read and compared in {time.perf_counter() - start:.1f} s: {len(groups)} groups"
    )
    assert len(images) == 8091 and len(groups) == 2 and all(len(group) == 2 for group in groups)


def test_the_transparent_part_of_an_emoji_is_white(real_data: Path) -> None:
    emoji = files(real_data / "emoji", "png")
    corners = [read_image(path)[0, 0].tolist() for path in emoji[:200]]
    assert sum(corner == [255, 255, 255] for corner in corners) > 150
