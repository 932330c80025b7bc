"""How good speech is against its undamaged original: STOI and PESQ ("intrusive" measures).

What to compare with. The clean reference of a recording is the speech before the room, at the
level at which it was spoken: the original that nobody hears any more. So reverberation counts as
damage, as does everything added. A level does not: both measures bring the two to one level first.
Nor is there a delay to remove, since nothing in `faults.chain` delays the voice: the direct sound
keeps its samples. (PESQ aligns the two itself; STOI does not, and falls where they are shifted.)

NaN stands where there is nothing to measure, never a number that looks like a result:
- either of the two is silent, or constant;
- STOI needs 30 frames of speech, 0.4 s, after pauses are removed (`pystoi` would return 1e-5);
- they last less than a quarter of a second, or PESQ finds no utterance in the original.

Licences. `pystoi` is MIT. The wrapper `pesq` is MIT too, but what it compiles is the ITU's
reference code of P.862, which belongs to its authors (Psytechnics, OPTICOM) and may be used for
evaluation; who sells a product with it needs their licence. So neither ships with the book.
Sources: Taal et al. 2011; Rix et al. 2001, ITU-T P.862 and P.862.1.
"""

import math
import multiprocessing
import warnings
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from importlib import import_module
from types import ModuleType
from typing import Any

import torch
from torch import Tensor

from mmbook.preprocessing.audio.checks import AudioError, check_rate, check_waveforms
from mmbook.preprocessing.ranges import check_setting

PESQ_RATES = (8_000, 16_000)  # Hz
QUARTER = 0.25  # seconds; PESQ takes no less, and STOI needs more
_AT_ONCE = 16  # pairs that a process is given
_Score = Callable[[Any, Any, int], float]


def stoi(clean: Tensor, heard: Tensor, rate: int, *, processes: int = 1) -> Tensor:
    """Short-time objective intelligibility: near 1 where every word is understood, (n,).

    clean, heard: (n, samples) each; heard is the damaged one, sample by sample in time with the
    clean one. rate: in Hz. processes: over which the pairs are spread. NaN where nothing can be
    measured. Raises AudioError for other shapes, ModuleNotFoundError without `pystoi`.
    """
    _library("pystoi")
    return _scores(_stoi, clean, heard, check_rate(rate), processes)


def pesq(clean: Tensor, heard: Tensor, rate: int, *, processes: int = 1) -> Tensor:
    """Perceptual quality as listeners would score it, about 1 (bad) to 4.5 (as the original), (n,).

    Narrow-band, MOS-LQO of P.862.1. Arguments and NaN as in `stoi`; the rate must be 8 or 16 kHz.
    Raises ModuleNotFoundError without `pesq`.
    """
    if check_rate(rate) not in PESQ_RATES:
        raise AudioError(f"PESQ is for 8000 or 16000 samples a second, not {rate}: resample first")
    _library("pesq")
    return _scores(_pesq, clean, heard, rate, processes)


def _library(name: str) -> ModuleType:
    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            f"{name} is not installed; STOI and PESQ are measured with: pip install pystoi pesq",
            name=name,
        ) from error


def _scores(score: _Score, clean: Tensor, heard: Tensor, rate: int, processes: int) -> Tensor:
    """The score of each pair, (n,) float32."""
    check_setting(processes, "processes", low=1, whole=True, error=AudioError)
    if check_waveforms(clean).shape != check_waveforms(heard).shape:
        raise AudioError(
            f"each recording needs its original: got {tuple(clean.shape)} clean and "
            f"{tuple(heard.shape)} damaged waveforms"
        )
    pairs = [values.detach().cpu().double().numpy() for values in (clean, heard)]
    rates = [rate] * len(clean)
    if processes == 1 or len(clean) <= _AT_ONCE:
        found = [_either(score, *pair) for pair in zip(*pairs, rates, strict=True)]
    else:
        # Started anew, since a copy of a process that has threads may hang.
        context = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(processes, mp_context=context) as pool:
            scores = [score] * len(clean)
            found = list(pool.map(_either, scores, *pairs, rates, chunksize=_AT_ONCE))
    return torch.tensor(found, dtype=torch.float32)


def _either(score: _Score, clean: Any, heard: Any, rate: int) -> float:
    """The score, or NaN where the two are too short for any, or one is silent or constant."""
    if len(clean) < QUARTER * rate or not clean.std() or not heard.std():
        return math.nan
    return score(clean, heard, rate)


def _stoi(clean: Any, heard: Any, rate: int) -> float:
    with warnings.catch_warnings():
        warnings.filterwarnings("error", "Not enough STFT frames", RuntimeWarning)
        try:
            return float(_library("pystoi").stoi(clean, heard, rate))
        except RuntimeWarning:
            return math.nan


def _pesq(clean: Any, heard: Any, rate: int) -> float:
    library = _library("pesq")
    try:
        return float(library.pesq(rate, clean, heard, "nb"))
    except (library.NoUtterancesError, library.BufferTooShortError):
        return math.nan
