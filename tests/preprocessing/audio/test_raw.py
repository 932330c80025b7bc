"""Whatever holds a sound becomes one channel at one rate, and a word of one length."""

from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch

from mmbook.preprocessing.audio.checks import AudioError
from mmbook.preprocessing.audio.raw import as_waveform, isolate_word

RATE = 8000
TONE = 0.5 * np.sin(np.arange(1600) * 0.3)


@pytest.mark.parametrize(
    "samples",
    [
        TONE,
        TONE.astype(np.float32),
        (TONE * 32768).round().astype(np.int16),
        (TONE * 2**31).round().astype(np.int32),
        torch.from_numpy(TONE),
        np.stack([TONE * 2, TONE * 0], axis=1),
        torch.from_numpy(np.stack([TONE, TONE])),
        TONE[::-1].copy()[::-1],
        TONE.astype(">f4"),
        TONE.tolist(),
    ],
)
def test_samples_in_any_form(samples) -> None:
    found = as_waveform((samples, RATE), RATE)
    assert found.shape == (1600,) and found.dtype == torch.float32
    np.testing.assert_allclose(found, TONE, atol=1e-4)


@pytest.mark.parametrize("rate", [8000.0, np.float32(8000), np.int16(8000)])
def test_a_rate_may_be_any_whole_number(rate) -> None:
    assert torch.equal(as_waveform((TONE, rate), RATE), as_waveform((TONE, RATE), RATE))


def test_other_rates_are_resampled(tmp_path: Path) -> None:
    fast = 0.5 * np.sin(np.arange(8820) * 0.3 * RATE / 44_100)
    found = as_waveform((fast, np.int64(44_100)), RATE)
    assert found.shape == (1600,)
    np.testing.assert_allclose(found[100:-100], TONE[100:-100], atol=0.01)
    soundfile.write(tmp_path / "ä.flac", fast, 44_100)
    torch.testing.assert_close(as_waveform(tmp_path / "ä.flac", RATE), found, atol=1e-3, rtol=0)


@pytest.mark.parametrize(
    ("sound", "message"),
    [
        (TONE, r"path of a file, or \(samples, rate\), not ndarray"),
        (None, "not NoneType"),
        ((TONE, RATE, 1), "not tuple"),
        ((TONE, 8000.5), "a sampling rate must lie in .* whole, got 8000.5"),
        ((TONE, "8000"), "a sampling rate is a number"),
        ((np.stack([TONE, -TONE]), RATE), "the sound: its channels cancel each other"),
        ((np.stack([TONE, -0.999 * TONE]), RATE), "channels cancel each other"),
        ((TONE * 32768, RATE), "a sample of 1.* divide 16-bit samples by 32768"),
        ((np.full(9, 1e300), RATE), "infinite"),
        (([[0.1, 0.2], [0.3]], RATE), "samples must be an array of numbers, got list"),
        (("0.1", RATE), "array of numbers, got str"),
        ((None, RATE), "array of numbers, got NoneType"),
        ((TONE, 0), "a sampling rate must lie in"),
        ((TONE[:0], RATE), "samples must be"),
        ((np.zeros((2, 2, 2)), RATE), "samples must be"),
        ((np.full(9, np.nan), RATE), "NaN or infinite"),
        ((np.zeros(9, np.uint8), RATE), "floating point"),
    ],
)
def test_what_is_no_sound_is_refused(sound, message: str) -> None:
    with pytest.raises(AudioError, match=message):
        as_waveform(sound, RATE)


def test_a_word_is_found_wherever_it_is_said() -> None:
    generator = torch.Generator().manual_seed(0)
    word = torch.randn(1600, generator=generator) * torch.hann_window(1600) ** 0.5
    clip = torch.zeros(40_000)
    clip[30_000:31_600] = word * 0.01
    alone = isolate_word(torch.cat([torch.zeros(2000), word, torch.zeros(2000)]), 6400)
    found = isolate_word(clip, 6400)
    assert found.shape == alone.shape == (6400,)
    middles = [(c.square() * torch.arange(6400)).sum() / c.square().sum() for c in (found, alone)]
    assert all(abs(middle - 3200) < 200 for middle in middles)
    assert found.square().sum() == pytest.approx(float(alone.square().sum()), rel=0.05)


@pytest.mark.parametrize("samples", [1, 50, 6400, 100_000])
def test_a_sound_without_a_pause_stays_whole(samples: int) -> None:
    tone = (torch.arange(samples) * 0.3 + 1).sin()
    if samples > 1:
        assert isolate_word(tone, 6400).shape == (6400,)


@pytest.mark.parametrize("clip", [torch.zeros(8000), torch.ones(8000), torch.ones(1)])
def test_silence_is_refused(clip: torch.Tensor) -> None:
    with pytest.raises(AudioError, match="silent"):
        isolate_word(clip, 6400)
