"""Statistics of the samples of a frame."""

import math

import pytest
import torch
from torch import Tensor

from mmbook.preprocessing.audio.checks import AudioError
from mmbook.preprocessing.audio.frame_statistics import STATISTICS, frame_statistics


def named(frame: Tensor) -> dict[str, float]:
    return dict(zip(STATISTICS, frame_statistics(frame).tolist(), strict=True))


def tone(samples: int = 128, amplitude: float = 0.5) -> Tensor:
    turns = torch.arange(samples, dtype=torch.float64) * (2 * math.pi * 4 / samples)
    return (amplitude * turns.sin()).float()


def test_level_and_peak_of_a_tone() -> None:
    found = named(tone())
    assert found["level"] == pytest.approx(math.log10(0.5 / math.sqrt(2)), abs=1e-3)
    assert found["peak"] == pytest.approx(math.log10(0.5), abs=1e-3)
    assert found["offset"] == pytest.approx(0, abs=1e-5)
    assert found["zeros"] == pytest.approx(8 / 128)  # where it crosses, twice a period


def test_a_louder_frame_differs_in_level_and_peak_only() -> None:
    quiet, loud = named(tone(amplitude=0.05)), named(tone(amplitude=0.5))
    changed = {name for name in STATISTICS if abs(quiet[name] - loud[name]) > 0.01}
    assert changed == {"level", "peak"}


def test_a_clipped_frame_is_flat_at_its_peak() -> None:
    whole, clipped = named(tone()), named(tone().clamp(-0.25, 0.25))
    assert whole["flat"] == 0
    share = (tone().abs() >= 0.25).float().mean().item()
    assert clipped["at_peak"] == pytest.approx(share, abs=0.01)
    assert clipped["flat"] == pytest.approx(share - 8 / 128, abs=0.02)  # eight tops, one less each


def test_a_lost_packet_is_zeros() -> None:
    frame = tone()
    frame[32:96] = 0
    assert named(frame)["zeros"] == pytest.approx(68 / 128)


def test_a_click_stands_out_of_the_differences() -> None:
    frame = tone()
    frame[50] += 0.3
    before, after = named(tone()), named(frame)
    assert after["bend_crest"] > before["bend_crest"] + 0.5
    assert after["slope_crest"] > before["slope_crest"] + 0.3


def test_silence_has_finite_statistics() -> None:
    assert frame_statistics(torch.zeros(2, 3, 128)).isfinite().all()
    assert frame_statistics(torch.zeros(2, 3, 128)).shape == (2, 3, len(STATISTICS))


@pytest.mark.parametrize("frames", [torch.zeros(4, 2), torch.zeros(4, 8, dtype=torch.int16)])
def test_other_frames_are_refused(frames: Tensor) -> None:
    with pytest.raises(AudioError, match="three samples or more"):
        frame_statistics(frames)
