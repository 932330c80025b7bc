"""Augmentation: shapes, ranges and randomness for all; values against OpenCV and torchvision."""

import math

import cv2
import numpy as np
import pytest
import torch
import torch.nn.functional as F
import torchvision.transforms.v2.functional as V
from hypothesis import given, settings
from hypothesis import strategies as st

from mmbook.preprocessing.images.augmentation import (
    affine_matrices,
    jitter_colour,
    mixup,
    random_affine,
    random_crop,
    random_erase,
    random_flip,
    random_resized_crop,
    warp,
)
from mmbook.preprocessing.images.resampling import resample
from mmbook.preprocessing.images.transforms import ImageError

SIZE = 6
CHANGES = {
    "flip": random_flip,
    "crop": lambda images, generator: random_crop(images, SIZE, generator),
    "resized crop": lambda images, generator, **options: random_resized_crop(
        images, SIZE, generator, **options
    ),
    "affine": random_affine,
    "colour": jitter_colour,
    "erase": random_erase,
    "mixup": lambda images, generator, **options: mixup(
        images, torch.zeros(len(images)).long(), 2, generator, **options
    )[0],
}


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


def images(*shape, seed=0):
    return torch.rand(shape, generator=seeded(seed))


SHAPES = st.tuples(
    st.integers(0, 5), st.sampled_from([1, 3]), st.integers(SIZE, 20), st.integers(SIZE, 20)
)


@given(SHAPES, st.sampled_from(list(CHANGES)), st.integers(0, 100))
@settings(deadline=None)
def test_shapes_ranges_and_seeds(shape, name, seed):
    before = images(*shape)
    after = CHANGES[name](before, seeded(seed))
    size = (SIZE, SIZE) if "crop" in name else shape[2:]
    assert after.shape == (*shape[:2], *size) and after.dtype == torch.float32
    assert ((after >= -1e-6) & (after <= 1 + 1e-6)).all()
    assert after.equal(CHANGES[name](before, seeded(seed)))
    assert before.equal(images(*shape)), "the input was changed"


@pytest.mark.parametrize("name", CHANGES)
def test_each_image_is_changed_by_itself(name):
    same = images(1, 3, 20, 20).expand(64, -1, -1, -1)
    after = CHANGES[name](same, seeded())
    assert len(after.flatten(1).unique(dim=0)) >= 2 or name == "mixup"
    with pytest.raises(ImageError, match="channels"):
        CHANGES[name](torch.zeros(4, 20, 20), seeded())


@pytest.mark.parametrize("name", CHANGES)
def test_without_a_generator_the_global_stream_decides(name):
    batch = images(16, 3, 20, 20)
    results = []
    for seed in (1, 1, 2):
        torch.manual_seed(seed)
        results.append(CHANGES[name](batch, None))
    assert results[0].equal(results[1]) and not results[0].equal(results[2])


@given(SHAPES, st.floats(0, 1))
def test_a_flip_mirrors_or_leaves(shape, probability):
    before = (255 * images(*shape)).byte()
    after = random_flip(before, seeded(), probability)
    for old, new in zip(before, after, strict=True):
        assert new.equal(old) or new.equal(old.flip(-1))
    assert random_flip(before, seeded(), 0.0).equal(before)
    assert random_flip(before, seeded(), 1.0).equal(before.flip(-1))


def test_a_crop_is_a_piece_and_every_place_occurs():
    place = torch.arange(30).reshape(1, 1, 5, 6).expand(500, -1, -1, -1)
    crops = random_crop(place, 4, seeded())
    corners = crops[:, 0, 0, 0]
    assert (crops[:, 0] - corners[:, None, None]).eq(place[0, 0, :4, :4]).all()
    assert corners.unique().tolist() == [0, 1, 2, 6, 7, 8]
    for size in (0, 6):
        with pytest.raises(ImageError, match=f"a crop of {size} does not fit"):
            random_crop(place, size, seeded())


def test_the_whole_image_as_a_crop_is_resampling():
    batch = images(4, 3, 20, 20)
    whole = random_resized_crop(batch, 9, seeded(), area=(1, 1), aspect=(1, 1), mirror=0)
    torch.testing.assert_close(whole, resample(batch, 9, 9))
    mirrored = random_resized_crop(batch, 9, seeded(), area=(1, 1), aspect=(1, 1), mirror=1)
    torch.testing.assert_close(mirrored, resample(batch, 9, 9).flip(-1))


def test_a_resized_crop_reads_a_rectangle_of_the_wanted_size():
    ramp = torch.arange(100.0).expand(300, 1, 100, 100) / 100
    crops = random_resized_crop(ramp, 10, seeded(), area=(0.25, 0.25), aspect=(1, 1), mirror=0.5)
    widths = (crops[..., 0, -1] - crops[..., 0, 0])[:, 0] * 100 * 10 / 9
    torch.testing.assert_close(widths.abs(), torch.full((300,), 50.0), atol=2.0, rtol=0)
    assert 100 < (widths < 0).sum() < 200  # half of them are mirrored
    assert crops.min() < 0.06 and crops.max() > 0.94  # they lie anywhere


@given(st.floats(-math.pi, math.pi), st.floats(0.5, 2), st.floats(-4, 4), st.floats(-4, 4))
@settings(max_examples=30, deadline=None)
def test_warping_agrees_with_opencv(angle, scale, right, down):
    smooth = cv2.GaussianBlur(images(24, 30).numpy(), (0, 0), 2)
    centre = (11.0, 8.0)
    there = cv2.getRotationMatrix2D(centre, math.degrees(angle), scale)
    there[:, 2] += right, down
    expected = cv2.warpAffine(smooth, there, (30, 24), flags=cv2.INTER_LINEAR)
    matrices = affine_matrices(
        torch.tensor([angle]), torch.tensor([scale]), torch.tensor([[right, down]]), centre
    )
    np.testing.assert_allclose(matrices[0], cv2.invertAffineTransform(there), atol=1e-4)
    found = warp(torch.from_numpy(smooth)[None, None], matrices)[0, 0].numpy()
    inside = cv2.warpAffine(np.ones_like(smooth), there, (30, 24)) > 0.999
    assert np.abs(found - expected)[inside].max(initial=0) < 0.02  # OpenCV rounds to 1/32 pixel


def test_no_change_is_no_change():
    batch = images(3, 3, 9, 12)
    still = random_affine(batch, seeded(), degrees=0, scale=(1, 1), shift=0)
    torch.testing.assert_close(still, batch, atol=1e-5, rtol=0)
    torch.testing.assert_close(
        jitter_colour(batch, seeded(), brightness=0, contrast=0, saturation=0), batch
    )
    assert random_erase(batch, seeded(), probability=0).equal(batch)


def test_a_shift_of_whole_pixels_is_exact_and_padding_is_as_asked():
    batch = images(1, 1, 6, 7)
    matrices = affine_matrices(
        torch.zeros(1), torch.ones(1), torch.tensor([[2.0, 0.0]]), (3.0, 2.5)
    )
    moved = warp(batch, matrices)
    torch.testing.assert_close(moved[..., 2:], batch[..., :-2], atol=1e-5, rtol=0)
    assert moved[..., :2].abs().max() < 1e-5
    border = warp(batch, matrices, "border")
    torch.testing.assert_close(
        border[..., :2], batch[..., :1].expand(-1, -1, -1, 2), atol=1e-5, rtol=0
    )


@pytest.mark.parametrize("name", ["brightness", "contrast", "saturation"])
def test_colour_agrees_with_torchvision(name):
    batch = 0.4 + 0.2 * images(20, 3, 8, 8)  # nothing is cut off
    strengths = {key: 0.0 for key in ("brightness", "contrast", "saturation")} | {name: 0.5}
    changed = jitter_colour(batch, seeded(), **strengths)
    adjust = getattr(V, f"adjust_{name}")
    for before, after in zip(batch, changed, strict=True):
        at_half, at_twice = (adjust(before, factor) for factor in (0.5, 1.5))
        # Each is linear in its factor: find it by least squares, then all pixels must agree.
        step = at_twice - at_half
        factor = 0.5 + float(((after - at_half) * step).sum() / step.square().sum())
        assert 0.5 <= factor <= 1.5
        torch.testing.assert_close(after, adjust(before, factor), atol=2e-3, rtol=0)


def test_colour_of_grey_images_and_of_grey_things_stays_grey():
    assert jitter_colour(images(3, 1, 5, 5), seeded()).shape == (3, 1, 5, 5)
    grey = images(4, 1, 5, 5).expand(-1, 3, -1, -1)
    changed = jitter_colour(grey, seeded())
    torch.testing.assert_close(changed[:, 0], changed[:, 2], atol=1e-6, rtol=0)


@given(st.floats(0.05, 0.5), st.integers(0, 50))
@settings(deadline=None, max_examples=30)
def test_what_is_erased_is_one_rectangle_of_about_the_wanted_area(share, seed):
    batch = torch.ones(8, 3, 60, 60)
    erased = random_erase(
        batch, seeded(seed), probability=1, area=(share, share), aspect=(0.5, 2), fill=0.25
    )
    for image in erased:
        gone = image[0] == 0.25
        rows, columns = gone.any(1), gone.any(0)
        assert gone.equal(rows[:, None] & columns) and image.eq(image[:1]).all()
        assert float(gone.float().mean()) == pytest.approx(share, abs=0.06)


@given(st.integers(1, 20), st.integers(2, 6), st.floats(0.05, 4), st.booleans())
@settings(deadline=None)
def test_mixup_mixes_labels_as_it_mixes_images(n, classes, alpha, soft):
    targets = torch.arange(n) % classes
    truth = F.one_hot(targets, classes).float()
    batch = truth[:, None, None, :]  # each image shows its own label
    mixed, labels = mixup(batch, truth if soft else targets, classes, seeded(n), alpha=alpha)
    torch.testing.assert_close(labels, mixed[:, 0, 0])
    torch.testing.assert_close(labels.sum(1), torch.ones(n))
    assert torch.isfinite(F.cross_entropy(torch.randn(n, classes), labels))


def test_the_proportion_of_mixup_has_the_wanted_spread():
    truth = torch.arange(4000) % 2
    for alpha in (0.2, 1.0):
        _, labels = mixup(torch.zeros(4000, 1, 1, 1), truth, 2, seeded(), alpha=alpha)
        differing = labels[(labels > 1e-6).all(1), 0]
        # The variance of Beta(a, a) is 1 / (4 (2a + 1)); pairs of one label show none of it.
        expected = 1 / (4 * (2 * alpha + 1))
        assert float(differing.var()) == pytest.approx(expected, rel=0.12)


@pytest.mark.parametrize("value", [200.0, -0.1, float("nan")])
def test_colours_beyond_white_are_not_jittered(value):
    with pytest.raises(ImageError, match="between 0 and 1"):
        jitter_colour(torch.full((1, 3, 4, 4), value))


def test_mixup_of_classes_that_are_no_whole_numbers_or_without_alpha_is_refused():
    images = torch.rand(2, 3, 4, 4)
    with pytest.raises(ImageError, match="whole numbers"):
        mixup(images, torch.tensor([0.0, 1.7]), 2)
    for alpha in (0.0, -1.0, float("nan")):
        with pytest.raises(ImageError, match="alpha must be positive"):
            mixup(images, torch.tensor([0, 1]), 2, alpha=alpha)


def test_a_range_the_wrong_way_round_is_refused():
    with pytest.raises(ImageError, match=r"\(low, high\)"):
        random_affine(images(2, 1, 8, 8), seeded(), scale=(1.2, 0.8))


@pytest.mark.parametrize("kind", [torch.float16, torch.bfloat16, torch.float64])
def test_warp_finds_its_places_in_every_type(kind):
    images = torch.rand(1, 1, 4, 1200, generator=torch.Generator().manual_seed(0)).to(kind)
    shifted = torch.tensor([[[1.0, 0.0, 300.0], [0.0, 1.0, 0.0]]])
    found = warp(images, shifted)
    assert found.dtype == kind
    torch.testing.assert_close(found[..., :900], images[..., 300:], atol=1e-3, rtol=0)
    turned = random_affine(images.repeat(1, 1, 75, 1), torch.Generator().manual_seed(0))
    assert turned.dtype == kind and turned.isfinite().all()


@pytest.mark.parametrize(
    ("targets", "message"),
    [
        (torch.tensor([[0], [1]]), r"\(2,\) classes or \(2, 3\) probabilities, got .*\(2, 1\)"),
        (torch.tensor([0, 1, 2]), r"\(3,\)"),
        (torch.tensor([[0, 1, 2], [0, 0, 1]]), "sum to one"),
        (torch.tensor([[-1.0, 1, 1], [0, 0, 1]]), "sum to one"),
        (torch.full((2, 3), math.nan), "sum to one"),
        (torch.tensor([0, 3]), r"classes must lie in 0\.\.2, got \[0, 3\]"),
        (torch.tensor([0.0, 1.0]), "whole numbers"),
    ],
)
def test_targets_that_cannot_be_blended_are_refused(targets, message):
    with pytest.raises(ImageError, match=message):
        mixup(torch.rand(2, 3, 6, 6), targets, 3)


@pytest.mark.parametrize("number", [math.nan, math.inf])
def test_settings_that_are_no_numbers_are_refused(number):
    images = torch.rand(2, 3, 6, 6)
    for name in ("brightness", "contrast", "saturation"):
        with pytest.raises(ImageError, match="finite"):
            jitter_colour(images, **{name: number})
    for name in ("degrees", "shift"):
        with pytest.raises(ImageError, match="finite"):
            random_affine(images, **{name: number})
    with pytest.raises(ImageError, match="alpha must be positive and finite"):
        mixup(images, torch.tensor([0, 1]), 2, alpha=number)
    for scale in ((0, 0), (0, 1), (number, number)):
        with pytest.raises(ImageError, match=r"positive|finite"):
            random_affine(images, scale=scale)
        with pytest.raises(ImageError, match=r"positive|finite"):
            random_erase(images, aspect=scale)


BAD = {
    "share": (math.nan, -0.1, 1.1, None),
    "size": (math.nan, math.inf, -0.1, None),
    "shares": ((-0.1, 0.5), (0.5, 1.1), (0.5, math.nan), (0.5, 0.2), (0.5,), None),
    "ratios": ((0.0, 1.0), (1.0, -1.0), (1.0, math.nan), (1.0, math.inf), (2.0, 1.0), None),
}


@pytest.mark.parametrize(
    ("change", "name", "kind"),
    [
        (random_flip, "probability", "share"),
        (CHANGES["resized crop"], "mirror", "share"),
        (CHANGES["resized crop"], "area", "shares"),
        (CHANGES["resized crop"], "aspect", "ratios"),
        (random_affine, "degrees", "size"),
        (random_affine, "shift", "size"),
        (random_affine, "scale", "ratios"),
        (jitter_colour, "brightness", "size"),
        (jitter_colour, "contrast", "size"),
        (jitter_colour, "saturation", "size"),
        (random_erase, "probability", "share"),
        (random_erase, "area", "shares"),
        (random_erase, "aspect", "ratios"),
        (random_erase, "fill", "share"),
        (CHANGES["mixup"], "alpha", "size"),
    ],
)
def test_settings_out_of_their_range_are_named(change, name, kind):
    words = {"share": r"in \[0, 1\]", "shares": r"\(low, high\) .* in \[0, 1\]"}
    for value in BAD[kind]:
        with pytest.raises(ImageError, match=rf"^{name} must be .*{words.get(kind, '')}"):
            change(images(2, 3, 8, 8), seeded(), **{name: value})


@pytest.mark.parametrize("size", [2.5, math.nan, None])
def test_crops_of_a_size_that_is_not_whole_are_refused(size):
    for crop in (random_crop, random_resized_crop):
        with pytest.raises(ImageError, match=r"^size must be a whole number"):
            crop(images(2, 3, 8, 8), size, seeded())


@pytest.mark.parametrize("kind", [torch.float16, torch.bfloat16, torch.float64])
def test_colour_changes_alike_in_every_type(kind):
    images = torch.rand(2, 3, 6, 6, generator=torch.Generator().manual_seed(0))
    expected = jitter_colour(images, torch.Generator().manual_seed(1))
    found = jitter_colour(images.to(kind), torch.Generator().manual_seed(1))
    assert found.dtype == kind
    torch.testing.assert_close(found.float(), expected, atol=0.03, rtol=0)
