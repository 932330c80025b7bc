"""Other speeds and other microphones."""

import math

import pytest
import torch
from torch import Generator, Tensor

from mmbook.datasets.speech_faults.variety import (
    NOISE_SPEED,
    POINTS,
    VOICE_SPEED,
    at_speed,
    bursts,
    filtered,
    other_microphone,
    other_noise,
    voice_speed,
)
from mmbook.preprocessing.audio.faults import RATE


def tone(hertz: float, samples: int = 8000) -> Tensor:
    return torch.sin(2 * math.pi * hertz / RATE * torch.arange(samples))


def highest(clip: Tensor) -> float:
    """The frequency with the most power, in Hz."""
    return float(torch.fft.rfft(clip).abs().argmax() * RATE / len(clip))


def test_twice_the_speed_is_an_octave_higher_and_half_as_long() -> None:
    fast = at_speed(tone(400), 2.0)
    assert len(fast) == 4000
    assert highest(fast) == pytest.approx(800, abs=3)
    assert at_speed(tone(400), 1.0).equal(tone(400))


@pytest.mark.parametrize("point", range(1, len(POINTS) - 1))
def test_a_filter_has_its_gain_at_its_points(point: int) -> None:
    decibels = torch.tensor([0.0, 6.0, -6.0, 3.0, -9.0, 12.0, 0.0])
    both = tone(POINTS[point]) + tone(1000.0)  # 1000 Hz, between 3 and -9 dB, to compare with
    found = torch.fft.rfft(filtered(both, decibels)).abs()
    before = torch.fft.rfft(both).abs()
    ratio = 20 * (found / before).log10()
    share = math.log2(1000 / POINTS[3]) / math.log2(POINTS[4] / POINTS[3])
    at_1000 = 3 + share * (-9 - 3)
    place = round(POINTS[point])
    assert float(ratio[place] - ratio[1000]) == pytest.approx(
        float(decibels[point]) - at_1000, abs=0.01
    )


def test_a_filter_leaves_the_level_and_silence() -> None:
    clip = torch.randn(1000, generator=Generator().manual_seed(0))
    changed = filtered(clip, torch.linspace(-20, 20, len(POINTS)))
    assert float(changed.square().mean()) == pytest.approx(float(clip.square().mean()), rel=1e-4)
    assert filtered(torch.zeros(1000), torch.ones(len(POINTS))).equal(torch.zeros(1000))


def test_changes_are_drawn_from_the_generator_within_their_bounds() -> None:
    generator = Generator().manual_seed(0)
    speeds = [voice_speed(generator) for _ in range(200)]
    assert 1 / VOICE_SPEED <= min(speeds) < 0.95
    assert 1.05 < max(speeds) <= VOICE_SPEED
    clip = torch.randn(4000, generator=generator)
    lengths = [len(other_noise(clip, generator)) for _ in range(50)]
    assert 4000 / NOISE_SPEED - 1 <= min(lengths) < 2600
    assert 6000 < max(lengths) <= 4000 * NOISE_SPEED + 1
    for change in (other_noise, other_microphone):
        one, other = (change(clip, Generator().manual_seed(3)) for _ in range(2))
        assert one.equal(other)
        assert one.isfinite().all()
        assert not one.equal(change(clip, Generator().manual_seed(4)))


def test_bursts_rise_and_fade_again_and_again() -> None:
    envelope = bursts(5 * RATE, Generator().manual_seed(0))
    assert float(envelope.max()) > 0.9
    assert float(envelope.min()) < 0.1
    peaks = (envelope[1:-1] > envelope[:-2]) & (envelope[1:-1] >= envelope[2:])
    assert 2 <= int(peaks.sum()) <= 17  # 0.3 to 2 s apart
    assert float(envelope[0]) == 0
