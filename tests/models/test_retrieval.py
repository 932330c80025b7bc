"""Search on raw input: what is read, what is named, and what is refused."""

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from mmbook.models import EnglishWords, load_pretrained, save_pretrained
from mmbook.models.retrieval import ImageSearchConfig, SquareImage
from mmbook.preprocessing.images.transforms import ImageError
from mmbook.preprocessing.text.characters import TextError

CONFIG = ImageSearchConfig(
    EnglishWords(("a", "red", "star")), SquareImage(16), width=8, stages=(4,)
)


@pytest.fixture(scope="module")
def model():
    torch.manual_seed(0)
    return CONFIG.build().eval()


def picture(seed: int, height: int = 16, width: int = 16) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


def test_bytes_and_numbers_are_the_same_picture(model) -> None:
    images = torch.from_numpy(np.stack([picture(s) for s in range(3)])).movedim(-1, 1)
    torch.testing.assert_close(model.embed_images(images), model.embed_images(images / 255))


def test_predict_gives_a_cosine_a_picture(model) -> None:
    pictures = [picture(0), picture(1, 9, 40), Image.fromarray(picture(2))]
    found = model.predict("A red star!", pictures)
    assert found.shape == (3,)
    assert (found.abs() <= 1 + 1e-6).all()
    alone = [model.predict("a red star", [one])[0] for one in pictures]
    torch.testing.assert_close(found, torch.stack(alone))


def test_the_mode_of_the_model_stays(model) -> None:
    model.train()
    model.predict("a star", [picture(0)])
    assert model.training
    model.eval()


def test_words_that_it_never_saw_are_named(model) -> None:
    assert model.unknown_words("a green cat, a red star") == ("green", "cat")
    assert model.unknown_words("") == ()


def test_a_folder_gives_the_same_model(model, tmp_path: Path) -> None:
    save_pretrained(tmp_path / "m", CONFIG, model)
    again = load_pretrained(tmp_path / "m")
    pictures = [picture(0), picture(1)]
    torch.testing.assert_close(again.predict("a star", pictures), model.predict("a star", pictures))


def test_what_cannot_be_read_is_said(model) -> None:
    with pytest.raises(TextError, match="no sentence"):
        model.embed_sentences([])
    with pytest.raises(TextError, match="empty"):
        model.predict("", [picture(0)])
    with pytest.raises(TextError):
        model.predict(7, [picture(0)])
    with pytest.raises(ValueError, match="no pictures"):
        model.predict("a star", [])
    with pytest.raises(ImageError):
        model.predict("a star", [np.zeros((4, 4))])
