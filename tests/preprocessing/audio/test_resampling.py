import numpy as np
import pytest
import scipy.signal
import soundfile
import torch
from hypothesis import given
from hypothesis import strategies as st

from mmbook.preprocessing.audio import resampling
from mmbook.preprocessing.audio.checks import AudioError
from mmbook.preprocessing.audio.resampling import (
    OUTPUTS,
    alias,
    phase_matrices,
    phase_weights,
    resample,
)
from mmbook.preprocessing.audio.waveforms import read_audio


def noise(*shape, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(shape, generator=generator, dtype=torch.float64)


def tone(hertz, rate, samples):
    return torch.sin(2 * torch.pi * hertz * torch.arange(samples, dtype=torch.float64) / rate)


RATES = st.sampled_from([1, 7, 8000, 11025, 16000, 22050, 44100, 48000])


@given(RATES, RATES, st.integers(1, 300), st.integers(1, 3))
def test_agrees_with_scipy(rate, new_rate, samples, n):
    samples = min(samples, 300 * rate // new_rate + 1)  # 1 Hz to 48 kHz would be long
    waveforms = noise(n, samples)
    expected = scipy.signal.resample_poly(waveforms.numpy(), new_rate, rate, axis=1)
    np.testing.assert_allclose(resample(waveforms, rate, new_rate).numpy(), expected, atol=1e-12)


def test_any_number_of_dimensions_and_single_precision():
    waveforms = noise(2, 3, 500)
    double = resample(waveforms, 16000, 8000)
    single = resample(waveforms.float(), 16000, 8000)
    assert double.shape == (2, 3, 250) and single.dtype == torch.float32
    torch.testing.assert_close(single.double(), double, atol=1e-5, rtol=0)
    assert resample(waveforms[0, 0], 16000, 8000).equal(double[0, 0])


BOOK = [8000, 16000, 22050, 44100, 48000]


@pytest.mark.parametrize("rate", BOOK)
@pytest.mark.parametrize("new_rate", BOOK)
@pytest.mark.parametrize("samples", [1, 30_001])
def test_single_precision_agrees_with_scipy(rate, new_rate, samples):
    waveforms = noise(2, samples).float()
    expected = scipy.signal.resample_poly(waveforms.double().numpy(), new_rate, rate, axis=1)
    np.testing.assert_allclose(resample(waveforms, rate, new_rate).numpy(), expected, atol=3e-6)


def test_a_long_clip_is_one_clip_though_it_is_worked_off_in_pieces(monkeypatch):
    waveforms = noise(3, 5000)
    whole = resample(waveforms, 44100, 16000)
    monkeypatch.setattr(resampling, "VALUES_AT_A_TIME", 1000)
    torch.testing.assert_close(resample(waveforms, 44100, 16000), whole)
    torch.testing.assert_close(resample(waveforms[1], 44100, 16000), whole[1])


def test_no_clips_become_no_clips():
    assert resample(torch.zeros(0, 441), 44100, 16000).shape == (0, 160)


def test_gradients_flow_also_after_the_weights_were_made_without():
    phase_matrices.cache_clear()
    with torch.inference_mode():
        resample(noise(1, 50), 8000, 11025)
    waveforms = noise(1, 50).requires_grad_()
    assert torch.autograd.gradcheck(lambda x: resample(x, 8000, 11025), (waveforms,))


def test_the_matrices_hold_each_output_of_a_period_once():
    for up, down in ((2, 1), (1, 2), (160, 441), (441, 160), (1, 48_000), (3, 7)):
        matrices = phase_matrices(up, down)
        period = sum(matrix.shape[1] for _, matrix in matrices)
        assert period % up == 0 and all(matrix.shape[1] <= OUTPUTS for _, matrix in matrices)
        columns = torch.cat([matrix.sum(dim=0) for _, matrix in matrices])
        phases = torch.arange(period) * down % up
        torch.testing.assert_close(columns, phase_weights(up, down).sum(dim=1)[phases])


@pytest.mark.parametrize("hertz", [300, 1000, 3000])
def test_a_tone_that_fits_stays(hertz):
    down = resample(tone(hertz, 16000, 16000), 16000, 8000)
    torch.testing.assert_close(down[100:-100], tone(hertz, 8000, 8000)[100:-100], atol=5e-3, rtol=0)
    back = resample(down, 8000, 16000)
    torch.testing.assert_close(
        back[200:-200], tone(hertz, 16000, 16000)[200:-200], atol=1e-2, rtol=0
    )


@pytest.mark.parametrize("hertz", [5000, 6000, 7900])
def test_a_tone_that_does_not_fit_is_removed_and_not_folded(hertz):
    sound = tone(hertz, 16000, 16000)
    assert float(sound[::2].square().mean()) == pytest.approx(0.5, abs=0.01)  # folded
    assert float(resample(sound, 16000, 8000)[100:-100].abs().max()) < 0.01


@given(st.floats(0, 50_000), st.integers(1000, 48_000))
def test_an_alias_gives_the_same_samples(hertz, rate):
    heard = alias(hertz, rate)
    assert 0 <= heard <= rate / 2 * (1 + 1e-9)
    time = torch.arange(50, dtype=torch.float64) / rate
    cosines = [torch.cos(2 * torch.pi * f * time) for f in (hertz, heard)]
    torch.testing.assert_close(*cosines, atol=1e-6, rtol=0)


NO_RATES = [0, -1, -8000.0, 1 << 21, 0.5, 44100.5, float("nan"), float("inf"), True, "8000", None]


@pytest.mark.parametrize("wrong", [*NO_RATES, np.bool_(True), torch.tensor(8000), 1 + 0j])
def test_what_is_no_rate_is_refused(wrong, tmp_path):
    for rate, new_rate in ((wrong, 8000), (8000, wrong), (wrong, wrong)):
        with pytest.raises(AudioError, match="sampling rate"):
            resample(torch.zeros(10), rate, new_rate)
    with pytest.raises(AudioError, match="sampling rate"):
        read_audio(tmp_path / "sound.wav", wrong)


@pytest.mark.parametrize("kind", [float, np.int64, np.int16, np.float32, np.uint16])
def test_a_whole_rate_of_any_kind_of_number_is_a_rate(kind, tmp_path):
    sound = noise(2, 441)
    expected = resample(sound, 22050, 16000)
    assert resample(sound, kind(22050), kind(16000)).equal(expected)
    soundfile.write(tmp_path / "sound.wav", np.zeros(160), 16000)
    assert len(read_audio(tmp_path / "sound.wav", kind(16000))) == 160


def test_there_is_no_alias_at_no_rate():
    for rate in (0, -1, float("nan")):
        with pytest.raises(AudioError, match="sampling rate"):
            alias(440, rate)


def test_what_is_no_sound_is_refused():
    with pytest.raises(AudioError, match="NaN"):
        resample(torch.tensor([0.0, float("nan")]), 16000, 8000)
    with pytest.raises(AudioError, match="at least 1"):
        resample(torch.zeros(0), 16000, 8000)
    with pytest.raises(AudioError, match="at least 1"):
        resample(torch.tensor(0.5), 16000, 8000)
