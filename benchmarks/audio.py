"""The speed of step 1 for sound."""

import functools
import importlib.util
import itertools
import math

import librosa
import numpy as np
import scipy.signal
import torch
from torch import Tensor

from benchmarks.compare import compare
from mmbook.datasets.digits.items import SPECTROGRAM, load_bank
from mmbook.datasets.entries import DataMissingError
from mmbook.datasets.real.fsdd import load_recordings
from mmbook.preprocessing.audio.batches import log_mel_tokens
from mmbook.preprocessing.audio.mel import log_mel_spectrogram
from mmbook.preprocessing.audio.resampling import resample
from mmbook.preprocessing.audio.voice_activity import trim

CLIPS = 300
TOLERANCE = 1e-4


def clips_of_their_lengths() -> tuple[str, list[Tensor]]:
    """Spoken digits of mixed lengths: recorded ones where they are there, else the shipped ones."""
    try:
        sounds = load_recordings("test")
    except DataMissingError:
        return "synthetic", [trim(clip) for clip in load_bank("train").clips[:CLIPS]]
    lengths = sounds.lengths.tolist()
    return "recorded", [clip[:n] for clip, n in zip(sounds.waveforms, lengths, strict=True)]


def librosas_log_mel(clip: np.ndarray) -> np.ndarray:
    """Librosa's log-mel spectrogram with our settings, (frames, mels)."""
    mel = librosa.feature.melspectrogram(
        y=clip,
        sr=SPECTROGRAM.rate,
        n_fft=SPECTROGRAM.n_fft,
        hop_length=SPECTROGRAM.hop,
        n_mels=SPECTROGRAM.mels,
        pad_mode="constant",
    )
    frames = len(clip) // SPECTROGRAM.hop
    return np.log(np.maximum(mel.T[:frames], SPECTROGRAM.floor))


def spectrograms() -> None:
    """Log-mel spectrograms of clips of mixed lengths against librosa, one clip after another."""
    kind, clips = clips_of_their_lengths()
    arrays = [clip.numpy() for clip in clips]
    ours = log_mel_tokens(clips, SPECTROGRAM)
    for values, mask, array in zip(ours.values, ours.mask, arrays, strict=True):
        np.testing.assert_allclose(values[mask].numpy(), librosas_log_mel(array), atol=TOLERANCE)
    compare(
        f"log-mel of {len(clips)} {kind} clips / librosa",
        lambda: log_mel_tokens(clips, SPECTROGRAM),
        lambda: [librosas_log_mel(array) for array in arrays],
    )


def one_length() -> None:
    """Log-mel spectrograms of clips of one length against librosa, given the same batch."""
    clips = load_bank("test").clips
    batch = clips.numpy()

    def reference() -> np.ndarray:
        mel = librosa.feature.melspectrogram(
            y=batch,
            sr=SPECTROGRAM.rate,
            n_fft=SPECTROGRAM.n_fft,
            hop_length=SPECTROGRAM.hop,
            n_mels=SPECTROGRAM.mels,
            pad_mode="constant",
        )
        return np.log(np.maximum(mel, SPECTROGRAM.floor))

    expected = reference().transpose(0, 2, 1)[:, :-1]
    np.testing.assert_allclose(log_mel_spectrogram(clips).numpy(), expected, atol=TOLERANCE)
    compare(
        f"log-mel of {len(clips)} clips of one length / librosa's batch",
        lambda: log_mel_spectrogram(clips),
        reference,
    )


def torchaudios() -> None:
    """The same batch against torchaudio, where it is installed."""
    if importlib.util.find_spec("torchaudio") is None:
        print("log-mel / torchaudio: torchaudio is not installed")
        return
    from torchaudio.transforms import MelSpectrogram  # pyright: ignore[reportMissingImports]

    clips = load_bank("test").clips
    transform = MelSpectrogram(
        SPECTROGRAM.rate,
        SPECTROGRAM.n_fft,
        hop_length=SPECTROGRAM.hop,
        n_mels=SPECTROGRAM.mels,
        pad_mode="constant",
        norm="slaney",
        mel_scale="slaney",
    )

    def reference() -> Tensor:
        return transform(clips).clamp(min=SPECTROGRAM.floor).log().mT

    torch.testing.assert_close(
        log_mel_spectrogram(clips), reference()[:, :-1], atol=TOLERANCE, rtol=0
    )
    compare(
        f"log-mel of {len(clips)} clips of one length / torchaudio",
        lambda: log_mel_spectrogram(clips),
        reference,
    )


def resampling() -> None:
    """Between the rates that sound files have, short clips and long ones, against SciPy."""
    rates = (8000, 16000, 22050, 44100, 48000)
    for rate, new_rate in itertools.permutations(rates, 2):
        for seconds in (0.5, 30):
            sound = torch.randn(1, round(seconds * rate))
            array, shared = sound.numpy(), math.gcd(rate, new_rate)
            up, down = new_rate // shared, rate // shared
            compare(
                f"resampling {seconds} s from {rate} to {new_rate} Hz / scipy",
                functools.partial(resample, sound, rate, new_rate),
                functools.partial(scipy.signal.resample_poly, array, up, down, axis=1),
            )


BENCHMARKS = (spectrograms, one_length, torchaudios, resampling)
