"""Real handwriting, drawn again with our pen: the network of the first page still reads it."""

import numpy as np
import torch
from skimage.morphology import skeletonize

from mmbook.datasets import load
from tools.live.drawing import image_of
from tools.live.models import MODELS

RIGHT, DOWN = (1, 0), (0, 1)
NEIGHBOURS = (RIGHT, DOWN, (1, 1), (-1, 1))


def strokes_of(image: np.ndarray) -> list[list[tuple[int, int]]]:
    """Lines between neighbouring pixels of a digit's middle line; no diagonal across a corner."""
    y, x = np.nonzero(skeletonize(image > 100))
    points = set(zip(x.tolist(), y.tolist(), strict=True))
    return [
        [(a, b), (a + i, b + j)]
        for a, b in points
        for i, j in NEIGHBOURS
        if (a + i, b + j) in points
        and not (i and j and ((a + i, b) in points or (a, b + j) in points))
    ] or [[point] for point in points]


def test_digits_of_the_test_file_are_read_when_drawn_with_the_page_s_pen() -> None:
    test = load("mnist", "test")
    chosen = np.random.default_rng(0).permutation(10_000)[:1_000]
    images = [image_of(strokes_of(test.images[i, 0].numpy())) for i in chosen]
    with torch.no_grad():
        read = MODELS["mnist"]().module(torch.from_numpy(np.stack(images))[:, None]).argmax(1)
    assert (read == test.labels[chosen]).float().mean() >= 0.965
