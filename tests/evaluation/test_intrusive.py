import importlib.util
from itertools import pairwise

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from mmbook.datasets.small.spoken_digits import load_spoken_digits
from mmbook.evaluation import intrusive
from mmbook.evaluation.intrusive import pesq, stoi
from mmbook.preprocessing.audio.checks import AudioError

RATE = 8000
NEEDS_PESQ = "PESQ is an extra, mmbook[speech], that is compiled where it is installed"
WORDS = load_spoken_digits("test", languages=["en"]).waveforms
CLEAN = WORDS[:6].reshape(2, -1)  # three words each, (2, 19200)
NOISE = torch.randn(CLEAN.shape, generator=torch.Generator().manual_seed(0))


def measures():
    return [stoi, pytest.param(pesq, marks=pytest.mark.skipif(not has_pesq(), reason=NEEDS_PESQ))]


def has_pesq():
    return importlib.util.find_spec("pesq") is not None


def test_intelligibility_is_the_librarys_and_falls_with_noise():
    library = pytest.importorskip("pystoi")
    heard = CLEAN + 0.03 * NOISE
    expected = [
        library.stoi(c.astype(np.float64), h.astype(np.float64), RATE)
        for c, h in zip(CLEAN.numpy(), heard.numpy(), strict=True)
    ]
    np.testing.assert_allclose(stoi(CLEAN, heard, RATE), expected, atol=1e-5)
    scores = [stoi(CLEAN, CLEAN + gain * NOISE, RATE) for gain in (0, 0.01, 0.1, 1)]
    assert (scores[0] > 0.999).all()
    for better, worse in pairwise(scores):
        assert (better > worse).all()


def test_quality_falls_with_noise():
    pytest.importorskip("pesq", reason=NEEDS_PESQ)
    scores = [pesq(CLEAN, CLEAN + gain * NOISE, RATE) for gain in (0, 0.01, 0.1)]
    assert (scores[0] > 4.5).all() and (scores[0] < 4.6).all()
    assert (scores[0] > scores[1]).all() and (scores[1] > scores[2]).all()
    assert (scores[2] >= 0.999).all()


@pytest.mark.parametrize("measure", measures())
def test_a_level_is_no_damage(measure):
    heard = CLEAN + 0.03 * NOISE
    torch.testing.assert_close(
        measure(CLEAN, heard, RATE), measure(CLEAN, 0.2 * heard, RATE), atol=0.02, rtol=0
    )


def test_intelligibility_falls_where_the_two_are_shifted():
    assert (stoi(CLEAN, CLEAN.roll(800, dims=1), RATE) < 0.6).all()


@pytest.mark.parametrize("measure", measures())
def test_where_nothing_can_be_measured_there_is_no_number(measure):
    silence = torch.zeros_like(CLEAN)
    assert measure(silence, CLEAN, RATE).isnan().all()
    assert measure(CLEAN, silence, RATE).isnan().all()
    assert measure(CLEAN, silence + 0.5, RATE).isnan().all()
    some = torch.stack([CLEAN[0], silence[0]])
    assert measure(some, some, RATE).isnan().tolist() == [False, True]
    assert measure(CLEAN[:, 3000:4500], CLEAN[:, 3000:4500], RATE).isnan().all()  # 0.19 s
    assert measure(CLEAN[:0], CLEAN[:0], RATE).shape == (0,)


@settings(max_examples=10)
@given(st.integers(1, 2400))
def test_what_is_short_gives_a_number_or_none_and_no_error(samples):
    for measure in (stoi, pesq) if has_pesq() else (stoi,):
        scores = measure(CLEAN[:, 2000 : 2000 + samples], NOISE[:, :samples], RATE)
        assert scores.shape == (2,) and not scores.eq(1e-5).any()


def test_several_processes_find_the_same():
    clean = CLEAN[:, 6400:].repeat(9, 1)
    heard = clean + 0.05 * torch.randn(clean.shape, generator=torch.Generator().manual_seed(1))
    scores = stoi(clean, heard, RATE, processes=2)
    assert len(scores) == 18 and not scores.isnan().any()
    assert scores.equal(stoi(clean, heard, RATE))


@pytest.mark.parametrize("measure", measures())
def test_unusable_sounds_are_refused(measure):
    with pytest.raises(AudioError, match=r"needs its original: got \(2, 19200\) clean and \(1, "):
        measure(CLEAN, CLEAN[:1], RATE)
    for bad in (CLEAN[0], (CLEAN * 100).short(), CLEAN[:, :0], CLEAN / 0):
        with pytest.raises(AudioError):
            measure(bad, bad, RATE)
    with pytest.raises(AudioError, match="sampling rate"):
        measure(CLEAN, CLEAN, 0)
    with pytest.raises(AudioError, match="processes must be a whole number of at least 1"):
        measure(CLEAN, CLEAN, RATE, processes=0)


def test_other_rates_are_refused_by_pesq():
    with pytest.raises(AudioError, match="8000 or 16000 samples a second, not 11025"):
        pesq(CLEAN, CLEAN, 11025)


@pytest.mark.parametrize(("measure", "name"), [(stoi, "pystoi"), (pesq, "pesq")])
def test_a_missing_library_is_named_with_the_command(measure, name, monkeypatch):
    def missing(asked):
        raise ModuleNotFoundError(asked)

    monkeypatch.setattr(intrusive, "import_module", missing)
    with pytest.raises(ModuleNotFoundError, match=f"^{name} is not installed.*pip install pystoi"):
        measure(CLEAN, CLEAN, RATE)
