import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from mmbook.preprocessing.audio.checks import AudioError
from mmbook.preprocessing.audio.voice_activity import (
    SILENCE_DB,
    VoiceActivityConfig,
    frame_levels,
    trim,
    voice_activity,
)

EXACT = VoiceActivityConfig(hangover=0)


def noise(*shape, seed=0):
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def spoken(start, stop, samples=8000, background=0.001):
    """Loud between two samples, and soft elsewhere."""
    clip = background * noise(1, samples)
    clip[:, start:stop] += 0.1 * noise(1, stop - start, seed=1)
    return clip


def test_levels_are_decibels():
    levels = frame_levels(torch.full((1, 1000), 0.1), 200, 100)
    assert levels.shape == (1, 11)
    torch.testing.assert_close(levels[0, 2:9], torch.full((7,), -20.0))
    assert frame_levels(torch.zeros(1, 10), 4, 2).eq(SILENCE_DB).all()


@pytest.mark.parametrize("size", [199, 200, 201])
def test_what_is_kept_is_all_of_the_active_frames(size):
    config = VoiceActivityConfig(size=size, hangover=0)
    clip = spoken(3000, 5000)
    active = voice_activity(clip, config)[0].nonzero()[:, 0]
    frames = clip[0].unfold(0, size, 1)
    kept = trim(clip[0], config)
    first, last = (int(place) * config.hop - size // 2 for place in active[[0, -1]])
    assert kept[:size].equal(frames[first]) and kept[-size:].equal(frames[last])
    assert len(kept) == last + size - first


@given(st.integers(20, 40), st.integers(20, 40), st.sampled_from([0.0, 0.001, 0.01]))
def test_the_loud_part_is_found(before, after, background):
    start, stop = before * 80, 8000 - after * 80
    active = voice_activity(spoken(start, stop, background=background), EXACT)[0]
    assert active.shape == (101,)
    assert active[before + 2 : -after - 2].all()
    assert not active[: before - 2].any() and not active[-after + 3 :].any()


@given(st.integers(0, 8), st.floats(0.01, 100))
def test_the_hangover_widens_by_so_many_frames_and_loudness_changes_nothing(hangover, gain):
    clip = spoken(3200, 4800)
    exact = voice_activity(clip, EXACT)[0].nonzero()[:, 0]
    config = VoiceActivityConfig(hangover=hangover)
    wide = voice_activity(gain * clip, config)[0].nonzero()[:, 0]
    assert wide[0] == exact[0] - hangover and wide[-1] == exact[-1] + hangover


def test_silence_and_steady_noise_hold_no_speech():
    assert not voice_activity(torch.zeros(2, 4000)).any()
    assert not voice_activity(torch.ones(1, 4000), VoiceActivityConfig(size=80)).any()
    for quiet in (torch.zeros(4000), torch.zeros(1)):
        with pytest.raises(AudioError, match="stands out"):
            trim(quiet)


def test_trimming_keeps_the_loud_part():
    clip = spoken(3200, 4800)[0]
    trimmed = trim(clip, EXACT)
    assert 1600 <= len(trimmed) <= 1600 + 4 * 200
    assert trimmed.square().sum() > 0.999 * clip[3200:4800].square().sum()


@pytest.mark.parametrize(
    "option",
    [
        *({"size": 0}, {"hop": 0}, {"hangover": -1}, {"quiet": 1.5}),
        *({name: math.nan} for name in ("size", "hop", "hangover", "quiet")),
        *({name: math.nan} for name in ("margin_db", "range_db")),
    ],
)
def test_impossible_settings_are_refused(option):
    with pytest.raises(ValueError, match=next(iter(option))):
        VoiceActivityConfig(**option)
