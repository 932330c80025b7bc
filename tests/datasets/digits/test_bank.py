from dataclasses import replace

import pytest
import torch
from sklearn.datasets import load_digits

from mmbook.datasets.digits.bank import SPLITS, TEXT_LENGTH, TOKENIZER, load_bank

BANKS = {split: load_bank(split) for split in SPLITS}


def test_shapes_and_counts():
    for split, images, voices in (("train", 1000, 16), ("validation", 200, 2), ("test", 597, 6)):
        bank = BANKS[split]
        assert bank.images.shape == (images, 1, 28, 28)
        assert bank.image_labels.shape == (images,)
        assert bank.clips.shape == (20 * voices, 6400)
        assert len(set(bank.voices)) == voices
        assert len(bank.voices) == len(bank.clip_words) == len(bank.clip_labels) == 20 * voices
        assert bank.words.shape == (20, TEXT_LENGTH)
        assert bank.rate == 8000


def test_values():
    bank = BANKS["train"]
    assert bank.images.dtype == bank.clips.dtype == torch.float32
    assert bank.images.min() >= 0
    assert bank.images.max() <= 1
    assert torch.isfinite(bank.clips).all()
    assert (bank.clips.square().sum(1) > 0).all()
    for labels in (bank.image_labels, bank.clip_labels, bank.word_labels):
        assert labels.unique().tolist() == list(range(10))


def test_words_and_labels_belong_together():
    bank = BANKS["test"]
    meaning = dict(zip(bank.word_strings, bank.word_labels.tolist(), strict=True))
    assert meaning["three"] == meaning["三"] == 3
    assert [TOKENIZER.decode(row) for row in bank.words] == bank.word_strings
    assert bank.clip_labels.tolist() == [meaning[word] for word in bank.clip_words]
    assert bank.clip_words.count("three") == bank.clip_words.count("三") == 6


def test_no_image_and_no_voice_is_in_two_splits():
    small = [load_bank(split, image_size=8).images for split in SPLITS]
    assert torch.stack([pixels.sum() for pixels in small]).sum() == pytest.approx(
        load_digits(return_X_y=True)[0].sum() / 16, rel=1e-5
    )
    seen = [{image.numpy().tobytes() for image in images} for images in small]
    assert not seen[0] & seen[1]
    assert not seen[0] & seen[2]
    assert not seen[1] & seen[2]
    voices = [set(BANKS[split].voices) for split in SPLITS]
    assert sum(map(len, voices)) == len(set.union(*voices)) == 24


def test_eight_pixels_are_the_originals_and_twenty_eight_show_the_same():
    small, large = load_bank("test", image_size=8), BANKS["test"]
    assert small.images.shape == (597, 1, 8, 8)
    assert ((small.images * 16) % 1 == 0).all()
    shrunk = torch.nn.functional.interpolate(large.images, size=8, mode="area")
    both = torch.stack([shrunk.flatten(), small.images.flatten()])
    assert torch.corrcoef(both)[0, 1] > 0.95


def test_loading_twice_gives_the_same():
    again = load_bank("test")
    assert torch.equal(again.images, BANKS["test"].images)
    assert torch.equal(again.clips, BANKS["test"].clips)
    assert replace(again, rate=1).rate == 1  # a bank is a plain record that exercises may alter


@pytest.mark.parametrize(("split", "tier"), [("dev", "mini"), ("train", "large")])
def test_unknown_names_list_the_known_ones(split, tier):
    with pytest.raises(ValueError, match=r"'dev'.*validation|'large'.*full"):
        load_bank(split, tier)


def test_missing_real_data_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setenv("MMBOOK_DATA", str(tmp_path / "none"))
    with pytest.raises(FileNotFoundError) as caught:
        load_bank("train", "full")
    message = str(caught.value)
    for part in ("MNIST", "12 MB", "CC BY-SA 3.0", "none/MNIST/raw", "download", "MMBOOK_DATA"):
        assert part in message
