"""Images of digits and clothes: what is where, and what is not."""

from pathlib import Path

import pytest

from mmbook.datasets.entries import DataMissingError
from mmbook.datasets.images import load_images


def test_a_set_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("MMBOOK_DATA", str(tmp_path))
    with pytest.raises(DataMissingError, match="MNIST"):
        load_images("MNIST")


def test_splits_of_the_digits_share_no_image() -> None:
    train, test = load_images("digits")
    assert train.inputs["image"].shape == (1000, 1, 8, 8)
    seen = {image.numpy().tobytes() for image in train.inputs["image"]}
    assert not any(image.numpy().tobytes() in seen for image in test.inputs["image"])


def test_another_name_is_refused() -> None:
    with pytest.raises(ValueError, match="no images 'mnist'; there are: digits, MNIST, Fashion-M"):
        load_images("mnist")
