import re

import librosa
import numpy as np
import pytest
import soundfile
import torch
from hypothesis import given
from hypothesis import strategies as st

from mmbook.preprocessing.speech import (
    AudioError,
    SpectrogramConfig,
    change_speed,
    fit_length,
    hertz_to_mel,
    log_mel_spectrogram,
    measure_snr,
    mel_filterbank,
    mel_to_hertz,
    mix_at_snr,
    normalise_bands,
    normalise_level,
    read_audio,
)

CONFIGS = [SpectrogramConfig(), SpectrogramConfig(rate=16000, n_fft=512, hop=160, mels=80)]


def noise(*shape, seed=0):
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def test_reads_and_averages_channels(tmp_path):
    path = tmp_path / "stereo.wav"
    soundfile.write(path, np.stack([np.full(8, 0.5), np.full(8, 0.25)], axis=1), 8000, "FLOAT")
    assert torch.equal(read_audio(path, 8000), torch.full((8,), 0.375))


def test_another_rate_is_refused_with_the_remedy(tmp_path):
    path = tmp_path / "fast.wav"
    soundfile.write(path, np.zeros(8), 44100)
    with pytest.raises(AudioError, match=r"fast\.wav.*44100.*8000 were expected.*resample_poly"):
        read_audio(path, 8000)


@pytest.mark.parametrize("content", [b"", b"this is no sound"])
def test_an_unreadable_file_is_named(tmp_path, content):
    path = tmp_path / "bad.wav"
    path.write_bytes(content)
    with pytest.raises(AudioError, match=re.escape(str(path))):
        read_audio(path, 8000)


def test_missing_empty_and_nan_sounds_are_refused(tmp_path):
    with pytest.raises(AudioError, match=r"nowhere\.wav"):
        read_audio(tmp_path / "nowhere.wav", 8000)
    soundfile.write(tmp_path / "empty.wav", np.zeros(0), 8000)
    with pytest.raises(AudioError, match=r"empty\.wav holds no samples"):
        read_audio(tmp_path / "empty.wav", 8000)
    soundfile.write(tmp_path / "nan.wav", np.array([0.0, np.nan]), 8000, "FLOAT")
    with pytest.raises(AudioError, match=r"nan\.wav.*NaN"):
        read_audio(tmp_path / "nan.wav", 8000)


@given(st.integers(0, 30), st.integers(1, 30))
def test_fit_length_keeps_the_middle(length, samples):
    clip = torch.arange(1.0, length + 1)
    fitted = fit_length(clip, samples)
    assert fitted.shape == (samples,)
    if length >= samples:
        start = (length - samples) // 2
        assert torch.equal(fitted, clip[start : start + samples])
    else:
        start = (samples - length) // 2
        assert torch.equal(fitted[start : start + length], clip)
        assert fitted.count_nonzero() == length


@pytest.mark.parametrize("config", CONFIGS)
def test_filterbank_agrees_with_librosa(config):
    expected = librosa.filters.mel(sr=config.rate, n_fft=config.n_fft, n_mels=config.mels)
    np.testing.assert_allclose(mel_filterbank(config).numpy(), expected, atol=1e-7)


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
    ("option", "value"), [("hop", 0), ("hop", 401), ("mels", 0), ("mels", 201), ("floor", 0.0)]
)
def test_an_impossible_spectrogram_is_refused(option, value):
    with pytest.raises(ValueError, match=option):
        SpectrogramConfig(**{option: value})


@given(st.lists(st.floats(-30, 30), min_size=1, max_size=4))
def test_the_mixture_has_the_wanted_ratio(decibels):
    wanted = torch.tensor(decibels)
    speech, sound = noise(len(wanted), 800) * 0.1, noise(len(wanted), 800, seed=1)
    mixture = mix_at_snr(speech, sound, wanted)
    torch.testing.assert_close(measure_snr(speech, mixture - speech), wanted, atol=1e-2, rtol=0)
    scalar = mix_at_snr(speech, sound, decibels[0])
    torch.testing.assert_close(scalar[0], mixture[0])


def test_silence_cannot_be_mixed_or_levelled():
    silent, sound = torch.zeros(2, 100), noise(2, 100)
    with pytest.raises(AudioError, match="speech is silent"):
        mix_at_snr(silent, sound, 0.0)
    with pytest.raises(AudioError, match="noise is silent"):
        mix_at_snr(sound, silent, 0.0)
    with pytest.raises(AudioError, match="clip is silent"):
        normalise_level(torch.zeros(0))
    with pytest.raises(AudioError, match="one shape"):
        mix_at_snr(sound, noise(2, 90), 0.0)


def test_normalised_clips_are_equally_loud():
    clips = normalise_level(noise(3, 500) * torch.tensor([[0.01], [1.0], [50.0]]), 0.2)
    torch.testing.assert_close(clips.square().mean(1).sqrt(), torch.full((3,), 0.2))


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
    with pytest.raises(AudioError, match="positive, got 0"):
        change_speed(clips, 0.0)
