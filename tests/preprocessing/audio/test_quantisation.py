import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from mmbook.preprocessing.audio.checks import AudioError
from mmbook.preprocessing.audio.quantisation import inverse_mu_law, mu_law, quantise

SAMPLES = st.lists(st.floats(-1, 1), max_size=20)


@given(SAMPLES, st.integers(2, 24))
def test_at_most_so_many_levels_and_half_a_step_away(samples, bits):
    waveform = torch.tensor(samples, dtype=torch.float64)
    levels = quantise(waveform, bits)
    assert (levels * 2 ** (bits - 1)).frac().eq(0).all()
    assert (levels >= -1).all() and (levels <= 1 - 2.0 ** (1 - bits)).all()
    inside = waveform <= 1 - 2.0 ** (1 - bits)
    assert (levels - waveform)[inside].abs().le(2.0**-bits).all()
    assert quantise(levels, bits).equal(levels)


@pytest.mark.parametrize("bits", [6, 8, 12])
def test_a_full_sine_has_the_ratio_of_the_textbook(bits):
    highest = 1 - 2.0 ** (1 - bits)
    time = torch.arange(100_000, dtype=torch.float64)
    sine = highest * torch.sin(2 * torch.pi * 0.1234567 * time)
    error = quantise(sine, bits) - sine
    ratio = 10 * math.log10(float(sine.square().mean() / error.square().mean()))
    expected = 6.02 * bits + 1.76 + 20 * math.log10(highest)
    assert ratio == pytest.approx(expected, abs=0.3)


@given(SAMPLES)
def test_mu_law_is_inverted_and_odd(samples):
    waveform = torch.tensor(samples, dtype=torch.float64)
    squeezed = mu_law(waveform)
    assert (squeezed.abs() <= 1 + 1e-12).all()
    assert (squeezed.abs() >= waveform.abs() - 1e-12).all()
    torch.testing.assert_close(inverse_mu_law(squeezed), waveform, atol=1e-12, rtol=1e-9)
    torch.testing.assert_close(mu_law(-waveform), -squeezed)


def test_mu_law_agrees_with_librosa():
    librosa = pytest.importorskip("librosa")
    waveform = np.linspace(-1, 1, 101)
    expected = librosa.mu_compress(waveform, quantize=False)
    np.testing.assert_allclose(mu_law(torch.tensor(waveform)).numpy(), expected, atol=1e-12)


def test_a_soft_voice_survives_eight_bits_better_with_the_mu_law():
    soft = 0.01 * torch.sin(torch.arange(8000.0))
    plain = (quantise(soft, 8) - soft).square().mean()
    squeezed = (inverse_mu_law(quantise(mu_law(soft), 8)) - soft).square().mean()
    assert squeezed < plain / 100


@pytest.mark.parametrize("bits", [1, 25])
def test_other_numbers_of_bits_are_refused(bits):
    with pytest.raises(AudioError, match=r"2\.\.24"):
        quantise(torch.zeros(3), bits)


@pytest.mark.parametrize("value", [1.5, math.nan])
def test_the_mu_law_is_for_samples_in_range(value):
    with pytest.raises(AudioError, match="between -1 and 1"):
        mu_law(torch.tensor([0.0, value]))


@pytest.mark.parametrize("bits", [8.5, math.nan])
def test_bits_are_whole(bits):
    with pytest.raises(AudioError, match=r"2\.\.24, whole, got"):
        quantise(torch.zeros(3), bits)


@pytest.mark.parametrize("sample", [1.01, -2, math.nan, math.inf])
def test_what_no_mu_law_gives_is_refused(sample):
    with pytest.raises(AudioError, match="between -1 and 1"):
        inverse_mu_law(torch.tensor([0.5, sample]))


@pytest.mark.parametrize("kind", [torch.float16, torch.bfloat16, torch.float32, torch.float64])
def test_full_scale_comes_back_from_the_mu_law(kind):
    full = torch.tensor([-1.0, 1.0], dtype=kind)
    torch.testing.assert_close(inverse_mu_law(mu_law(full)), full, atol=0.05, rtol=0)
