"""How raw input becomes what an encoder reads: a part of a model that has no weights.

Each is a configuration and what it describes at once: `build` gives itself. Called with raw input
it returns one sample, without the dimension of the batch.
"""

from dataclasses import dataclass
from typing import Any, Self

import torch
from torch import Tensor

from mmbook.models.config import ConfigError, ModelConfig
from mmbook.preprocessing.audio.mel import (
    SpectrogramConfig,
    log_mel_spectrogram,
    normalise_bands,
)
from mmbook.preprocessing.audio.raw import as_waveform, isolate_word
from mmbook.preprocessing.images.digits import centre_digit, fit_garment
from mmbook.preprocessing.images.raw import as_pixels


class InputConfig(ModelConfig):
    """Turns one raw input into one sample."""

    def build(self) -> Self:
        """Itself: there are no weights."""
        return self

    def __call__(self, raw: Any) -> Tensor:
        """One sample, a tensor. Raises a ValueError that says what is wrong with the input."""
        raise NotImplementedError


@dataclass(frozen=True)
class DigitImage(InputConfig, kind="digit-image"):
    """A picture of one digit in the form of MNIST: (1, 28, 28). Raw: see `as_pixels`."""

    def __call__(self, raw: Any) -> Tensor:
        return torch.from_numpy(centre_digit(as_pixels(raw)))[None]


@dataclass(frozen=True)
class GarmentImage(InputConfig, kind="garment-image"):
    """A picture of one garment in the form of Fashion-MNIST: (1, 28, 28). Raw: see `as_pixels`."""

    def __call__(self, raw: Any) -> Tensor:
        return torch.from_numpy(fit_garment(as_pixels(raw)))[None]


@dataclass(frozen=True)
class SpokenWord(InputConfig, kind="spoken-word"):
    """One spoken word as log-mel bands less their means: (frames, mels). Raw: see `as_waveform`.

    samples: the length that a word is cut or padded to. The rest is as in `SpectrogramConfig`.
    """

    samples: int = 6400
    rate: int = 8000
    n_fft: int = 400
    hop: int = 200
    mels: int = 40
    floor: float = 1e-2

    def __post_init__(self) -> None:
        if self.samples < self.hop:
            raise ConfigError(f"samples must be {self.hop} or more, one hop, not {self.samples}")
        self.spectrogram()  # refuses what does not fit

    def spectrogram(self) -> SpectrogramConfig:
        """The settings of the log-mel bands."""
        return SpectrogramConfig(self.rate, self.n_fft, self.hop, self.mels, self.floor)

    def __call__(self, raw: Any) -> Tensor:
        clip = isolate_word(as_waveform(raw, self.rate), self.samples)
        return self.features(clip[None])[0]

    def features(self, clips: Tensor) -> Tensor:
        """What the encoder reads of clips that hold one word each, (n, samples)."""
        return normalise_bands(log_mel_spectrogram(clips, self.spectrogram()))
