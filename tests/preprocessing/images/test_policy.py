"""An augmentation policy: what it keeps, what it changes."""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from mmbook.batch import Batch
from mmbook.preprocessing.images.policy import Augmentation
from mmbook.preprocessing.images.transforms import ImageError


@settings(max_examples=25)
@given(
    count=st.integers(1, 4),
    side=st.integers(4, 12),
    degrees=st.sampled_from([0.0, 20.0]),
    margin=st.integers(0, 3),
    mirror=st.booleans(),
    erase=st.sampled_from([0.0, 1.0]),
)
def test_augmentation_keeps_shapes_ranges_and_targets(
    count: int, side: int, degrees: float, margin: int, mirror: bool, erase: float
) -> None:
    samples = Batch({"image": torch.rand(count, 1, side, side)}, {"label": torch.arange(count)})
    chance = Augmentation(degrees=degrees, margin=margin, mirror=mirror, erase=erase)
    torch.manual_seed(1)
    changed = chance(samples)
    images = changed.inputs["image"]
    assert images.shape == samples.inputs["image"].shape
    assert images.min() >= 0 and images.max() <= 1 + 1e-6
    assert changed.targets is samples.targets
    torch.manual_seed(1)
    assert chance(samples).inputs["image"].equal(images)
    if not (degrees or margin or mirror or erase):
        assert images.equal(samples.inputs["image"])


def test_each_part_of_the_augmentation_does_something() -> None:
    samples = Batch({"image": torch.rand(40, 1, 12, 12)}, {"label": torch.arange(40)})
    parts = [{"degrees": 9.0}, {"zoom": 0.2}, {"shift": 0.2}, {"margin": 2}, {"mirror": True}]
    for part in [*parts, {"erase": 1.0}]:
        changed = Augmentation(**part)(samples).inputs["image"]  # type: ignore[arg-type]
        assert (changed != samples.inputs["image"]).flatten(1).any(dim=1).sum() > 10, part


@pytest.mark.parametrize("name", ["degrees", "zoom", "shift", "margin", "erase"])
@pytest.mark.parametrize("value", [math.nan, math.inf, -1, None])
def test_a_policy_out_of_range_is_named(name: str, value: float | None) -> None:
    with pytest.raises(ImageError, match=f"^{name} must be a (finite|whole) number"):
        Augmentation(**{name: value})  # type: ignore[arg-type]
    for option in ({"zoom": 1.0}, {"margin": 1.5}, {"erase": 1.1}):
        with pytest.raises(ImageError, match=next(iter(option))):
            Augmentation(**option)  # type: ignore[arg-type]
