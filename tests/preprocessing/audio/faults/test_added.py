import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from mmbook.preprocessing.audio.checks import AudioError
from mmbook.preprocessing.audio.faults import RATE
from mmbook.preprocessing.audio.faults.added import (
    CLICK,
    add_clicks,
    add_crosstalk,
    add_hum,
    add_noise,
)
from mmbook.preprocessing.audio.faults.noises import (
    SLOPES,
    babble,
    coloured,
    hum,
    pulses,
    swelling,
)


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def sound(samples, seed=0):
    return 0.1 * torch.randn(samples, generator=generator(seed))


def decibels(ratio):
    return 10 * math.log10(float(ratio))


@given(st.integers(100, 4000), st.floats(0.1, 1.0), st.floats(-10, 40), st.integers(0, 50))
def test_noise_lies_below_speech_by_the_ratio_while_it_lasts(samples, share, snr_db, start):
    speech = sound(samples).double()
    noise = sound(max(1, int(share * (samples - start))), 1).double()
    noisy, active = add_noise(speech, noise, snr_db, start)
    assert noisy.shape == active.shape == (samples,)
    assert active.nonzero()[:, 0].tolist() == list(range(start, start + len(noise)))
    part = noisy - speech
    assert not part[~active].any()
    measured = decibels(speech.square().mean() / part[active].square().mean())
    assert measured == pytest.approx(snr_db, abs=0.01)


def test_noise_that_does_not_fit_or_is_silent_is_refused():
    with pytest.raises(AudioError, match="from sample 60 on does not fit into 100: cut it"):
        add_noise(sound(100), sound(50), 10.0, 60)
    for speech, noise in ((sound(9), torch.zeros(9)), (torch.zeros(9), sound(9))):
        with pytest.raises(AudioError, match="must not be silent"):
            add_noise(speech, noise, 10.0)
    with pytest.raises(AudioError, match="snr_db must be a finite number"):
        add_noise(sound(9), sound(9), math.nan)


@pytest.mark.parametrize("mains", [50.0, 60.0])
def test_hum_has_its_level_and_its_harmonics_only(mains):
    speech = sound(RATE).double()
    humming, active = add_hum(speech, -12.0, mains, generator())
    part = humming - speech
    assert active.all()
    assert decibels(part.square().mean() / speech.square().mean()) == pytest.approx(-12, abs=0.01)
    spectrum = torch.fft.rfft(part).abs().square()  # one bin is one hertz
    assert int(spectrum.argmax()) == mains
    harmonics = spectrum[torch.arange(1, 13) * int(mains)].sum()
    assert harmonics > 0.999 * spectrum.sum()
    with pytest.raises(AudioError, match="mains have 50 or 60 Hz, not 55"):
        hum(100, 55.0, generator())


def test_crosstalk_is_active_only_where_the_other_speaks():
    other = torch.zeros(8000)
    other[3000:5000] = sound(2000, 1)
    both, active = add_crosstalk(sound(8000), other, 5.0)
    assert active[3100:4900].all()
    assert not active[:2700].any() and not active[5300:].any()
    assert both.shape == active.shape


def test_clicks_are_where_the_truth_says_and_as_high_as_asked():
    clip = sound(2 * RATE)
    clicking, active = add_clicks(clip, 5.0, 0.5, generator())
    changed = (clicking - clip).abs()
    assert not changed[~active].any()
    assert float(changed.max() / clip.abs().max()) == pytest.approx(0.5, rel=0.01)
    assert 0 < int(active.sum()) <= 10 * CLICK
    starts = active & ~torch.cat([torch.tensor([False]), active[:-1]])
    assert 8 <= int(starts.sum()) <= 10  # two may fall together
    assert add_clicks(clip, 0.0, 0.5, generator()).active.any()  # one at least
    assert add_clicks(clip, 5.0, 20.0, generator()).waveform.abs().max() <= 1


@pytest.mark.parametrize("colour", SLOPES)
def test_colours_rise_or_fall_as_they_are_named(colour):
    noise = coloured(16 * RATE, colour, generator())
    assert float(noise.square().mean()) == pytest.approx(1, rel=1e-3)
    spectrum = torch.fft.rfft(noise).abs().square()
    frequencies = torch.fft.rfftfreq(len(noise), 1 / RATE)
    octaves = [
        spectrum[(low <= frequencies) & (frequencies < 2 * low)].mean()
        for low in (125.0, 250.0, 500.0, 1000.0, 2000.0)
    ]
    slope = decibels(octaves[-1] / octaves[0]) / 4
    assert slope == pytest.approx(SLOPES[colour], abs=0.3)
    with pytest.raises(AudioError, match="there is no noise 'green'; there are blue, white"):
        coloured(10, "green", generator())


def test_swelling_noise_swells_by_twenty_decibels():
    levels = swelling(8 * RATE, generator(1)).view(-1, RATE // 10).square().mean(dim=1)
    assert decibels(levels.max() / levels.min()) == pytest.approx(20, abs=3)


def test_a_babble_holds_every_voice_equally():
    voices = [3 * sound(4000, 1), sound(4000, 2), sound(4000, 3)]
    heard = babble(voices)
    assert float(heard.square().mean()) == pytest.approx(1, rel=1e-3)
    likeness = [float(torch.corrcoef(torch.stack([heard, voice]))[0, 1]) for voice in voices]
    assert min(likeness) > 0.5 and max(likeness) - min(likeness) < 0.05
    with pytest.raises(AudioError, match="three voices or more, got 2"):
        babble(voices[:2])
    with pytest.raises(AudioError, match="of one length"):
        babble([*voices[:2], sound(10)])


def test_pulses_begin_at_their_places_and_die_away():
    places, decay = torch.tensor([2, 10]), torch.tensor([1.0, 1.0])
    line = pulses(12, places, decay, torch.tensor([1.0, -1.0]), 4)
    expected = [0, 0, 1, math.exp(-1), math.exp(-2), math.exp(-3), 0, 0, 0, 0, -1, -math.exp(-1)]
    torch.testing.assert_close(line, torch.tensor(expected))
