import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from mmbook.preprocessing.audio.checks import AudioError
from mmbook.preprocessing.audio.faults import RATE
from mmbook.preprocessing.audio.faults.channel import (
    PACKET,
    add_room,
    by_packet,
    change_level,
    clip_at,
    clip_peaks,
    drop_packets,
    limit_band,
    lost_packets,
)


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def sound(samples, seed=0):
    return 0.1 * torch.randn(samples, generator=generator(seed))


def test_a_room_keeps_power_and_place_and_lets_the_sound_ring_on():
    clip = torch.zeros(RATE)
    clip[1000:1100] = sound(100)
    heard, active = add_room(clip, 0.5, generator())
    assert active.all()
    torch.testing.assert_close(heard.square().mean(), clip.square().mean())
    assert heard[:1000].abs().max() < 1e-6
    best = torch.stack([(clip * heard.roll(-shift)).sum() for shift in range(-20, 21)]).argmax()
    assert int(best) == 20  # without a delay
    tail = heard[1100:].view(-1, 100).square().sum(dim=1)
    fall = 10 * torch.log10(tail[:5].sum() / tail[20:25].sum())
    assert float(fall) == pytest.approx(60 * 2000 / (0.5 * RATE), abs=3)  # 60 dB in T60


@given(st.integers(50, 3000), st.floats(0.01, 0.5))
def test_as_many_samples_are_cut_off_as_asked(samples, share):
    clip = sound(samples)
    cut, active = clip_peaks(clip, share)
    assert int(active.sum()) == max(1, round(share * samples))
    ceiling = cut.abs().max()
    assert (cut[active].abs() == ceiling).all() and (clip[active].abs() >= ceiling).all()
    assert cut[~active].equal(clip[~active])


def test_what_is_cut_off_at_full_scale():
    cut, active = clip_at(torch.tensor([0.5, 1.5, -2.0, 1.0]), 1.0)
    assert cut.tolist() == [0.5, 1.0, -1.0, 1.0]
    assert active.tolist() == [False, True, True, True]
    with pytest.raises(AudioError, match="ceiling must be positive, got 0"):
        clip_at(sound(5), 0)
    for share in (0, 1, math.nan):
        with pytest.raises(AudioError, match="share must lie between 0 and 1"):
            clip_peaks(sound(5), share)


def test_a_level_is_changed_by_decibels():
    clip = sound(100)
    louder, active = change_level(clip, 20.0)
    torch.testing.assert_close(louder, 10 * clip)
    assert active.all()


@given(st.floats(300, 3500))
def test_the_band_ends_at_the_cutoff(cutoff):
    click = torch.zeros(RATE, dtype=torch.float64)
    click[RATE // 2] = 1
    limited, active = limit_band(click, cutoff)
    response = torch.fft.rfft(limited).abs().square()  # one bin is one hertz
    frequencies = torch.arange(len(response))
    expected = 1 / (1 + (frequencies / cutoff) ** 16)
    torch.testing.assert_close(response, expected.double(), atol=2e-3, rtol=0)
    assert active.all()
    assert int(limited.argmax()) == RATE // 2  # without a delay
    with pytest.raises(AudioError, match="between 0 and 4000 Hz, got 4000"):
        limit_band(click, 4000)


@pytest.mark.parametrize(("loss", "burst"), [(0.05, 1.0), (0.2, 3.0), (0.5, 2.0)])
def test_packets_are_lost_as_gilbert_has_it(loss, burst):
    lost = lost_packets(40_000, loss, burst, generator())
    assert float(lost.float().mean()) == pytest.approx(loss, rel=0.1)
    bursts = int((lost & ~torch.cat([torch.tensor([False]), lost[:-1]])).sum())
    assert int(lost.sum()) / bursts == pytest.approx(burst, rel=0.05)


def test_no_packets_are_lost_without_loss_and_some_models_do_not_exist():
    assert not lost_packets(500, 0.0, 2.0, generator()).any()
    with pytest.raises(AudioError, match=r"bursts of 1\.0 packets cannot make up 0\.9 of all"):
        lost_packets(10, 0.9, 1.0, generator())
    with pytest.raises(AudioError, match="burst must be a finite number of at least 1"):
        lost_packets(10, 0.1, 0.5, generator())


def test_lost_packets_are_silent_and_the_others_as_before():
    clip = sound(3 * PACKET + 7)
    dropped, active = drop_packets(clip, torch.tensor([False, True, False, True]))
    assert active.nonzero()[:, 0].tolist() == [*range(160, 320), *range(480, 487)]
    assert not dropped[active].any() and dropped[~active].equal(clip[~active])
    assert by_packet(clip).shape == (4, PACKET)
    with pytest.raises(AudioError, match=r"487 samples are 4 packets.*got torch.bool \(3,\)"):
        drop_packets(clip, torch.zeros(3, dtype=torch.bool))


@pytest.mark.parametrize(
    "damage",
    [
        lambda clip: add_room(clip, 0.3, generator()),
        lambda clip: clip_peaks(clip, 0.1),
    ],
)
def test_silence_cannot_be_damaged(damage):
    with pytest.raises(AudioError, match="is silent: nothing of it can be damaged"):
        damage(torch.zeros(100))
