"""Recognisers on raw input: images, sounds, both; and a language model on raw sentences."""

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import soundfile
import torch
from sklearn.datasets import load_digits

from mmbook.datasets.small.spoken_digits import load_synthetic
from mmbook.models import (
    ConfigError,
    Prediction,
    Recogniser,
    RecogniserConfig,
    load_pretrained,
    save_pretrained,
)
from mmbook.models.inputs import DigitImage, SpokenWord
from mmbook.models.next_word import EnglishWords
from mmbook.models.recognition import (
    ConvolutionalEncoderConfig,
    ResidualEncoderConfig,
    SpectrogramEncoderConfig,
)
from mmbook.preprocessing.audio.checks import AudioError
from mmbook.preprocessing.images.transforms import ImageError
from mmbook.preprocessing.text.characters import TextError


@pytest.fixture(scope="module")
def digits() -> Recogniser:
    return load_pretrained("mnist")


@pytest.fixture(scope="module")
def spoken() -> Recogniser:
    return load_pretrained("spoken-digits")


def sheet(row: int, side: int = 120) -> tuple[np.ndarray, str]:
    """One of scikit-learn's digits in dark ink on a large sheet, and its label."""
    pixels, labels = load_digits(return_X_y=True)
    ink = cv2.resize(pixels[row].reshape(8, 8) / 16, (side, side), interpolation=cv2.INTER_CUBIC)
    page = np.full((2 * side, 2 * side, 3), 240, np.uint8)
    page[side // 2 : -side // 2, :side] = (240 - 200 * ink.clip(0, 1)[..., None]).astype(np.uint8)
    return page, str(labels[row])


def test_digits_on_sheets_are_read(digits: Recogniser) -> None:
    """Other writers and another scanner than those of training, at 8 pixels a side."""
    rows = range(0, 1797, 30)
    right = [digits.predict(sheet(row)[0]).label == sheet(row)[1] for row in rows]
    assert sum(right) >= 0.85 * len(right)


def test_polarity_file_and_array_make_no_difference(digits: Recogniser, tmp_path: Path) -> None:
    page, label = sheet(0)
    cv2.imwrite(str(tmp_path / "digit.png"), page)
    said = digits.predict(page)
    assert said.label == label and 0.5 < said.probability <= 1
    assert digits.predict(tmp_path / "digit.png") == said
    assert digits.predict(255 - page).probability == pytest.approx(said.probability, abs=1e-4)
    assert digits.predict(torch.from_numpy(page).movedim(-1, 0)) == said


def test_probabilities_are_sorted_and_add_up(digits: Recogniser) -> None:
    said = digits.predict(sheet(3)[0])
    values = list(said.probabilities.values())
    assert sorted(said.probabilities) == list("0123456789")
    assert values == sorted(values, reverse=True) and sum(values) == pytest.approx(1)
    assert (said.label, said.probability) == next(iter(said.probabilities.items()))


def test_words_of_voices_that_were_not_heard_are_recognised(spoken: Recogniser) -> None:
    clips = load_synthetic("test")
    pairs = zip(clips.waveforms.numpy(), clips.labels.tolist(), strict=True)
    right = [spoken.predict((clip, 8000)).label == str(label) for clip, label in pairs]
    assert len(right) == 120 and sum(right) >= 110


def test_sounds_of_any_rate_and_length(spoken: Recogniser, tmp_path: Path) -> None:
    clips = load_synthetic("test")
    clip, label = clips.waveforms[3].numpy(), str(int(clips.labels[3]))
    long = np.concatenate([np.zeros(20_000), clip * 0.05, np.zeros(9_000)])
    soundfile.write(tmp_path / "said.wav", np.repeat(long, 2), 16_000)
    assert spoken.predict((clip, 8000)).label == label
    assert spoken.predict((long, 8000)).label == label
    assert spoken.predict(tmp_path / "said.wav").label == label


def test_what_cannot_be_read_is_refused(digits: Recogniser, spoken: Recogniser) -> None:
    with pytest.raises(ImageError, match="nothing stands out"):
        digits.predict(np.zeros((28, 28), np.uint8))
    with pytest.raises(ImageError, match=r"cannot read the image .*none\.png"):
        digits.predict("none.png")
    with pytest.raises(AudioError, match="silent"):
        spoken.predict((np.zeros(8000), 8000))
    with pytest.raises(ValueError, match=r"inputs \['audio'\], but there are \['image'\]"):
        digits.predict(audio=1)
    with pytest.raises(ValueError, match=r"inputs \[\]"):
        digits.predict()


def both(width: int = 8) -> RecogniserConfig:
    """A recogniser that sees and hears."""
    return RecogniserConfig(
        inputs={"image": DigitImage(), "audio": SpokenWord()},
        encoders={
            "image": ConvolutionalEncoderConfig(width=width),
            "audio": SpectrogramEncoderConfig(width=width),
        },
        labels=("a", "b", "c"),
        fusion="early",
        dropout=0.3,
    )


def test_several_senses_are_given_by_name(tmp_path: Path) -> None:
    torch.manual_seed(0)
    model = both().build()
    save_pretrained(tmp_path, both(), model)
    loaded = load_pretrained(tmp_path)
    sound = (load_synthetic("test").waveforms[0].numpy(), 8000)
    page, _ = sheet(0)
    said = model.train().predict(image=page, audio=sound)
    assert model.training, "the mode is left as it was"
    encoder = next(iter(model.encoders.values())).eval()
    model.predict(image=page)
    assert model.training and not encoder.training, "that of each part"
    encoder.register_forward_hook(lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        model.predict(image=page, audio=sound)
    assert model.training and not encoder.training, "also after an error"
    assert said == loaded.predict(image=page, audio=sound) != loaded.predict(image=page)
    with pytest.raises(ValueError, match=r"predict\(image, audio=\.\.\.\)"):
        loaded.predict(page)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"inputs": {"image": DigitImage()}}, "each modality needs an input and an encoder"),
        ({"inputs": {}, "encoders": {}}, "each modality needs"),
        (
            {
                "encoders": {
                    "image": ResidualEncoderConfig(width=4),
                    "audio": SpectrogramEncoderConfig(width=8),
                }
            },
            "tokens of one width",
        ),
        ({"labels": ("a",)}, "two or more that differ"),
        ({"labels": ("a", "a")}, "two or more that differ"),
        ({"labels": ("a", "")}, "none of them empty"),
        (
            {"labels": "0123456789"},
            r"labels must be a tuple such as \('a', 'b'\), not '0123456789'",
        ),
        ({"labels": {"a", "b"}}, "labels must be a tuple such as"),
        ({"labels": 3}, "labels must be a tuple such as"),
        ({"labels": (0, 1)}, r"labels\[0\] must be a string, not 0"),
    ],
)
def test_parts_that_do_not_fit_are_refused(changes, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        RecogniserConfig(**{**vars(both()), **changes})


@pytest.mark.parametrize(
    ("changes", "message"),
    [({"samples": 100}, "200 or more"), ({"mels": 300}, "mels must lie in"), ({"hop": 0}, "hop")],
)
def test_spectrograms_that_cannot_be_are_refused(changes, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        SpokenWord(**changes)


def test_a_prediction_of_scores() -> None:
    said = Prediction.of(("x", "y"), torch.tensor([0.0, 1.0]).log())
    assert (said.label, said.probability) == ("y", 1) and list(said.probabilities) == ["y", "x"]


@pytest.mark.parametrize("score", [torch.nan, torch.inf])
def test_no_prediction_of_what_is_no_score(score: float) -> None:
    with pytest.raises(ValueError, match="scores must be numbers below infinity"):
        Prediction.of(("x", "y"), torch.tensor([0.0, score]))


def test_the_language_model_leaves_every_part_in_its_mode() -> None:
    model = load_pretrained("language-model").train()
    model.decoder.eval()
    model.predict("How are")
    assert model.training and not model.decoder.training


def test_the_language_model_goes_on() -> None:
    model = load_pretrained("language-model")
    said = model.predict("How are")
    assert said.label == "you" and sum(said.probabilities.values()) == pytest.approx(1)
    assert len(said.probabilities) == len(model.tokenizer) - 3, "all words and the end"
    assert model.predict("I do not know what you") != said
    assert model.predict("").probability < 0.5
    with pytest.raises(TextError, match="must be a str"):
        model.predict(3)


@pytest.mark.parametrize(
    "kind", [ResidualEncoderConfig, ConvolutionalEncoderConfig, SpectrogramEncoderConfig]
)
@pytest.mark.parametrize(
    ("stages", "message"),
    [
        ("48", r"stages must be a tuple such as \(1, 2\), not '48'"),
        (4, "stages must be a tuple such as"),
        ((4, "8"), r"stages\[1\] must be a whole number, not '8'"),
        ((), r"stages must be one or more numbers above 0"),
        ((4, 0), r"stages must be one or more numbers above 0"),
        ((2.5,), r"stages\[0\] must be a whole number"),
    ],
)
def test_stages_that_are_no_numbers_are_refused(kind, stages: Any, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        kind(stages=stages)


def test_lists_serve_as_well_as_tuples() -> None:
    assert ConvolutionalEncoderConfig(stages=[4, 8]).stages == [4, 8]  # type: ignore[arg-type]
    assert RecogniserConfig(**{**vars(both()), "labels": ["a", "b"]}).labels == ["a", "b"]


@pytest.mark.parametrize("words", ["the cat", ("a", 1), None])
def test_words_that_are_no_tuple_of_strings_are_refused(words: Any) -> None:
    with pytest.raises(ConfigError, match=r"words(\[1\])? must be a (tuple|string)"):
        EnglishWords(words)
