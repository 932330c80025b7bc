import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from mmbook.datasets import load
from mmbook.datasets.digits.bank import INSTRUCTIONS, TOKENIZER
from mmbook.datasets.digits.items import (
    SPECTROGRAM,
    Corruption,
    corrupt,
    draw,
    draw_items,
    load_bank,
    waveforms,
)
from mmbook.datasets.digits.tasks import TASKS
from mmbook.preprocessing.audio.mel import log_mel_spectrogram, normalise_bands
from mmbook.preprocessing.audio.waveforms import measure_snr

BANK = load_bank("test")
SPOILT = Corruption(
    image_noise=(0.0, 1.0),
    image_blur=(0.0, 2.0),
    audio_snr_db=(-10.0, 10.0),
    text_mask=(0.0, 0.9),
    text_typos=0.2,
)


@settings(max_examples=15)
@given(st.integers(1, 300), st.sampled_from([task.name for task in TASKS]), st.integers(0, 2**40))
def test_shapes_types_and_senses(size, task, seed):
    samples = draw(BANK, size, task=task, corruption=SPOILT, seed=seed)
    shapes = {"image": (size, 1, 28, 28), "audio": (size, 32, 40), "text": (size, 6)}
    if task not in ("copy", "look-or-listen"):
        del shapes["text"]
    assert {name: tuple(values.shape) for name, values in samples.inputs.items()} == shapes
    assert samples.target.shape == (size,)
    assert samples.target.dtype == torch.int64
    assert all(torch.isfinite(values).all() for values in samples.inputs.values())


@pytest.mark.parametrize("task", [task.name for task in TASKS])
def test_items_show_the_digits_they_name(task):
    items = draw_items(BANK, 500, task=task, seed=3)
    assert torch.equal(BANK.image_labels[items.image], items.image_digits)
    assert torch.equal(BANK.clip_labels[items.clip], items.speech_digits)


def test_copy_shows_one_digit_three_times_in_both_languages():
    items = draw_items(BANK, 2000, seed=1)
    assert items.text is not None
    meaning = dict(zip(BANK.word_strings, BANK.word_labels.tolist(), strict=True))
    words = [TOKENIZER.decode(row) for row in items.text]
    assert [meaning[word] for word in words] == items.targets.tolist()
    assert torch.equal(items.image_digits, items.targets)
    assert torch.equal(items.speech_digits, items.targets)
    assert sum(word.isascii() for word in words) / 2000 == pytest.approx(0.5, abs=0.04)


def test_the_instruction_says_whose_digit_counts():
    items = draw_items(BANK, 2000, task="look-or-listen", seed=1)
    assert items.text is not None
    words = [TOKENIZER.decode(row) for row in items.text]
    for word in INSTRUCTIONS:
        rows = torch.tensor([index for index, drawn in enumerate(words) if drawn == word])
        assert len(rows) / 2000 == pytest.approx(0.25, abs=0.04)
        digits = items.image_digits if word in ("look", "看") else items.speech_digits
        assert torch.equal(items.targets[rows], digits[rows])


def test_items_are_independent_given_the_digit():
    """Chi-squared over (voice language, image half) of one digit: no association."""
    items = draw_items(BANK, 40_000, seed=2)
    three = items.targets == 3
    english = torch.tensor([word.isascii() for word in BANK.clip_words])[items.clip[three]]
    images = items.image[three]
    low = images < images.median()
    table = torch.stack([english & low, english & ~low, ~english & low, ~english & ~low]).sum(1)
    table = table.double().reshape(2, 2)
    expected = table.sum(1, keepdim=True) * table.sum(0) / table.sum()
    assert ((table - expected) ** 2 / expected).sum() < 10.83  # p = 0.001 at one degree of freedom


def test_all_items_of_a_digit_are_drawn_about_equally_often():
    items = draw_items(BANK, 50_000, seed=4)
    assert (items.clip.bincount(minlength=len(BANK.clips)) > 0).all()
    assert (items.image.bincount(minlength=len(BANK.images)) > 0).all()


def test_the_same_seed_gives_the_same_draw_and_another_another():
    first, again = (draw(BANK, 40, corruption=SPOILT, seed=7) for _ in range(2))
    other = draw(BANK, 40, corruption=SPOILT, seed=8)
    for name, values in first.inputs.items():
        assert torch.equal(values, again.inputs[name])
        assert not torch.equal(values, other.inputs[name])
    assert torch.equal(first.target, again.target)


def test_spoiling_one_sense_changes_no_other():
    items = draw_items(BANK, 40, seed=5)
    one = corrupt(BANK, items, Corruption(image_noise=0.5, audio_snr_db=0.0))
    two = corrupt(BANK, items, Corruption(image_noise=0.5, text_mask=0.9))
    assert torch.equal(one.inputs["image"], two.inputs["image"])
    assert not torch.equal(one.inputs["audio"], two.inputs["audio"])
    assert not torch.equal(one.inputs["text"], two.inputs["text"])


def test_without_degradation_the_items_are_clean():
    items = draw_items(BANK, 300, seed=6)
    assert items.text is not None
    samples = corrupt(BANK, items, Corruption())
    assert torch.equal(samples.inputs["image"], BANK.images[items.image])
    assert torch.equal(samples.inputs["text"], items.text)
    clean = log_mel_spectrogram(BANK.clips[items.clip], SPECTROGRAM)
    expected = normalise_bands(clean)
    torch.testing.assert_close(samples.inputs["audio"], expected, atol=1e-4, rtol=0)


def test_ranges_are_drawn_for_each_sample():
    items = draw_items(BANK, 600, task="parity", seed=9)
    spoilt = Corruption(image_noise=(0.2, 0.8), audio_snr_db=(-5.0, 5.0))
    clips = BANK.clips[items.clip]
    ratios = measure_snr(clips, waveforms(BANK, items, spoilt) - clips)
    assert -5.01 < ratios.min() < -4.5
    assert 4.5 < ratios.max() < 5.01
    noise = corrupt(BANK, items, spoilt).inputs["image"] - BANK.images[items.image]
    sigmas = noise.flatten(1).std(1)
    assert 0.15 < sigmas.min() < 0.3
    assert 0.7 < sigmas.max() < 0.9


def test_masks_and_typos_have_their_probability():
    items = draw_items(BANK, 5000, seed=10)
    assert items.text is not None
    real = items.text > 0
    masked = corrupt(BANK, items, Corruption(text_mask=0.4)).inputs["text"]
    assert float((masked[real] == 1).float().mean()) == pytest.approx(0.4, abs=0.02)
    typos = corrupt(BANK, items, Corruption(text_typos=0.3)).inputs["text"]
    assert float((typos != items.text)[real].float().mean()) == pytest.approx(0.3, abs=0.02)
    assert torch.equal(typos == 0, ~real)


def test_one_call_over_all_sets():
    samples = load("digits", split="test", size=20, task="match", corruption=SPOILT, seed=11)
    expected = draw(BANK, 20, task="match", corruption=SPOILT, seed=11)
    assert torch.equal(samples.inputs["audio"], expected.inputs["audio"])
    assert torch.equal(samples.target, expected.target)
    with pytest.raises(ValueError, match=r"no data set 'birds'; there are digits"):
        load("birds", split="test", size=20)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"image_noise": (1.0, 0.5)}, "image_noise"),
        ({"text_mask": (0.1, 0.2, 0.3)}, "text_mask"),
        ({"image_noise": "0.5"}, "image_noise must be a number"),
        ({"image_noise": [0.1, 0.5]}, "image_noise must be a number"),
        ({"audio_snr_db": ("0", "9")}, "audio_snr_db must be a number"),
        ({"audio_speed": None}, "audio_speed must be a number"),
    ],
)
def test_an_impossible_range_is_refused(options, message):
    with pytest.raises(ValueError, match=message):
        Corruption(**options)


def test_impossible_draws_are_refused():
    with pytest.raises(ValueError, match="size must be at least 1"):
        draw(BANK, 0)
    with pytest.raises(ValueError, match="no task"):
        draw(BANK, 5, task="divide")
    with pytest.raises(ValueError, match="probability must be finite, between 0 and 1"):
        draw(BANK, 5, corruption=Corruption(text_mask=1.5))
    with pytest.raises(ValueError, match="sigma must be finite, between 0"):
        draw(BANK, 5, corruption=Corruption(image_blur=-1.0))
