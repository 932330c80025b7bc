"""AV-MNIST from the real sets: what is removed, what is left, and that splits share nothing."""

from collections import Counter

import pytest
import torch

from mmbook.datasets.digits.av_mnist import ENERGY, VARIANTS, Parts, draw, load_parts
from mmbook.datasets.digits.bank import SPLITS, load_bank
from mmbook.preprocessing.images.principal_components import PrincipalComponents

SPEAKERS = {"george", "jackson", "lucas", "nicolas", "theo", "yweweler"}


@pytest.fixture(scope="module", params=VARIANTS)
def parts(request: pytest.FixtureRequest) -> tuple[str, dict[str, Parts]]:
    return request.param, load_parts("full", request.param)


def test_three_components_of_mnist_and_part_of_a_fourth_are_left() -> None:
    images = load_bank("train", "full").images
    components = PrincipalComponents.of(images)
    gains = components.gains(ENERGY)
    assert (gains == 1).sum() == 3 and (gains > 0).sum() == 4
    kept = components.keep(images, ENERGY).flatten(1).double() - components.mean
    left = kept.square().sum(1).mean() / components.variances.sum()
    assert left.item() == pytest.approx(ENERGY, abs=1e-4)


def test_what_each_split_holds(parts: tuple[str, dict[str, Parts]]) -> None:
    variant, splits = parts
    heard = {split: set(p.speakers) for split, p in splits.items()}
    clips = [len(splits[split].clips) for split in SPLITS]
    if variant == "takes":
        assert clips == [2400, 300, 300]
        assert all(speakers == SPEAKERS for speakers in heard.values())
        assert set(Counter(splits["test"].speakers).values()) == {50}  # takes 0-4 of ten digits
    else:
        assert clips == [1500, 500, 1000]
        assert heard["test"] == {"theo", "yweweler"} and heard["validation"] == {"nicolas"}
        assert heard["train"] == {"george", "jackson", "lucas"}
    assert [len(splits[split].background.clips) for split in SPLITS] == [160, 80, 80]
    assert [len(splits[split].images) for split in SPLITS] == [55_000, 5000, 10_000]


def test_no_recording_and_no_background_is_in_two_splits(
    parts: tuple[str, dict[str, Parts]],
) -> None:
    splits = [parts[1][split] for split in SPLITS]
    for found in (
        [{clip.numpy().tobytes() for clip in p.clips} for p in splits],
        [set(p.background.origins) for p in splits],
    ):
        assert not found[0] & found[1] and not found[0] & found[2] and not found[1] & found[2]


def test_samples_are_finite(parts: tuple[str, dict[str, Parts]]) -> None:
    samples = draw(parts[1]["test"], 500, seed=1)
    assert all(torch.isfinite(x).all() for x in samples.inputs.values())
    assert samples.inputs["audio"].shape == (500, 32, 40)
