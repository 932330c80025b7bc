import math
from collections.abc import Callable
from dataclasses import replace

import pytest
import torch
from torch import Tensor

from mmbook.datasets.catalogue import load
from mmbook.datasets.digits.av_mnist import (
    ENERGY,
    VARIANTS,
    Parts,
    draw,
    draw_pairs,
    load_parts,
    noisy,
)
from mmbook.datasets.digits.background import (
    Background,
    generated_background,
    recorded_background,
)
from mmbook.datasets.digits.bank import load_bank
from mmbook.datasets.entries import DataDamagedError, DataMissingError
from mmbook.preprocessing.audio.waveforms import measure_snr

PARTS = {variant: load_parts("mini", variant) for variant in VARIANTS}


def energy(images: Tensor, mean: Tensor) -> float:
    """The mean squared distance of images from an image."""
    return (images.double() - mean).square().flatten(1).sum(1).mean().item()


def test_three_quarters_of_the_energy_are_removed() -> None:
    before, after = load_bank("train").images, PARTS["takes"]["train"].images
    mean = before.double().mean(dim=0)
    assert energy(after, mean) == pytest.approx(ENERGY * energy(before, mean), rel=1e-5)
    assert after.double().mean(dim=0).sub(mean).abs().max() < 1e-6
    test = PARTS["takes"]["test"].images
    share = energy(test, mean) / energy(load_bank("test").images, mean)
    assert share == pytest.approx(ENERGY, abs=0.02)  # the components are those of the training


@pytest.mark.parametrize("variant", VARIANTS)
def test_nothing_is_in_two_splits(variant: str) -> None:
    parts = PARTS[variant].values()
    kinds: list[Callable[[Parts], Tensor]] = [
        lambda p: p.clips,
        lambda p: p.background.clips,
    ]
    for kind in kinds:
        found = [{row.numpy().tobytes() for row in kind(p)} for p in parts]
        assert sum(map(len, found)) == len(set.union(*found))
    assert [len(p.images) for p in parts] == [1000, 200, 597]  # of `load_bank`, which is tested
    assert sum(len(p.clips) for p in parts) == 24 * 10 * 6  # voices, words, takes
    for p in parts:
        assert set(p.clip_labels.tolist()) == set(range(10))


def test_speakers_are_the_same_or_others() -> None:
    heard = {v: [set(p.speakers) for p in parts.values()] for v, parts in PARTS.items()}
    assert heard["takes"][0] == heard["takes"][1] == heard["takes"][2]
    train, validation, test = heard["speakers"]
    assert not train & validation and not train & test and not validation & test
    assert (len(train), len(validation), len(test)) == (16, 2, 6)


@pytest.mark.parametrize("variant", VARIANTS)
def test_image_and_word_share_the_digit(variant: str) -> None:
    for parts in PARTS[variant].values():
        pairs = draw_pairs(parts, 300, seed=1)
        assert parts.image_labels[pairs.image].equal(pairs.digits)
        assert parts.clip_labels[pairs.clip].equal(pairs.digits)
        assert set(pairs.digits.tolist()) == set(range(10))


@pytest.mark.parametrize("snr_db", [-12.0, 0.0, 10.0])
def test_the_background_is_as_loud_as_asked(snr_db: float) -> None:
    parts = PARTS["takes"]["test"]
    pairs = draw_pairs(parts, 50, seed=2)
    clean = parts.clips[pairs.clip]
    ratio = measure_snr(clean, noisy(parts, pairs, snr_db) - clean)
    assert (ratio - snr_db).abs().max() < 0.01


def test_the_same_seed_gives_the_same_bytes_and_another_others() -> None:
    parts = PARTS["speakers"]["train"]
    first, again, other = (draw(parts, 40, seed=seed) for seed in (3, 3, 4))
    assert first.fingerprint() == again.fingerprint() != other.fingerprint()
    assert first.inputs["image"].shape == (40, 1, 28, 28)
    assert first.inputs["audio"].shape == (40, 32, 40)
    assert all(x.isfinite().all() and x.dtype == torch.float32 for x in first.inputs.values())
    loaded = load("av-mnist", "train", size=40, variant="speakers", seed=3)
    assert loaded.fingerprint() == first.fingerprint()


def test_other_noise_for_another_ratio_changes_nothing_else() -> None:
    parts = PARTS["takes"]["validation"]
    loud, soft = draw(parts, 20, snr_db=-20.0), draw(parts, 20, snr_db=20.0)
    assert loud.target.equal(soft.target)
    assert loud.inputs["image"].equal(soft.inputs["image"])
    assert not loud.inputs["audio"].equal(soft.inputs["audio"])


def test_pieces_begin_where_something_is_heard() -> None:
    clips = torch.zeros(2, 40_000)
    clips[0, 20_000:] = 1.0
    clips[1] = 0.5
    rows, starts = Background(clips, ("late", "steady")).cut(
        500, 6_400, torch.Generator().manual_seed(0)
    )
    assert set(rows.tolist()) == {0, 1}
    # A piece is 40 dB below the loudest at most: a ten thousandth of it may be heard.
    assert starts[rows == 0].min() >= 13_600
    assert starts[rows == 1].min() == 0
    assert starts.max() <= 33_600


def test_a_background_that_cannot_be_used_is_named() -> None:
    background, generator = generated_background("test"), torch.Generator()
    with pytest.raises(DataDamagedError, match="40000 samples: 50000 are needed"):
        background.cut(1, 50_000, generator)
    silent = replace(background, clips=background.clips.clone())
    silent.clips[3] = 0
    with pytest.raises(DataDamagedError, match="'white test 3' is silent"):
        silent.cut(1, 6_400, generator)


def test_pink_noise_falls_with_the_frequency() -> None:
    clips = generated_background("train").clips
    power = torch.fft.rfft(clips).abs().square()  # (n, bins of 0.2 Hz)
    low, high = power[:, 500:1000].mean(dim=1), power[:, 5000:10_000].mean(dim=1)
    assert (low / high)[:60].log2().abs().max() < 0.5
    assert ((low / high)[60:].log2() - math.log2(10)).abs().max() < 0.5  # ten times the frequency


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"split": "dev"}, "'dev'.*validation"),
        ({"tier": "large"}, "'large'.*mini, full"),
        ({"variant": "rooms"}, "'rooms'.*takes, speakers"),
        ({"size": 0}, "at least 1, got 0"),
    ],
    ids=["split", "tier", "variant", "size"],
)
def test_wrong_names_list_the_known_ones(change: dict, message: str) -> None:
    options = {"split": "test", "size": 1} | change
    with pytest.raises(ValueError, match=message):
        load("av-mnist", options.pop("split"), **options)


@pytest.mark.parametrize(
    ("load_part", "message"),
    [
        (lambda: load_parts("full"), r"MNIST[^\0]*download mnist"),
        (lambda: recorded_background("test"), r"ESC-10[^\0]*download esc-10"),
    ],
    ids=["images", "background"],
)
def test_a_missing_set_is_named(load_part, message: str, tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("MMBOOK_DATA", str(tmp_path / "none"))
    with pytest.raises(DataMissingError, match=message):
        load_part()
