"""What the package costs beside a reference that does the same, in one run: `make bench`.

Each line is the median time of ours over the reference's, with the range of the ratio over rounds
in which the two take turns, so that a machine whose speed drifts slows both.
"""

import statistics
import time
from collections.abc import Callable

import librosa
import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from mmbook.datasets.digits import SPECTROGRAM, Degradation, draw, load_bank
from mmbook.encoders import ConvolutionalEncoder
from mmbook.models import recogniser
from mmbook.preprocessing.speech import log_mel_spectrogram
from mmbook.training import TrainingConfig, fit

ROUNDS = 7


def compare(name: str, ours: Callable[[], object], reference: Callable[[], object]) -> None:
    """Print how long `ours` takes, as a multiple of the reference."""
    for warm_up in (ours, reference):
        warm_up()
    pairs = [(_seconds(ours), _seconds(reference)) for _ in range(ROUNDS)]
    ratios = sorted(a / b for a, b in pairs)
    print(
        f"{name:58} {statistics.median(ratios):6.2f} × ({ratios[0]:.2f} to {ratios[-1]:.2f}), "
        f"{statistics.median(a for a, _ in pairs) * 1e3:.1f} ms"
    )


def _seconds(action: Callable[[], object]) -> float:
    started = time.perf_counter()
    action()
    return time.perf_counter() - started


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


def encoder() -> None:
    """Forward and backward of our encoder against the same layers of torch.nn in a row."""
    pictures = torch.rand(128, 1, 28, 28)
    ours = ConvolutionalEncoder()
    sizes = [(1, 16), (16, 32), (32, 64)]
    layers = [
        layer
        for i, o in sizes
        for layer in (nn.Conv2d(i, o, 3, 2, 1), nn.BatchNorm2d(o), nn.ReLU())
    ]
    reference = nn.Sequential(*layers)

    compare(
        "CNN encoder, forward and backward / with BatchNorm2d",
        lambda: ours(pictures).mean().square().mean().backward(),
        lambda: reference(pictures).mean((2, 3)).square().mean().backward(),
    )


def training_loop() -> None:
    """Forty steps of `fit` against the plainest loop with the same model and optimiser."""
    samples = draw(load_bank("train"), 5120, degradation=Degradation(picture_noise=(0.0, 1.0)))
    samples = samples.only("picture")
    config = TrainingConfig(steps=40, batch_size=128)

    def ours() -> None:
        fit(recogniser(["picture"], 2), samples, config, progress=False)

    def reference() -> None:
        model = recogniser(["picture"], 2)
        optimiser = torch.optim.AdamW(model.parameters())
        for batch in samples.batches(128):
            F.cross_entropy(model(batch.inputs), batch.targets).backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimiser.step()
            optimiser.zero_grad()

    compare("40 training steps with fit / a bare loop", ours, reference)


if __name__ == "__main__":
    torch.manual_seed(0)
    for benchmark in (spectrograms, encoder, training_loop):
        benchmark()
