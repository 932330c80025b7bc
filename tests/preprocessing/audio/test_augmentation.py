import math

import numpy as np
import pytest
import scipy.signal
import torch
from hypothesis import given
from hypothesis import strategies as st

from mmbook.preprocessing.audio.augmentation import (
    SpecAugmentConfig,
    change_speed,
    reverberate,
    room_responses,
    spec_augment,
)
from mmbook.preprocessing.audio.checks import AudioError


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def noise(*shape, seed=0):
    return torch.randn(shape, generator=generator(seed))


def test_another_speed_moves_every_frequency() -> None:
    time = torch.arange(8000) / 8000
    tone = torch.sin(2 * torch.pi * 500 * time)[None]
    spectrum = torch.fft.rfft(change_speed(tone, 1.2)).abs()  # one bin is one hertz
    assert int(spectrum.argmax()) == 600
    assert change_speed(tone, 1.0).equal(tone)


def test_each_clip_has_its_own_speed_and_what_lies_beyond_is_silence() -> None:
    clips = torch.ones(2, 101)
    changed = change_speed(clips, torch.tensor([2.0, 0.5]))
    assert changed[0, 25:76].eq(1).all() and changed[0].sum() == 51
    assert changed[1].eq(1).all()
    with pytest.raises(AudioError, match="positive and finite, got 0"):
        change_speed(clips, 0.0)


@given(st.integers(1, 3), st.integers(1, 300), st.integers(1, 100))
def test_reverberation_is_scipys_convolution(n, samples, length):
    clips, responses = noise(n, samples).double(), noise(n, length, seed=1).double()
    expected = [
        scipy.signal.fftconvolve(clip, response)[:samples]
        for clip, response in zip(clips.numpy(), responses.numpy(), strict=True)
    ]
    actual = reverberate(clips, responses)
    np.testing.assert_allclose(actual.numpy(), np.stack(expected), atol=1e-10)
    torch.testing.assert_close(reverberate(clips, responses[:1])[0], actual[0], atol=1e-12, rtol=0)


def test_a_room_that_answers_with_the_clap_alone_changes_nothing():
    clips = noise(2, 500)
    torch.testing.assert_close(reverberate(clips, torch.ones(1, 1)), clips, atol=1e-5, rtol=0)


@given(st.floats(0.05, 1.0), st.floats(-10, 20))
def test_rooms_die_away_in_the_time_that_was_asked_for(seconds, direct_db):
    responses = room_responses(64, seconds, 8000, generator(), direct_db=direct_db)
    assert responses.shape == (64, math.ceil(torch.tensor(seconds) * 8000) + 1)
    assert responses[:, 0].eq(1).all()
    tails = responses[:, 1:].square()
    torch.testing.assert_close(
        tails.sum(dim=1), torch.full((64,), 10 ** (-direct_db / 10)), atol=0, rtol=1e-3
    )
    half = tails.shape[1] // 2  # over half the reverberation time the power falls by 30 dB
    fall = 10 * torch.log10(tails[:, :half].sum() / tails[:, half : 2 * half].sum())
    assert float(fall) == pytest.approx(30, abs=2)


def test_each_room_has_its_own_time():
    responses = room_responses(2, torch.tensor([0.05, 0.5]), 8000, generator())
    late = responses[:, 800:].square().sum(dim=1)
    assert late[0] < 1e-9 < late[1]
    assert room_responses(2, 0.1, 8000, generator(3)).equal(
        room_responses(2, 0.1, 8000, generator(3))
    )


@pytest.mark.parametrize(("seconds", "rate"), [(0.0, 8000), (-1.0, 8000), (0.1, 0)])
def test_rooms_without_time_are_refused(seconds, rate):
    with pytest.raises(AudioError, match=r"positive|must lie in 1\.\."):
        room_responses(1, seconds, rate, generator())


@given(
    st.integers(1, 4),
    st.integers(1, 30),
    st.integers(1, 20),
    st.integers(0, 40),
    st.integers(0, 40),
    st.integers(0, 2),
    st.integers(0, 99),
)
def test_stripes_are_hidden_and_the_rest_stays(n, frames, mels, bands, times, masks, seed):
    spectrograms = noise(n, frames, mels, seed=seed).double()
    config = SpecAugmentConfig(bands=bands, frames=times, masks=masks, longest=0.5)
    hidden = spec_augment(spectrograms, config, generator(seed))
    assert hidden.shape == spectrograms.shape
    changed = hidden != spectrograms
    means = spectrograms.mean(dim=(1, 2), keepdim=True).expand_as(hidden)
    torch.testing.assert_close(hidden[changed], means[changed])
    rows = changed.all(dim=2).sum(dim=1)
    columns = changed.all(dim=1).sum(dim=1)
    if bands < mels:  # otherwise a stripe of bands may cover every frame
        assert (rows <= masks * min(times, frames // 2)).all() or masks == 2
        assert (columns <= masks * bands).all()
    union = changed.all(dim=2)[:, :, None] | changed.all(dim=1)[:, None, :]
    assert changed.equal(union)


def test_every_width_and_place_occurs():
    config = SpecAugmentConfig(bands=2, frames=3, longest=1.0)
    spectrograms = noise(2000, 6, 5)
    changed = spec_augment(spectrograms, config, generator()) != spectrograms
    rows = changed.all(dim=2).sum(dim=1).bincount(minlength=4)
    assert (rows / 2000 - 0.25).abs().max() < 0.04  # widths 0 to 3 are equally likely
    assert changed.all(dim=2).float().mean(dim=0).min() > 0.1


def test_impossible_masks_are_refused():
    for name, bad in (("bands", -1), ("frames", -1), ("masks", -1), ("longest", 2.0)):
        for value in (bad, math.nan, None):
            with pytest.raises(ValueError, match=f"^{name} must be"):
                SpecAugmentConfig(**{name: value})
    for name in ("bands", "frames", "masks"):
        with pytest.raises(ValueError, match=f"^{name} must be a whole number of at least 0"):
            SpecAugmentConfig(**{name: 2.5})


@pytest.mark.parametrize("number", [math.nan, math.inf])
def test_settings_that_are_no_numbers_are_refused(number):
    with pytest.raises(AudioError, match="speed must be positive and finite"):
        change_speed(noise(2, 50), number)
    with pytest.raises(AudioError, match="time must be positive and finite"):
        room_responses(1, number, 8000, generator())
    with pytest.raises(AudioError, match=r"^direct_db must be a finite number"):
        room_responses(1, 0.1, 8000, generator(), direct_db=number)
