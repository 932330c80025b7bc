"""The drawing of a picture's way: the shapes that it writes are those of the package's steps."""

import numpy as np

from mmbook.plotting.concepts.pictures import STEPS, TRAINING_ONLY, draw_pipeline
from mmbook.preprocessing.images.patches import to_patches
from mmbook.preprocessing.images.transforms import centre_crop, to_tensor


def test_every_step_and_its_shape_are_drawn() -> None:
    words = [text.get_text() for text in draw_pipeline().texts]
    for name, shape, numbers in STEPS:
        assert name in words and f"{shape}   ({numbers})" in words
    assert words.count("only in training") == 1 and TRAINING_ONLY in words


def test_shapes_have_as_many_sides_as_the_package_gives() -> None:
    sides = {name: len(shape.split(" × ")) for name, shape, _ in STEPS}
    cropped = centre_crop(np.zeros((40, 60, 3), np.uint8), 32)
    batch = to_tensor(cropped[None])
    assert sides["resize, crop or pad"] == cropped.ndim and sides["to tensor"] == batch.ndim
    assert sides["cut into patches"] == to_patches(batch, 16).ndim
