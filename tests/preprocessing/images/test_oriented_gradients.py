"""Which way brightness rises, pixel by pixel; what cannot be used is refused."""

import math

import pytest
import torch

from mmbook.preprocessing.images.oriented_gradients import oriented_gradients
from mmbook.preprocessing.images.transforms import ImageError


def slowly(image: torch.Tensor, cell: int, directions: int) -> torch.Tensor:
    """The same by loops over pixels and cells."""
    rows, columns = image.shape

    def at(i: int, j: int) -> float:
        return float(image[i, j]) if 0 <= i < rows and 0 <= j < columns else 0.0

    shared = torch.zeros(directions, rows, columns)
    for i in range(rows):
        for j in range(columns):
            across, down = at(i, j + 1) - at(i, j - 1), at(i + 1, j) - at(i - 1, j)
            place = math.atan2(down, across) / (2 * math.pi) * directions % directions
            low = int(place) % directions
            share, size = place - int(place), math.hypot(across, down)
            shared[low, i, j] += size * (1 - share)
            shared[(low + 1) % directions, i, j] += size * share
    places = [range(0, rows, cell), range(0, columns, cell)]
    cells = torch.zeros(directions, len(places[0]), len(places[1]))
    for a, i in enumerate(places[0]):
        for b, j in enumerate(places[1]):
            rows_here = slice(max(0, i - cell + 1), i + cell)
            total = shared[:, rows_here, max(0, j - cell + 1) : j + cell].sum(dim=(1, 2))
            cells[:, a, b] = total / (2 * cell - 1) ** 2
    strength = cells.square().sum(dim=0)
    for a in range(cells.shape[1]):
        for b in range(cells.shape[2]):
            near = strength[max(0, a - 1) : a + 2, max(0, b - 1) : b + 2].sum() / 9
            cells[:, a, b] /= near.sqrt() + 0.02
    cells -= cells.mean(dim=0)
    return cells.flatten() / cells.norm()


@pytest.mark.parametrize(("size", "cell", "directions"), [(8, 2, 8), (8, 4, 4), (7, 3, 6)])
def test_it_is_what_loops_find(size: int, cell: int, directions: int) -> None:
    images = torch.rand(3, 1, size, size, generator=torch.Generator().manual_seed(size))
    found = oriented_gradients(images, cell, directions)
    for row, image in zip(found, images, strict=True):
        torch.testing.assert_close(row, slowly(image[0], cell, directions), atol=1e-5, rtol=1e-4)


def test_an_empty_image_has_no_direction_and_a_turned_one_others() -> None:
    assert torch.equal(oriented_gradients(torch.zeros(1, 1, 8, 8), 2), torch.zeros(1, 16 * 8))
    ramp = torch.linspace(0, 1, 8).expand(1, 1, 8, 8)
    middle = oriented_gradients(ramp, 2).view(8, 4, 4)[:, 1:3, 1:3]
    assert middle.sum(0).abs().max() < 1e-6 and (middle[1:] < 0).all() and (middle[0] > 0).all()
    down = oriented_gradients(ramp.transpose(2, 3), 2).view(8, 4, 4)[:, 1:3, 1:3]
    assert down.flatten(1).sum(1).argmax() == 2


def test_what_cannot_be_used_is_refused() -> None:
    for images in (torch.zeros(1, 3, 8, 8), torch.zeros(8, 8), torch.zeros(0, 1, 8, 8)):
        with pytest.raises(ImageError, match="images must be"):
            oriented_gradients(images)
    with pytest.raises(ImageError):
        oriented_gradients(torch.zeros(1, 1, 8, 8, dtype=torch.uint8))
    for cell, directions in ((0, 8), (2, 0)):
        with pytest.raises(ImageError, match="at least 1"):
            oriented_gradients(torch.zeros(1, 1, 8, 8), cell, directions)
