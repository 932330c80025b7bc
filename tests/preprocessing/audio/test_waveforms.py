import math
import re
import struct

import numpy as np
import pytest
import soundfile
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from mmbook.preprocessing.audio.checks import AudioError, check_waveforms
from mmbook.preprocessing.audio.resampling import resample
from mmbook.preprocessing.audio.waveforms import (
    MOST_VALUES,
    clipped_share,
    fit_length,
    measure_snr,
    mix_at_snr,
    normalise_level,
    read_audio,
)

FORMATS = ["wav", "flac", "ogg", "mp3"]


def noise(*shape, seed=0):
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def tone(hertz, rate, samples=4000):
    return torch.sin(2 * torch.pi * hertz * torch.arange(samples) / rate)


def test_reads_and_averages_channels(tmp_path):
    path = tmp_path / "stereo.wav"
    soundfile.write(path, np.stack([np.full(8, 0.5), np.full(8, 0.25)], axis=1), 8000, "FLOAT")
    assert torch.equal(read_audio(path, 8000), torch.full((8,), 0.375))


def test_another_rate_is_refused_with_the_remedy(tmp_path):
    path = tmp_path / "fast.wav"
    soundfile.write(path, np.zeros(8), 44100)
    with pytest.raises(AudioError, match=r"fast\.wav.*44100.*8000 were expected.*resample=True"):
        read_audio(path, 8000)


@pytest.mark.parametrize("ending", FORMATS)
def test_every_format_is_resampled_on_request(tmp_path, ending):
    path = tmp_path / f"tone.{ending}"
    soundfile.write(path, 0.5 * tone(440, 16000, 16000).numpy(), 16000)
    clip = read_audio(path, 8000, resample=True)
    assert clip.dtype == torch.float32 and len(clip) == 8000
    middle = clip[1000:-1000] * torch.hann_window(6000)
    peak = int(torch.fft.rfft(middle).abs().argmax()) * 8000 / 6000
    assert peak == pytest.approx(440, abs=1.4)
    assert float(clip.square().mean()) == pytest.approx(0.125, rel=0.05)


def test_a_file_of_the_right_rate_is_not_touched(tmp_path):
    path = tmp_path / "noise.wav"
    written = noise(100).clamp(-1, 1)
    soundfile.write(path, written.numpy(), 8000, "FLOAT")
    assert read_audio(path, 8000, resample=True).equal(written)
    assert read_audio(path, 8000).equal(written)


@pytest.mark.parametrize("content", [b"", b"this is no sound"])
@pytest.mark.parametrize("ending", ["wav", "raw", "mp3"])
def test_an_unreadable_file_is_named(tmp_path, content, ending):
    path = tmp_path / f"bad.{ending}"
    path.write_bytes(content)
    with pytest.raises(AudioError, match=re.escape(str(path))):
        read_audio(path, 8000)


def test_missing_empty_and_nan_sounds_are_refused(tmp_path):
    with pytest.raises(AudioError, match=r"nowhere\.wav: No such file"):
        read_audio(tmp_path / "nowhere.wav", 8000)
    with pytest.raises(AudioError, match=re.escape(str(tmp_path))):
        read_audio(tmp_path, 8000)
    soundfile.write(tmp_path / "empty.wav", np.zeros(0), 8000)
    with pytest.raises(AudioError, match=r"empty\.wav holds no samples"):
        read_audio(tmp_path / "empty.wav", 8000)
    soundfile.write(tmp_path / "nan.wav", np.array([0.0, np.nan]), 8000, "FLOAT")
    with pytest.raises(AudioError, match=r"nan\.wav.*NaN"):
        read_audio(tmp_path / "nan.wav", 8000)


def test_one_sample_is_a_sound(tmp_path):
    soundfile.write(tmp_path / "one.wav", np.array([0.5]), 16000, "FLOAT")
    assert read_audio(tmp_path / "one.wav", 16000).tolist() == [0.5]
    assert read_audio(tmp_path / "one.wav", 8000, resample=True).shape == (1,)


def test_a_header_that_promises_more_than_memory_holds_is_not_believed(tmp_path):
    path = tmp_path / "huge.flac"
    soundfile.write(path, np.zeros(100), 8000)
    content = bytearray(path.read_bytes())
    # FLAC's stream information: 36 bits at offset 21 count the samples.
    content[21] = content[21] & 0xF0 | 0x0F
    content[22:26] = b"\xff\xff\xff\xff"
    path.write_bytes(content)
    with pytest.raises(AudioError, match=rf"at most {MOST_VALUES}"):
        read_audio(path, 8000)


def test_a_rate_that_would_make_a_short_file_endless_is_refused(tmp_path):
    path = tmp_path / "slow.wav"
    soundfile.write(path, np.zeros(20_000), 1)
    with pytest.raises(AudioError, match=r"slow\.wav: it lasts 20000 s.*header"):
        read_audio(path, 8000, resample=True)


def test_a_rate_that_cannot_be_is_refused(tmp_path):
    path = tmp_path / "odd.wav"
    soundfile.write(path, np.zeros(100), 8000)
    content = bytearray(path.read_bytes())
    content[24:28] = struct.pack("<I", 2_000_000_011)
    path.write_bytes(content)
    with pytest.raises(AudioError, match=r"odd\.wav.*2000000011"):
        read_audio(path, 8000, resample=True)


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """A small file of every format, and a place for damaged ones."""
    folder = tmp_path_factory.mktemp("sounds")
    contents = []
    for ending in FORMATS:
        path = folder / f"good.{ending}"
        soundfile.write(path, 0.1 * noise(800).numpy(), 8000)
        contents.append(path.read_bytes())
    return folder / "damaged", contents


@settings(max_examples=150)
@given(
    st.integers(0, len(FORMATS) - 1),
    st.lists(st.tuples(st.floats(0, 0.999), st.integers(0, 255)), max_size=12),
    st.floats(0, 1),
    st.binary(max_size=64),
)
def test_any_bytes_give_a_sound_or_an_audio_error(files, which, changes, kept, tail):
    path, contents = files
    content = bytearray(contents[which])
    for place, value in changes:
        # Most changes go to the header, where they hurt.
        content[int(place**3 * len(content))] = value
    path.write_bytes(bytes(content[: int(kept * len(content))]) + tail)
    try:
        clip = read_audio(path, 8000, resample=True)
    except AudioError as error:
        assert str(path) in str(error)
    else:
        assert clip.ndim == 1 and len(clip) and torch.isfinite(clip).all()


@given(st.integers(0, 30), st.integers(1, 30))
def test_fit_length_keeps_the_middle(length, samples):
    clip = torch.arange(1.0, length + 1)
    fitted = fit_length(clip, samples)
    assert fitted.shape == (samples,)
    if length >= samples:
        start = (length - samples) // 2
        assert torch.equal(fitted, clip[start : start + samples])
    else:
        start = (samples - length) // 2
        assert torch.equal(fitted[start : start + length], clip)
        assert fitted.count_nonzero() == length


@given(st.lists(st.floats(-30, 30), min_size=1, max_size=4))
def test_the_mixture_has_the_wanted_ratio(decibels):
    wanted = torch.tensor(decibels)
    speech, sound = noise(len(wanted), 800) * 0.1, noise(len(wanted), 800, seed=1)
    mixture = mix_at_snr(speech, sound, wanted)
    torch.testing.assert_close(measure_snr(speech, mixture - speech), wanted, atol=1e-2, rtol=0)
    scalar = mix_at_snr(speech, sound, decibels[0])
    torch.testing.assert_close(scalar[0], mixture[0])


def test_silence_cannot_be_mixed_or_levelled():
    silent, sound = torch.zeros(2, 100), noise(2, 100)
    with pytest.raises(AudioError, match="speech is silent"):
        mix_at_snr(silent, sound, 0.0)
    with pytest.raises(AudioError, match="noise is silent"):
        mix_at_snr(sound, silent, 0.0)
    with pytest.raises(AudioError, match="clip is silent"):
        normalise_level(torch.zeros(0))
    with pytest.raises(AudioError, match="one shape"):
        mix_at_snr(sound, noise(2, 90), 0.0)


def test_a_sound_that_is_not_finite_and_a_length_below_zero_are_refused():
    for value in (float("nan"), float("inf")):
        with pytest.raises(AudioError, match="not finite"):
            normalise_level(torch.tensor([0.1, value]))
    with pytest.raises(AudioError, match="-1 samples"):
        fit_length(noise(5), -1)


def test_normalised_clips_are_equally_loud():
    clips = normalise_level(noise(3, 500) * torch.tensor([[0.01], [1.0], [50.0]]), 0.2)
    torch.testing.assert_close(clips.square().mean(1).sqrt(), torch.full((3,), 0.2))


@given(st.floats(0.05, 0.9), st.floats(0.1, 2.0))
def test_clipping_is_found_at_any_level(limit, gain):
    voice = tone(110, 8000)[None]
    cut = voice.clamp(-limit, limit)
    expected = float((voice.abs() >= limit).float().mean())
    assert float(clipped_share(gain * cut)) == pytest.approx(expected, abs=0.02)
    assert float(clipped_share(gain * cut.clamp(min=0) - gain)) > 0  # at one side only


def test_a_clip_that_is_cut_at_two_levels_is_cut_at_both():
    voice = 1.5 * tone(110, 8000)[None]
    for cut in (voice.clamp(-0.6, 1), -voice.clamp(-0.6, 1), 0.01 * voice.clamp(-0.6, 1)):
        assert float(clipped_share(cut)) == pytest.approx(0.64, abs=0.01)
    one_side = float(clipped_share(voice.clamp(max=1)))
    assert one_side == pytest.approx(float((voice >= 1).float().mean()), abs=0.01)


@given(st.floats(0.2, 0.95), st.floats(0.2, 0.95), st.floats(0.01, 3))
def test_the_share_is_that_of_the_samples_beyond_either_limit(low, high, gain):
    voice = tone(110, 8000)[None]
    expected = float(((voice >= high) | (voice <= -low)).float().mean())
    found = float(clipped_share(gain * voice.clamp(-low, high)))
    assert found == pytest.approx(expected, abs=0.02)


def test_a_click_in_silence_is_not_cut():
    click = torch.zeros(2, 100)
    click[0, 40], click[1, 40] = 1.0, -1.0
    assert clipped_share(click).tolist() == [0, 0]


def test_what_is_not_cut_is_not_called_so():
    clean = torch.stack([noise(4000), tone(440, 8000), torch.zeros(4000)])
    assert clipped_share(clean).tolist() == [0, 0, 0]
    assert clipped_share(torch.ones(1, 1), run=1).tolist() == [1]
    with pytest.raises(AudioError, match=r"run must lie in 1\.\.2"):
        clipped_share(torch.ones(1, 2))


@pytest.mark.parametrize(
    ("waveforms", "message"),
    [
        (torch.zeros(5), r"\(n, at least 1 samples\), got \(5,\)"),
        (torch.zeros(2, 0), r"got \(2, 0\)"),
        (torch.zeros(2, 5, dtype=torch.int16), "int16: divide 16-bit samples"),
        (torch.tensor([[0.0], [float("inf")]]), "waveform 1 of 2 .* infinite"),
    ],
)
def test_what_is_no_batch_of_waveforms_is_refused(waveforms, message):
    with pytest.raises(AudioError, match=message):
        check_waveforms(waveforms)


def test_checked_waveforms_are_the_same():
    waveforms = noise(2, 5)
    assert check_waveforms(waveforms) is waveforms
    assert resample(waveforms, 8000, 8000) is waveforms


@pytest.mark.parametrize("snr", [math.nan, -math.inf, torch.tensor([3.0, math.nan]), -1e6])
def test_noise_that_would_not_stay_finite_is_refused(snr):
    with pytest.raises(AudioError, match="snr_db must be decibels"):
        mix_at_snr(torch.rand(2, 90), torch.rand(2, 90), snr)


@pytest.mark.parametrize("rms", [math.nan, math.inf, 0, -1])
def test_a_level_is_a_positive_number(rms):
    with pytest.raises(AudioError, match="rms must be a positive number"):
        normalise_level(torch.rand(90), rms)
