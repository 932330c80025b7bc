"""Scenes become pixels: OpenCV fills outlines on a finer grid, and averaging shrinks it.

A pixel that an edge crosses gets the mixture of both colours that its covered part asks for
(anti-aliasing), at any size of image.
"""

import functools
import math
from collections.abc import Sequence

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from mmbook.datasets.scenes.layout import Scene, SceneObject
from mmbook.datasets.streams import stream

BACKGROUND = (225, 225, 225)
RGB = {
    "red": (215, 35, 45),
    "orange": (250, 140, 20),
    "yellow": (250, 220, 40),
    "green": (35, 150, 65),
    "blue": (35, 90, 215),
    "purple": (145, 60, 180),
    "brown": (120, 75, 40),
    "grey": (125, 125, 125),
}
_FINER = 8  # so many lines of the finer grid make a pixel
_BITS = 4  # of a fraction, in OpenCV's fixed-point coordinates
_INSET = 0.5  # OpenCV also fills the pixels that the outline itself crosses: half a line too far

Contour = NDArray[np.float64]  # (vertices, 2), x and y


def backgrounds(names: Sequence[str], size: int, *, noise: float = 0.0) -> Tensor:
    """Grey images to draw on, with Gaussian noise of their own each.

    names: one an image; the same name gives the same noise. noise: standard deviation in [0, 1].
    Returns (n, 3, size, size) uint8.
    """
    plain = torch.tensor(BACKGROUND, dtype=torch.uint8)[:, None, None].expand(3, size, size)
    if noise == 0:
        return plain.expand(len(names), 3, size, size)
    made = torch.empty(len(names), 3, size, size, dtype=torch.uint8)
    for image, name in zip(made, names, strict=True):
        grain = torch.randn(3, size, size, generator=stream(f"background {name}", 0))
        image.copy_((plain + 255 * noise * grain).round().clamp(0, 255))
    return made


def render(scenes: Sequence[Scene], onto: Tensor) -> Tensor:
    """Draw each scene on an image of its own.

    onto: the backgrounds, (n, 3, size, size) uint8; they are not changed. Returns the same shape.
    Raises ValueError where the shape or the number of backgrounds is another.
    """
    if onto.ndim != 4 or onto.shape[0] != len(scenes) or onto.shape[1] != 3:
        raise ValueError(
            f"{len(scenes)} scenes need backgrounds ({len(scenes)}, 3, size, size), "
            f"got {tuple(onto.shape)}"
        )
    images = onto.clone(memory_format=torch.contiguous_format).numpy()
    for image, scene in zip(images, scenes, strict=True):
        for item in scene:
            rows, columns, covered = coverage(item, onto.shape[-1])
            below = image[:, rows, columns]
            colour = np.array(RGB[item.colour], dtype=np.float32)[:, None, None]
            below[:] = np.rint(below + covered * (colour - below))
    return torch.from_numpy(images)


def coverage(item: SceneObject, size: int) -> tuple[slice, slice, NDArray[np.float32]]:
    """Which part of each pixel an object covers, within the square around it.

    size: of the image, in pixels. Returns the square's rows and columns, and its
    (rows, columns) values in [0, 1].
    """
    (left, right), (top, bottom) = (
        (math.floor((middle - item.radius) * size), math.ceil((middle + item.radius) * size))
        for middle in (item.x, item.y)
    )
    fine = np.zeros(((bottom - top) * _FINER, (right - left) * _FINER), dtype=np.uint8)
    centre = np.array([item.x * size - left, item.y * size - top]) * _FINER
    points = [
        # OpenCV counts from the middle of the first pixel, places are counted from its edge.
        centre - 0.5 + item.radius * size * _FINER * vertices + _INSET * inwards
        for vertices, inwards in outline(item.shape)
    ]
    fixed = [np.rint(contour * 2**_BITS).astype(np.int32) for contour in points]
    cv2.fillPoly(fine, fixed, (255,), shift=_BITS)
    shrunk = cv2.resize(fine, (right - left, bottom - top), interpolation=cv2.INTER_AREA)
    covered = np.asarray(shrunk, dtype=np.float32) / np.float32(255)
    return slice(top, bottom), slice(left, right), covered


@functools.cache
def outline(shape: str) -> tuple[tuple[Contour, Contour], ...]:
    """The contours of a shape within the circle of radius 1 around (0, 0), y downwards.

    Each is (vertices, inwards): moving every vertex by d * inwards moves every edge inwards by d.
    """
    ends = {
        "circle": [_star(64, 1)],
        "square": [_star(4, 1, turn=0.5)],
        "triangle": [_star(3, 1)],
        "star": [_star(10, 0.45)],
        "diamond": [_star(4, 0.6)],
        "cross": [_cross(0.32)],
        "ring": [_star(64, 1), 0.55 * _star(64, 1)[::-1]],
        "heart": [_heart()],
    }
    return tuple((contour, _inwards(contour)) for contour in ends[shape])


def _star(points: int, inner: float, turn: float = 0.0) -> Contour:
    """Points around the middle, clockwise from the top, every other one at the radius `inner`."""
    angles = (np.arange(points) + turn) * 2 * np.pi / points
    radii = np.where(np.arange(points) % 2 == 0, 1, inner)[:, None]
    return radii * np.stack([np.sin(angles), -np.cos(angles)], 1)


def _cross(half: float) -> Contour:
    """A plus sign whose arms are 2 * half wide."""
    end = math.sqrt(1 - half**2)
    arm = np.array([[-half, -half], [-half, -end], [half, -end]])
    quarter = np.array([[0.0, 1.0], [-1.0, 0.0]])  # turns by 90 degrees clockwise
    return np.concatenate([arm @ np.linalg.matrix_power(quarter, turns) for turns in range(4)])


def _heart() -> Contour:
    """A well-known curve through sines and cosines, moved and scaled into the circle."""
    t = np.linspace(0, 2 * np.pi, 64, endpoint=False)
    x = 16 * np.sin(t) ** 3
    y = -13 * np.cos(t) + 5 * np.cos(2 * t) + 2 * np.cos(3 * t) + np.cos(4 * t)
    return np.stack([x, y - 1], 1) / 17.5


def _inwards(vertices: Contour) -> Contour:
    """For each vertex of a clockwise contour, how far it moves when its edges move by 1."""
    edges = np.roll(vertices, -1, axis=0) - vertices
    edges /= np.linalg.norm(edges, axis=1, keepdims=True)
    after = np.stack([-edges[:, 1], edges[:, 0]], 1)  # normals that point inwards
    before = np.roll(after, 1, axis=0)
    return (before + after) / (1 + (before * after).sum(1, keepdims=True))
