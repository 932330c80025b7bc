"""Sound as its publishers released it: three formats, another rate, and librosa's numbers."""

import librosa
import numpy as np
import pytest
import torch

from mmbook.datasets.real.fsdd import load_recordings
from mmbook.preprocessing.audio.batches import log_mel_tokens
from mmbook.preprocessing.audio.checks import AudioError
from mmbook.preprocessing.audio.mel import SpectrogramConfig
from mmbook.preprocessing.audio.voice_activity import trim
from mmbook.preprocessing.audio.waveforms import clipped_share, read_audio


@pytest.mark.parametrize(
    ("pattern", "rate"),
    [
        ("free-spoken-digit-dataset/recordings/0_george_*.wav", 8000),
        ("ESC-10/*/*.ogg", 16000),
        ("audio-cmn/**/*.mp3", None),
    ],
)
def test_every_format_is_read_at_the_rate_that_is_asked_for(real_data, pattern, rate):
    paths = sorted(real_data.glob(pattern))[:5]
    assert len(paths) == 5
    for path in paths:
        if rate is not None:
            assert torch.equal(read_audio(path, rate), read_audio(path, rate, resample=True))
        clip = read_audio(path, 11025, resample=True)
        assert clip.ndim == 1 and torch.isfinite(clip).all() and clip.abs().max() > 0
        with pytest.raises(AudioError, match="resample=True"):
            read_audio(path, 11025)


def test_recorded_digits_have_librosas_log_mel():
    sounds = load_recordings("test")
    clips = [c[:n] for c, n in zip(sounds.waveforms, sounds.lengths.tolist(), strict=True)]
    config = SpectrogramConfig(rate=sounds.rate)
    tokens = log_mel_tokens(clips, config)
    assert tokens.mask.sum(dim=1).equal(sounds.lengths // config.hop)
    for clip, values, mask in list(zip(clips, tokens.values, tokens.mask, strict=True))[::10]:
        mel = librosa.feature.melspectrogram(
            y=clip.numpy(), sr=8000, n_fft=400, hop_length=200, n_mels=40, pad_mode="constant"
        )
        expected = np.log(np.maximum(mel.T[: int(mask.sum())], config.floor))
        np.testing.assert_allclose(values[mask].numpy(), expected, atol=1e-4)


def test_recorded_digits_are_mostly_speech_and_hardly_clipped():
    sounds = load_recordings("test")
    for clip, length in list(zip(sounds.waveforms, sounds.lengths.tolist(), strict=True))[::20]:
        assert len(trim(clip[:length])) > length // 3
        assert clipped_share(clip[None, :length]) < 0.05
