"""The speed of step 1 for sound."""

import librosa
import numpy as np

from benchmarks.compare import compare
from mmbook.datasets.digits import SPECTROGRAM, load_bank
from mmbook.preprocessing.speech import log_mel_spectrogram


def spectrograms() -> None:
    """A batch of log-mel spectrograms against librosa, one clip after another."""
    clips = load_bank("test").clips
    arrays = list(clips.numpy())

    def reference() -> np.ndarray:
        return np.stack(
            [
                librosa.feature.melspectrogram(
                    y=clip,
                    sr=SPECTROGRAM.rate,
                    n_fft=SPECTROGRAM.n_fft,
                    hop_length=SPECTROGRAM.hop,
                    n_mels=SPECTROGRAM.mels,
                )
                for clip in arrays
            ]
        )

    compare("log-mel of 120 clips / librosa", lambda: log_mel_spectrogram(clips), reference)


BENCHMARKS = (spectrograms,)
