import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from mmbook.preprocessing.audio.checks import AudioError
from mmbook.preprocessing.audio.faults import FAULTS, HOP, RATE
from mmbook.preprocessing.audio.faults.chain import ADDED, WHOLE, apply_faults
from mmbook.preprocessing.audio.faults.severity import (
    BY_FACTORS,
    Audibility,
    Severities,
    lasting,
    own_floor,
)
from mmbook.preprocessing.audio.waveforms import measure_snr

SEVERITIES = Severities()


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def voice(seconds=2.0, seed=0):
    """Bursts of noise with pauses, as words are, over a soft floor."""
    samples = round(seconds * RATE)
    loud = torch.randn(samples, generator=generator(seed))
    time = torch.arange(samples) / RATE
    words = torch.sin(2 * torch.pi * 1.5 * (time + 0.1 * seed)).clamp(min=0)
    return 0.05 * loud * words + 2e-5 * loud


def recording(faults, share=0.5, seed=0, **given):
    severity = {name: SEVERITIES.at(name, share) for name in faults} | given
    noise = torch.randn(9000, generator=generator(7))
    return apply_faults(voice(), severity, generator(seed), noise=noise, other=voice(1.5, 1))


def test_what_is_not_damaged_stays_as_it_is():
    clean = recording(())
    assert clean.waveform.equal(voice())
    assert clean.frames.shape == (1 + 16_000 // HOP, len(FAULTS))
    assert not clean.faults.any() and math.isnan(clean.snr) and not clean.added.any()


@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("fault", FAULTS)
def test_one_fault_is_named_and_no_other(fault, share):
    damaged = recording([fault], share)
    assert [name for name, there in zip(FAULTS, damaged.faults, strict=True) if there] == [fault]
    assert math.isnan(damaged.snr) == (fault not in ADDED)
    assert damaged.waveform.shape == (16_000,) and damaged.waveform.abs().max() <= 1
    if fault in WHOLE:
        assert damaged.frames[:, FAULTS.index(fault)].all()
    assert not damaged.waveform.equal(voice())


@given(st.sets(st.sampled_from(FAULTS)), st.floats(0, 1), st.integers(0, 99))
def test_the_ratio_is_that_of_speech_to_all_that_was_added(faults, share, seed):
    damaged = recording(faults, share, seed)
    added = damaged.faults[[FAULTS.index(name) for name in ADDED]]
    assert math.isnan(damaged.snr) == (not added.any())
    if math.isnan(damaged.snr):
        return
    measured = measure_snr(damaged.speech[None].double(), damaged.added[None].double())
    assert damaged.snr == pytest.approx(float(measured), abs=0.01)
    if not faults - {*ADDED, "reverberation", "band"}:  # nothing that is not linear
        torch.testing.assert_close(damaged.waveform, damaged.speech + damaged.added)


@given(st.floats(-5, 25))
def test_noise_throughout_has_the_ratio_that_was_asked_for(snr_db):
    noise = torch.randn(16_000, generator=generator(3))
    damaged = apply_faults(voice(), {"noise": snr_db}, generator(), noise=noise)
    assert damaged.snr == pytest.approx(snr_db, abs=0.01)
    part = damaged.waveform.double() - voice().double()
    found = measure_snr(voice()[None].double(), part[None])
    assert float(found) == pytest.approx(snr_db, abs=0.01)


def test_the_same_generator_gives_the_same_recording():
    one, again, other = (recording(FAULTS, seed=seed) for seed in (4, 4, 5))
    assert one.waveform.equal(again.waveform) and one.frames.equal(again.frames)
    assert not one.waveform.equal(other.waveform)


def test_the_speech_as_heard_is_in_the_room_and_behind_the_line():
    damaged = recording(["reverberation", "band", "noise"])
    assert not torch.allclose(damaged.speech, voice(), atol=1e-3)
    for sound in (damaged.speech, damaged.added):
        spectrum = torch.fft.rfft(sound).abs().square()  # two bins are one hertz
        assert spectrum[2 * 2500 :].sum() < 0.01 * spectrum.sum()


def test_nothing_but_the_whole_is_heard_in_a_lost_packet():
    damaged = recording([f for f in FAULTS if f != "dropouts"], share=1.0, dropouts=0.25)
    silent = damaged.waveform.unfold(0, HOP, HOP).abs().amax(dim=1) == 0
    assert not silent.all() and silent.any()
    inside = (damaged.waveform == 0).float()
    frames = torch.nn.functional.pad(inside, (HOP // 2, HOP // 2), value=1).view(-1, HOP)
    lost = frames.all(dim=1)
    assert lost.any()
    events = [FAULTS.index(name) for name in (*ADDED, "clicks", "clipping")]
    assert not damaged.frames[lost][:, events].any()
    for name in WHOLE:
        assert damaged.frames[:, FAULTS.index(name)].all()


def test_what_is_too_loud_for_the_converter_is_clipping():
    damaged = recording((), level=20.0)
    named = {name for name, there in zip(FAULTS, damaged.faults, strict=True) if there}
    assert named == {"level", "clipping"}
    assert damaged.waveform.abs().max() == 1
    at_ceiling = (damaged.waveform.abs() == 1).nonzero()[:, 0]
    frames = {int((sample + HOP // 2) // HOP) for sample in at_ceiling}
    assert set(damaged.frames[:, FAULTS.index("clipping")].nonzero()[:, 0].tolist()) == frames


# Each is done to the sound, and is not named.
@pytest.mark.parametrize(
    ("fault", "severity"),
    [
        ("noise", 36.0),
        ("crosstalk", 45.0),
        ("hum", -36.0),
        ("clipping", 0.0005),
        ("dropouts", 0.0),
        ("band", 3500.0),
        ("reverberation", 0.1),
        ("level", 5.0),
        ("level", -5.0),
    ],
)
def test_what_cannot_be_heard_is_not_named(fault, severity):
    damaged = recording((), **{fault: severity})
    assert not damaged.faults.any()
    assert math.isnan(damaged.snr)
    assert damaged.waveform.equal(voice()) == (fault == "dropouts")


def test_noise_below_the_recordings_own_floor_is_not_named():
    loud_floor = voice() + 0.01 * torch.randn(16_000, generator=generator(8))
    noise = torch.randn(16_000, generator=generator(9))
    own = own_floor(loud_floor)
    assert own == pytest.approx(1e-4, rel=0.3)
    level = 10 * math.log10(float(loud_floor.square().mean()) / own)
    assert level < 20  # so that it is the floor that decides
    for snr_db, named in ((level - 3, True), (level + 3, False)):
        damaged = apply_faults(loud_floor, {"noise": snr_db}, generator(), noise=noise)
        assert bool(damaged.faults[FAULTS.index("noise")]) == named


def test_another_voice_must_be_heard_for_half_a_second():
    for seconds, named in ((0.25, False), (1.5, True)):
        damaged = apply_faults(
            voice(), {"crosstalk": 3.0}, generator(), other=voice(seconds, 1) + 1e-6
        )
        assert bool(damaged.faults[FAULTS.index("crosstalk")]) == named
    assert lasting(torch.ones(10, dtype=torch.bool), 0.16).all()
    assert not lasting(torch.ones(10, dtype=torch.bool), 0.161).any()


def test_a_click_below_the_sound_about_it_is_not_named():
    rule = Audibility()
    without = torch.full((512,), 0.1)
    clicks = torch.zeros(512)
    clicks[100], clicks[300] = 0.05, 0.2
    assert rule.clicks(without, clicks).nonzero()[:, 0].tolist() == [2]


def test_a_packet_that_held_nothing_is_not_missed():
    before = torch.zeros(480)
    before[:160], before[160:320] = 0.1, 0.001
    heard = Audibility().lost(before, torch.ones(480, dtype=torch.bool))
    assert heard.nonzero()[:, 0].tolist() == list(range(160))


def test_severities_go_from_the_mildest_to_the_worst():
    for name in (*FAULTS, "louder"):
        mild, worst = getattr(SEVERITIES, name)
        assert SEVERITIES.at(name, 0) == mild
        assert SEVERITIES.at(name, 1) == pytest.approx(worst)
        middle = math.sqrt(mild * worst) if name in BY_FACTORS else (mild + worst) / 2
        assert SEVERITIES.at(name, 0.5) == pytest.approx(middle)
    with pytest.raises(AudioError, match="no fault 'echo' with a severity"):
        SEVERITIES.at("echo", 0.5)
    with pytest.raises(AudioError, match="share must be a finite number"):
        SEVERITIES.at("band", 1.5)
    with pytest.raises(AudioError, match="band must be a finite number"):
        Severities(band=(0, 100))


def test_unusable_orders_are_refused():
    with pytest.raises(AudioError, match=r"no faults \['echo'\]; there are noise, crosstalk"):
        apply_faults(voice(), {"echo": 1.0}, generator())
    for fault in ("noise", "crosstalk"):
        with pytest.raises(AudioError, match=f"to add {fault}, a sound of it is needed"):
            apply_faults(voice(), {fault: 10.0}, generator())
    with pytest.raises(AudioError, match="must not be silent"):
        apply_faults(torch.zeros(1000), {"hum": -10.0}, generator())
    for speech in (voice().long(), voice()[None], voice()[:0], voice() / 0):
        with pytest.raises(AudioError, match="the speech"):
            apply_faults(speech, {}, generator())


@given(st.integers(1, 700), st.sampled_from(["hum", "clicks", "clipping", "band", "dropouts"]))
def test_clips_of_any_length_can_be_damaged(samples, fault):
    clip = voice()[2000 : 2000 + max(samples, 2)]
    damaged = apply_faults(clip, {fault: SEVERITIES.at(fault, 0.5)}, generator())
    assert damaged.waveform.shape == clip.shape
    assert damaged.frames.shape == (1 + len(clip) // HOP, len(FAULTS))
