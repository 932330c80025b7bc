import re

import librosa
import numpy as np
import pytest
import scipy.fft
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from mmbook.preprocessing.audio.checks import AudioError
from mmbook.preprocessing.audio.mel import (
    SpectrogramConfig,
    dct_matrix,
    deltas,
    hertz_to_mel,
    log_mel_spectrogram,
    mel_filterbank,
    mel_to_hertz,
    mfcc,
    normalise_bands,
)

CONFIGS = [
    SpectrogramConfig(),
    SpectrogramConfig(rate=16000, n_fft=512, hop=160, mels=80),
    SpectrogramConfig(n_fft=401),
    SpectrogramConfig(rate=11025, n_fft=399, hop=133, mels=33),
    SpectrogramConfig(rate=22050, n_fft=1023, hop=255, mels=41),
]


def noise(*shape, seed=0):
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("config", CONFIGS)
def test_filterbank_agrees_with_librosa(config):
    expected = librosa.filters.mel(
        sr=config.rate, n_fft=config.n_fft, n_mels=config.mels, dtype=np.float64
    )
    actual = mel_filterbank(config, dtype=torch.float64).numpy()
    np.testing.assert_allclose(actual, expected, atol=1e-8, rtol=0)
    assert mel_filterbank(config).dtype == torch.float32


@settings(max_examples=25, deadline=None)
@given(st.sampled_from([8000, 11025, 44100]), st.integers(64, 700), st.integers(1, 12))
def test_filterbanks_of_even_and_odd_sizes_agree_with_librosa(rate, n_fft, mels):
    config = SpectrogramConfig(rate, n_fft, n_fft // 2, mels)
    try:
        actual = mel_filterbank(config, dtype=torch.float64)
    except AudioError:
        return
    expected = librosa.filters.mel(sr=rate, n_fft=n_fft, n_mels=mels, dtype=np.float64)
    np.testing.assert_allclose(actual.numpy(), expected, atol=1e-8, rtol=0)


@pytest.mark.parametrize("rate", [0, -8000, 8000.5, float("nan"), True])
def test_a_spectrogram_without_a_rate_is_refused(rate):
    with pytest.raises(AudioError, match="sampling rate"):
        SpectrogramConfig(rate=rate)


def test_bands_that_hold_no_frequency_are_refused():
    with pytest.raises(AudioError, match=r"of 128 mel bands hold no frequency: n_fft=256"):
        mel_filterbank(SpectrogramConfig(rate=16000, n_fft=256, hop=64, mels=128))


@settings(max_examples=25)
@given(st.sampled_from([8000, 16000, 44100]), st.sampled_from([256, 401, 1024]), st.data())
def test_every_filter_is_a_triangle_with_a_frequency_in_it(rate, n_fft, data):
    config = SpectrogramConfig(rate, n_fft, n_fft // 2, data.draw(st.integers(1, n_fft // 2)))
    try:
        bank = mel_filterbank(config, dtype=torch.float64)
    except AudioError:
        return
    assert bank.shape == (config.mels, n_fft // 2 + 1)
    assert (bank >= 0).all() and (bank.sum(dim=1) > 0).all()
    peaks = bank.argmax(dim=1)
    assert (peaks[1:] >= peaks[:-1]).all()


@pytest.mark.parametrize("config", CONFIGS)
def test_spectrogram_agrees_with_librosa(config):
    waveforms = noise(2, 6400) * 0.1
    expected = [
        librosa.feature.melspectrogram(
            y=waveform.numpy(),
            sr=config.rate,
            n_fft=config.n_fft,
            hop_length=config.hop,
            n_mels=config.mels,
            pad_mode="constant",
        )
        for waveform in waveforms
    ]
    expected = np.log(np.maximum(np.stack(expected), config.floor)).transpose(0, 2, 1)
    actual = log_mel_spectrogram(waveforms, config).numpy()
    np.testing.assert_allclose(actual, expected[:, : actual.shape[1]], atol=1e-4)


@given(st.integers(1, 3), st.integers(200, 3000))
def test_frames_are_samples_over_hop(n, samples):
    assert log_mel_spectrogram(noise(n, samples)).shape == (n, samples // 200, 40)


def test_silence_is_the_floor_and_a_tone_its_band():
    config = SpectrogramConfig()
    silence = log_mel_spectrogram(torch.zeros(1, 6400), config)
    assert torch.allclose(silence, torch.tensor(config.floor).log())
    tone = torch.sin(2 * torch.pi * 1000 * torch.arange(6400) / config.rate)
    band = int(log_mel_spectrogram(tone[None], config)[0, 16].argmax())
    centres = mel_to_hertz(torch.linspace(0, float(hertz_to_mel(torch.tensor(4000.0))), 42))[1:-1]
    assert abs(float(centres[band]) - 1000) < 60


@given(st.floats(0, 20000))
def test_mel_scale_is_inverted(hertz):
    value = torch.tensor(hertz, dtype=torch.float64)
    torch.testing.assert_close(mel_to_hertz(hertz_to_mel(value)), value)
    assert float(hertz_to_mel(value)) == pytest.approx(librosa.hz_to_mel(hertz), abs=1e-9)


@pytest.mark.parametrize("waveforms", [torch.zeros(6400), torch.zeros(2, 100)])
def test_spectrogram_refuses_other_shapes(waveforms):
    with pytest.raises(AudioError, match=re.escape(str(tuple(waveforms.shape)))):
        log_mel_spectrogram(waveforms)


def test_spectrogram_refuses_nan():
    with pytest.raises(AudioError, match="NaN"):
        log_mel_spectrogram(torch.full((1, 6400), torch.nan))


@pytest.mark.parametrize(
    ("option", "value"),
    [
        *(("hop", 0), ("hop", 401), ("mels", 0), ("mels", 201)),
        *(("floor", bad) for bad in (0.0, float("nan"), float("inf"))),
    ],
)
def test_an_impossible_spectrogram_is_refused(option, value):
    with pytest.raises(ValueError, match=option):
        SpectrogramConfig(**{option: value})


def test_normalised_bands_do_not_depend_on_gain_or_microphone():
    clips = torch.randn(3, 4000, generator=torch.Generator().manual_seed(0))
    microphone = torch.linspace(-2, 2, 40)
    spectrograms = log_mel_spectrogram(clips)
    normalised = normalise_bands(spectrograms)
    torch.testing.assert_close(normalised.mean(dim=1), torch.zeros(3, 40), atol=1e-5, rtol=0)
    torch.testing.assert_close(
        normalise_bands(spectrograms + microphone), normalised, atol=1e-5, rtol=0
    )
    torch.testing.assert_close(
        normalise_bands(log_mel_spectrogram(3 * clips)), normalised, atol=1e-4, rtol=0
    )


@given(st.lists(st.integers(0, 9), min_size=1, max_size=4))
def test_padding_takes_no_part_in_the_mean_of_a_band(frames):
    mask = torch.arange(9) < torch.tensor(frames)[:, None]
    spectrograms = noise(len(frames), 9, 5)
    spoilt = spectrograms.masked_fill(~mask[:, :, None], torch.nan)
    normalised = normalise_bands(spoilt, mask)
    for row, count in enumerate(frames):
        assert normalised[row, count:].eq(0).all()
        if count:
            alone = normalise_bands(spectrograms[row : row + 1, :count])[0]
            torch.testing.assert_close(normalised[row, :count], alone)


@given(st.integers(1, 60), st.data())
def test_cosine_transform_is_orthonormal_and_scipys(mels, data):
    coefficients = data.draw(st.integers(1, mels))
    matrix = dct_matrix(mels, coefficients, dtype=torch.float64)
    torch.testing.assert_close(
        matrix @ matrix.T, torch.eye(coefficients, dtype=torch.float64), atol=1e-10, rtol=0
    )
    values = noise(3, mels).double()
    expected = scipy.fft.dct(values.numpy(), norm="ortho")[:, :coefficients]
    np.testing.assert_allclose((values @ matrix.T).numpy(), expected, atol=1e-10)


@pytest.mark.parametrize("coefficients", [0, 41])
def test_as_many_cosines_as_bands_at_most(coefficients):
    with pytest.raises(ValueError, match=r"1\.\.40"):
        mfcc(torch.zeros(1, 3, 40), coefficients)


def test_mfcc_agrees_with_librosa():
    log_mel = log_mel_spectrogram(noise(2, 6400))
    expected = [librosa.feature.mfcc(S=one.T.numpy(), n_mfcc=13).T for one in log_mel]
    np.testing.assert_allclose(mfcc(log_mel).numpy(), np.stack(expected), atol=1e-4)


@given(st.integers(1, 3), st.integers(1, 20), st.integers(1, 4))
def test_deltas_are_slopes_and_librosas(n, frames, reach):
    features = noise(n, frames, 3).double()
    actual = deltas(features, reach)
    assert actual.shape == features.shape
    width = 2 * reach + 1
    if frames >= width:
        expected = librosa.feature.delta(features.numpy(), width=width, axis=1, mode="nearest")
        np.testing.assert_allclose(actual.numpy(), expected, atol=1e-10)
    ramp = torch.arange(20.0)[None, :, None].expand(n, 20, 3)
    torch.testing.assert_close(
        deltas(ramp, reach)[:, reach:-reach], torch.ones(n, 20 - 2 * reach, 3)
    )


def test_deltas_look_at_one_frame_at_least():
    with pytest.raises(ValueError, match="at least one frame"):
        deltas(torch.zeros(1, 3, 2), 0)
