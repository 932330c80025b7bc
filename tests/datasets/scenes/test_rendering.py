from itertools import combinations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from mmbook.datasets.scenes.layout import SceneConfig, SceneObject, draw_scenes
from mmbook.datasets.scenes.rendering import BACKGROUND, RGB, backgrounds, coverage, outline, render
from mmbook.datasets.scenes.words import COLOURS, SHAPES
from mmbook.preprocessing.images.resampling import resample

SCENES = draw_scenes(SceneConfig(), "train", 40)
shapes = st.sampled_from(list(SHAPES))
places = st.floats(0.3, 0.7)


def area(shape):
    """Of a shape with the radius 1, by the shoelace formula; a hole runs the other way round."""
    total = 0.0
    for (x, y), _ in ((contour.T, inwards) for contour, inwards in outline(shape)):
        total += (x * np.roll(y, -1) - y * np.roll(x, -1)).sum() / 2
    return total


def on_plain(scenes, size):
    return render(scenes, backgrounds([""] * len(scenes), size))


@settings(max_examples=25)
@given(st.integers(16, 256), st.integers(0, 30))
def test_any_size(size, first):
    scenes = SCENES[first : first + 3]
    images = on_plain(scenes, size)
    assert images.shape == (3, 3, size, size)
    assert images.dtype == torch.uint8
    assert images.is_contiguous()
    shrunk = resample(images.float(), 16, 16, "area")
    small = on_plain(scenes, 16).float()
    assert (shrunk - small).abs().mean() < 4  # the same scene, of 255 levels; 17 to 16 blurs most


@settings(max_examples=60)
@given(shapes, places, places, st.floats(0.08, 0.2), st.integers(32, 128))
def test_pixels_are_covered_as_far_as_the_outline_says(shape, x, y, radius, size):
    item = SceneObject(shape, "red", "small", x, y, radius)
    rows, columns, covered = coverage(item, size)
    assert covered.shape == (rows.stop - rows.start, columns.stop - columns.start)
    assert covered.min() >= 0
    assert covered.max() <= 1
    pixels = radius * size  # an edge may be off by 1/16 of a pixel along an outline of 8 radii
    assert covered.sum() == pytest.approx(area(shape) * pixels**2, abs=0.5 * pixels)


@settings(max_examples=30)
@given(st.sampled_from(["circle", "square", "diamond", "cross", "ring"]), places, places)
def test_objects_lie_where_they_should_to_a_fraction_of_a_pixel(shape, x, y):
    rows, columns, covered = coverage(SceneObject(shape, "red", "", x, y, 0.12), 64)
    down, across = np.mgrid[rows, columns] + 0.5
    assert (covered * across).sum() / covered.sum() == pytest.approx(64 * x, abs=0.06)
    assert (covered * down).sum() / covered.sum() == pytest.approx(64 * y, abs=0.06)


@pytest.mark.parametrize("shape", list(SHAPES))
def test_edges_are_mixtures_and_the_inside_is_not(shape):
    _, _, covered = coverage(SceneObject(shape, "red", "", 0.503, 0.498, 0.301), 64)
    edge = (covered > 0) & (covered < 1)
    assert len(np.unique(covered[edge])) > 5 or shape in ("square", "cross")
    assert edge.sum() > 20
    assert (covered == 1).sum() > edge.sum()


def test_outlines_fit_the_circle_and_move_inwards():
    for shape in SHAPES:
        for contour, _ in outline(shape):
            assert np.linalg.norm(contour, axis=1).max() <= 1 + 1e-9
        moved = [contour + 0.01 * inwards for contour, inwards in outline(shape)]
        assert area(shape) > 1
        assert all(np.isfinite(contour).all() for contour in moved)
    (square, inwards), *_ = outline("square")
    np.testing.assert_allclose(np.abs(square + 0.1 * inwards), np.full((4, 2), 0.5**0.5 - 0.1))


def test_objects_do_not_overlap_on_the_image():
    for scene in SCENES:
        canvas = np.zeros((96, 96))
        for item in scene:
            rows, columns, covered = coverage(item, 96)
            canvas[rows, columns] += covered
        assert canvas.max() <= 1


def test_objects_have_their_colour_and_the_rest_is_background():
    for scene, image in zip(SCENES, on_plain(SCENES, 64), strict=True):
        empty = torch.ones(64, 64, dtype=torch.bool)
        for item in scene:
            rows, columns, covered = coverage(item, 64)
            inside = image[:, rows, columns][:, torch.from_numpy(covered == 1)]
            assert (inside == torch.tensor(RGB[item.colour])[:, None]).all()
            empty[rows, columns] &= torch.from_numpy(covered == 0)
        assert (image[:, empty] == torch.tensor(BACKGROUND)[:, None]).all()


def test_colours_are_far_from_each_other_and_from_the_background():
    assert set(RGB) == set(COLOURS)
    for one, other in combinations([*RGB.values(), BACKGROUND], 2):
        assert np.linalg.norm(np.subtract(one, other)) > 60


def test_noise_lies_behind_the_objects_and_follows_the_name():
    names = [str(number) for number in range(len(SCENES))]
    onto = backgrounds(names, 64, noise=0.05)
    assert onto.float().std() == pytest.approx(0.05 * 255, rel=0.1)
    assert torch.equal(onto[3:], backgrounds(names[3:], 64, noise=0.05))
    assert not torch.equal(onto[0], onto[1])
    before = onto.clone()
    images, plain = render(SCENES, onto), on_plain(SCENES, 64)
    assert torch.equal(onto, before)
    for scene, noisy, clean in zip(SCENES, images, plain, strict=True):
        rows, columns, covered = coverage(scene[0], 64)
        inside = torch.from_numpy(covered == 1)
        assert torch.equal(noisy[:, rows, columns][:, inside], clean[:, rows, columns][:, inside])


@pytest.mark.parametrize("shape", [(1, 3, 32, 32), (2, 1, 32, 32), (2, 3, 32)])
def test_backgrounds_of_another_shape_are_refused(shape):
    with pytest.raises(ValueError, match=r"need backgrounds \(2, 3, size, size\)"):
        render(SCENES[:2], torch.zeros(shape, dtype=torch.uint8))
