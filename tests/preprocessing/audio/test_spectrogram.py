import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from mmbook.preprocessing.audio.checks import AudioError
from mmbook.preprocessing.audio.spectrogram import (
    HAMMING,
    HANN,
    RECTANGLE,
    cosine_window,
    frame,
    inverse_stft,
    power,
    stft,
)


def noise(*shape, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(shape, generator=generator, dtype=torch.float64)


@given(st.integers(1, 600))
def test_windows_agree_with_torch(size):
    double = torch.float64
    for middle, expected in (
        (HANN, torch.hann_window(size, dtype=double)),
        (HAMMING, torch.hamming_window(size, dtype=double)),
        (RECTANGLE, torch.ones(size, dtype=double)),
    ):
        if size > 1:  # torch returns 1 for a single sample
            torch.testing.assert_close(cosine_window(size, middle, dtype=double), expected)
    assert cosine_window(size).dtype == torch.float32


@given(st.integers(1, 3), st.integers(1, 500), st.integers(1, 64), st.integers(1, 64))
def test_frames_are_centred_on_multiples_of_the_hop(n, samples, half, hop):
    waveforms = torch.arange(1.0, n * samples + 1).reshape(n, samples)
    frames = frame(waveforms, 2 * half, hop)
    assert frames.shape == (n, samples // hop + 1, 2 * half)
    centres = [t * hop for t in range(frames.shape[1]) if t * hop < samples]
    assert frames[:, : len(centres), half].equal(waveforms[:, centres])


@given(st.integers(1, 500), st.integers(0, 64), st.integers(1, 64))
def test_frames_of_an_odd_size_are_centred_too(samples, half, hop):
    waveforms = torch.arange(1.0, samples + 1)[None]
    frames = frame(waveforms, 2 * half + 1, hop)
    assert frames.shape == (1, (samples - 1) // hop + 1, 2 * half + 1)
    assert frames[:, :, half].equal(waveforms[:, ::hop])


@given(st.integers(1, 2), st.integers(1, 700), st.integers(2, 128), st.integers(1, 128))
def test_stft_agrees_with_torch(n, samples, size, hop):
    waveforms, window = noise(n, samples), cosine_window(size, HAMMING, dtype=torch.float64)
    expected = torch.stft(
        waveforms, size, hop, window=window, pad_mode="constant", return_complex=True
    ).mT
    torch.testing.assert_close(stft(waveforms, window, hop), expected, atol=1e-12, rtol=0)


@given(st.integers(1, 700), st.integers(2, 64), st.data())
def test_inverse_gives_the_waveform_back(samples, half, data):
    hop = data.draw(st.integers(1, half))
    waveforms = noise(2, samples)
    for size in (2 * half, 2 * half + 1):
        window = cosine_window(size, HAMMING, dtype=torch.float64)
        if samples > (frame(waveforms, size, hop).shape[1] - 1) * hop + size - size // 2:
            continue  # the last samples lie in no frame
        back = inverse_stft(stft(waveforms, window, hop), window, hop, samples)
        torch.testing.assert_close(back, waveforms, atol=1e-9, rtol=0)


def test_inverse_of_a_changed_spectrum_agrees_with_torch():
    window = cosine_window(64, dtype=torch.float64)
    spectrum = stft(noise(2, 640), window, 16) * noise(2, 41, 33, seed=1)
    expected = torch.istft(spectrum.mT, 64, 16, window=window, length=640)
    torch.testing.assert_close(
        inverse_stft(spectrum, window, 16, 640), expected, atol=1e-10, rtol=0
    )


def test_a_spectrum_that_determines_no_waveform_is_refused():
    window = cosine_window(64)
    spectrum = stft(torch.zeros(1, 640), window, 64)
    with pytest.raises(AudioError, match="11 frames of 64 samples with the hop 64"):
        inverse_stft(spectrum, window, 64, 640)  # a Hann window is 0 where frames meet
    with pytest.raises(AudioError, match="do not determine 900"):
        inverse_stft(stft(torch.zeros(1, 640), window, 16), window, 16, 900)
    with pytest.raises(AudioError, match="33 bins"):
        inverse_stft(spectrum[..., :-1], window, 64, 640)
    with pytest.raises(AudioError, match="33 bins"):
        inverse_stft(spectrum[0], window, 64, 640)
    with pytest.raises(AudioError, match="33 bins"):
        inverse_stft(spectrum[0, 0], window, 64, 640)
    with pytest.raises(AudioError, match="the hop at least 1"):
        inverse_stft(spectrum, window, 0, 640)
    with pytest.raises(AudioError, match="complex"):
        inverse_stft(spectrum.real, window, 16, 640)
    with pytest.raises(AudioError, match="complex"):
        power(spectrum.real)


def test_power_is_the_squared_magnitude_and_keeps_the_energy():
    waveforms = noise(2, 256)
    spectrum = torch.fft.rfft(waveforms)
    torch.testing.assert_close(power(spectrum), spectrum.abs().square())
    both_sides = 2 * power(spectrum).sum(1) - power(spectrum)[:, 0] - power(spectrum)[:, -1]
    torch.testing.assert_close(both_sides / 256, waveforms.square().sum(1))  # Parseval


@pytest.mark.parametrize(("size", "hop"), [(0, 1), (4, 0)])
def test_frames_without_size_or_hop_are_refused(size, hop):
    with pytest.raises(ValueError, match="size and hop"):
        frame(torch.zeros(1, 10), size, hop)


def test_windows_without_samples_are_refused():
    with pytest.raises(ValueError, match="at least one sample"):
        cosine_window(0)


def test_what_is_no_sound_is_refused():
    for bad in (torch.zeros(5), torch.zeros(2, 0), torch.full((1, 9), math.nan)):
        with pytest.raises(AudioError):
            stft(bad, cosine_window(4), 2)
