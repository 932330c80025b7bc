import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from mmbook.preprocessing.audio.checks import AudioError
from mmbook.preprocessing.audio.faults import HOP
from mmbook.preprocessing.audio.faults.truth import (
    check_clip,
    frame_count,
    framed,
    frames_of,
    samples_of,
)
from mmbook.preprocessing.audio.spectrogram import cosine_window, power, stft


@given(st.integers(1, 2000), st.data())
def test_a_frame_is_active_where_a_sample_within_half_a_hop_of_its_centre_is(samples, data):
    sample = data.draw(st.integers(0, samples - 1))
    active = torch.zeros(samples, dtype=torch.bool)
    active[sample] = True
    expected = [
        HOP * k - HOP // 2 <= sample < HOP * k + HOP // 2 for k in range(1 + samples // HOP)
    ]
    assert frames_of(active).tolist() == expected
    assert len(expected) == frame_count(samples)


@given(st.integers(1, 1000))
def test_frames_are_those_of_the_short_time_fourier_transform(samples):
    spectrum = stft(torch.ones(1, samples), cosine_window(256), HOP)
    assert spectrum.shape[1] == frame_count(samples)
    if samples > 1024 // 2:  # what torch pads with reflections must be shorter than the sound
        known = torch.stft(
            torch.ones(samples), 512, HOP, window=torch.hann_window(512), return_complex=True
        )
        assert known.shape[1] == frame_count(samples)


@pytest.mark.parametrize("sample", [64, 128, 191, 192, 1000, 1087, 1088])
def test_the_loudest_frame_of_a_click_is_the_active_one(sample):
    clip = torch.zeros(1, 2000)
    clip[0, sample] = 1
    loudest = power(stft(clip, cosine_window(256), HOP))[0].sum(dim=1)
    active = frames_of(clip[0] > 0)
    assert active.sum() == 1
    assert loudest[active] >= loudest.max() * (1 - 1e-5)


@given(st.integers(1, 2000), st.integers(0, 99))
def test_samples_of_frames_give_the_frames_back(samples, seed):
    frames = torch.rand(frame_count(samples), generator=torch.Generator().manual_seed(seed)) < 0.5
    assert frames_of(samples_of(frames, samples)).equal(frames) or samples % HOP == 0
    spread = samples_of(torch.ones_like(frames), samples)
    left_over = max(0, samples % HOP - HOP // 2)
    assert int((~spread).sum()) == left_over and spread[: samples - left_over].all()


def test_frames_hold_the_samples_about_their_centres():
    frames = framed(torch.arange(1.0, 301.0))
    assert frames.shape == (3, HOP)
    assert frames[0].tolist() == [0.0] * 64 + list(range(1, 65))
    assert frames[1, 0] == 65 and frames[2].tolist() == [*range(193, 301), *[0.0] * 20]


def test_other_shapes_and_types_are_refused():
    with pytest.raises(AudioError, match=r"boolean, not torch\.float32"):
        frames_of(torch.zeros(5))
    with pytest.raises(AudioError, match=r"one value a sample, \(samples,\), got \(2, 5\)"):
        framed(torch.zeros(2, 5))
    with pytest.raises(AudioError, match="samples must be a whole number of at least 1, got 0"):
        frame_count(0)
    with pytest.raises(AudioError, match=r"300 samples have 3 frames, got \(4,\)"):
        samples_of(torch.ones(4, dtype=torch.bool), 300)


@pytest.mark.parametrize(
    ("clip", "says"),
    [
        (torch.zeros(0), "at least 1 samples"),
        (torch.zeros(2, 5), r"one waveform \(samples,\), got \(2, 5\)"),
        (torch.zeros(5, dtype=torch.int16), "divide 16-bit samples by 32768"),
        (torch.tensor([0.0, float("nan")]), "NaN or infinite"),
        ([0.0, 1.0], r"one waveform \(samples,\), got list"),
    ],
)
def test_what_is_no_waveform_is_refused(clip, says):
    with pytest.raises(AudioError, match=f"the speech .*{says}"):
        check_clip(clip, "speech")
