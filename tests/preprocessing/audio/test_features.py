"""Each step from waveform to MFCC: its size, and that the order of frames is kept."""

import pytest
import torch

from mmbook.preprocessing.audio.features import FEATURES, SPECTROGRAM, features, stretch


@pytest.mark.parametrize("name", FEATURES)
def test_every_step_gives_a_row_of_numbers(name: str) -> None:
    generator = torch.Generator().manual_seed(0)
    clips = [torch.randn(count, generator=generator) for count in (3000, 2000, 4001)]
    rows = features(name, clips, frames=4)
    bins, mels = SPECTROGRAM.n_fft // 2 + 1, SPECTROGRAM.mels
    widths = {"waveform": SPECTROGRAM.hop, "power STFT": bins, "log STFT": bins}
    width = widths.get(name, 13 if name.startswith("MFCC") else mels)
    assert rows.shape == (3, 4 * width) and torch.isfinite(rows).all()
    if "minus mean" in name:
        clip = clips[0]
        assert FEATURES[name](clip).mean(dim=0).abs().max() < 1e-4


def test_stretching_keeps_the_order_of_frames() -> None:
    frames = torch.arange(6.0)[:, None].expand(6, 2)
    assert stretch(frames, 6).equal(frames)
    assert stretch(frames, 3).shape == (3, 2)
    assert (stretch(frames, 11).diff(dim=0) >= 0).all()
