import pytest
import torch

from mmbook.preprocessing.audio.checks import AudioError
from mmbook.preprocessing.audio.faults import RATE
from mmbook.preprocessing.audio.faults.unseen import (
    UNSEEN,
    add_wind,
    apply_unseen,
    coarse_codec,
    wobble,
)


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def tone(hertz, samples=RATE):
    return 0.5 * torch.sin(2 * torch.pi * hertz * torch.arange(samples) / RATE)


def test_a_coarse_codec_has_few_levels():
    assert len(coarse_codec(tone(100), 3).waveform.unique()) <= 8
    assert len(coarse_codec(tone(100), 5).waveform.unique()) > 8


def test_wind_is_low_and_comes_in_gusts():
    speech = tone(1000, 4 * RATE)
    part = add_wind(speech, 0.0, generator()).waveform - speech
    spectrum = torch.fft.rfft(part).abs().square()  # four bins are one hertz
    assert spectrum[: 4 * 300].sum() > 0.99 * spectrum.sum()
    levels = part.view(-1, RATE // 10).square().mean(dim=1)
    assert levels.max() > 10 * levels.median()


def test_a_wobbling_tone_goes_up_and_down_by_its_depth():
    moved, active = wobble(tone(1000), 0.05, generator())
    assert active.all() and moved.shape == (RATE,)
    crossings = ((moved[:-1] < 0) & (moved[1:] >= 0)).nonzero()[:, 0].double()
    periods = (crossings[20:] - crossings[:-20]) / 20  # in samples, over 20 ms
    assert float(periods.min()) == pytest.approx(8 / 1.05, rel=0.01)
    assert float(periods.max()) == pytest.approx(8 / 0.95, rel=0.01)
    still = wobble(tone(1000), 0.0, generator()).waveform
    torch.testing.assert_close(still, tone(1000), atol=1e-3, rtol=0)


@pytest.mark.parametrize("kind", UNSEEN)
def test_the_worst_changes_more_than_the_mildest(kind):
    clip = tone(300) + tone(1100) * 0.3
    changes = [
        (apply_unseen(clip, kind, share, generator()).waveform - clip).square().mean()
        for share in (0, 0.5, 1)
    ]
    assert 0 < changes[0] < changes[1] < changes[2]


def test_other_kinds_and_sounds_are_refused():
    with pytest.raises(AudioError, match="there is no fault 'hum'; there are coarse codec, wind"):
        apply_unseen(tone(100), "hum", 0.5, generator())
    with pytest.raises(AudioError, match="share must be a finite number"):
        apply_unseen(tone(100), "wind", 2.0, generator())
    for kind in UNSEEN:
        with pytest.raises(AudioError, match="one waveform"):
            apply_unseen(tone(100)[None], kind, 0.5, generator())
