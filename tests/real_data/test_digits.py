import time

import pytest
import torch

from mmbook.datasets.digits.bank import SPLITS, load_bank
from mmbook.datasets.digits.items import Corruption, draw
from mmbook.datasets.real.mnist import FASHION_MNIST, MNIST, load_mnist


@pytest.fixture(scope="module")
def banks():
    loaded = {}
    for split in SPLITS:
        start = time.perf_counter()
        loaded[split] = load_bank(split, "full")
        print(f"full tier, {split}: {time.perf_counter() - start:.2f} s")
    return loaded


@pytest.mark.parametrize(
    ("dataset", "mean", "std"), [(MNIST, 0.1307, 0.3081), (FASHION_MNIST, 0.2860, 0.3530)]
)
def test_official_counts_and_published_moments(dataset, mean, std):
    images, labels = load_mnist("train", dataset)
    assert images.shape == (60_000, 28, 28)
    assert load_mnist("t10k", dataset)[0].shape == (10_000, 28, 28)
    assert labels.unique().tolist() == list(range(10))
    pixels = images.float() / 255
    assert float(pixels.mean()) == pytest.approx(mean, abs=1e-4)
    assert float(pixels.std()) == pytest.approx(std, abs=1e-4)


def test_counts(banks):
    assert [len(banks[split].images) for split in SPLITS] == [55_000, 5000, 10_000]
    assert [len(banks[split].clips) for split in SPLITS] == [1800, 200, 1000]
    for bank in banks.values():
        assert bank.clip_labels.bincount().tolist() == [len(bank.clips) // 10] * 10
        assert bank.images.shape[1:] == (1, 28, 28)


def test_no_speaker_is_in_training_and_test(banks):
    speakers = {split: set(bank.voices) for split, bank in banks.items()}
    assert speakers["train"] == speakers["validation"] == {"george", "jackson", "lucas", "nicolas"}
    assert speakers["test"] == {"theo", "yweweler"}


def test_no_recording_is_in_two_splits(banks):
    seen = [{clip.numpy().tobytes() for clip in banks[split].clips} for split in SPLITS]
    assert not seen[0] & seen[1]
    assert not seen[0] & seen[2]
    assert not seen[1] & seen[2]


def test_draws(banks):
    spoilt = Corruption(image_noise=0.5, audio_snr_db=(-8.0, 8.0), text_mask=0.5)
    start = time.perf_counter()
    samples = draw(banks["train"], 2000, corruption=spoilt, seed=1)
    print(f"2000 samples of the full tier: {time.perf_counter() - start:.2f} s")
    assert samples.inputs["image"].shape == (2000, 1, 28, 28)
    assert samples.inputs["audio"].shape == (2000, 32, 40)
    assert torch.isfinite(samples.inputs["audio"]).all()
