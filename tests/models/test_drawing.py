"""Drawing from raw words: what is read, what noise decides, and what is refused."""

from pathlib import Path

import pytest
import torch

from mmbook.models import Drawing, DrawingConfig, load_pretrained, save_pretrained
from mmbook.models.config import ConfigError
from mmbook.preprocessing.text.characters import TextError

CONFIG = DrawingConfig("evnst七", size=8, width=6, noise=4, channels=2, hidden=5)


@pytest.fixture(scope="module")
def model() -> Drawing:
    torch.manual_seed(0)
    return CONFIG.build()


def test_a_word_becomes_images(model: Drawing) -> None:
    model.train()
    images = model.predict("seven", count=3)
    assert images.shape == (3, 1, 8, 8)
    assert images.min() >= 0 and images.max() <= 1
    assert model.training and not images.requires_grad
    assert model.predict("seven", count=3).equal(images)
    assert not model.predict("seven", count=3, seed=1).isclose(images).all()
    assert not model.predict("七", count=3).isclose(images).all()
    assert not model.predict("neves", count=3).isclose(images).all()


def test_padding_changes_nothing(model: Drawing) -> None:
    ids = torch.tensor([model.tokenizer.encode("seven")])
    padded = torch.nn.functional.pad(ids, (0, 3))
    noise = torch.randn(1, 4)
    model.eval()
    torch.testing.assert_close(model({"text": ids}, noise), model({"text": padded}, noise))


@pytest.mark.parametrize("word", ["", "eight", "Seven"])
def test_words_that_cannot_be_read_are_refused(model: Drawing, word: str) -> None:
    with pytest.raises(TextError, match="must be of the characters 'evnst七'"):
        model.predict(word)


def test_a_count_below_one_is_refused(model: Drawing) -> None:
    with pytest.raises(ValueError, match="1 image or more, not 0"):
        model.predict("seven", count=0)


def test_a_folder_gives_the_same_model(model: Drawing, tmp_path: Path) -> None:
    save_pretrained(tmp_path / "m", CONFIG, model)
    again = load_pretrained(tmp_path / "m")
    assert again.predict("seven", 2).equal(model.predict("seven", 2))


def test_characters_that_are_none_are_refused() -> None:
    with pytest.raises(ConfigError, match="characters: "):
        DrawingConfig("aa")
