"""Recordings with faults, in memory, as networks read them."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from mmbook.batch import Batch
from mmbook.datasets.collections import Collection
from mmbook.datasets.entries import DataSet
from mmbook.datasets.speech_faults.material import Material, load_material
from mmbook.datasets.speech_faults.mixing import Mixture, draw_mixtures, record
from mmbook.datasets.speech_faults.partition import SPLITS
from mmbook.preprocessing.audio.faults import FAULTS, RATE
from mmbook.preprocessing.audio.faults.truth import frame_count
from mmbook.preprocessing.ranges import check_setting

SPEECH_FAULTS = DataSet(
    name="speech-faults",
    splits=SPLITS,
    title="Speech with faults",
    kind="generated",
    what="Recordings of two seconds at 8 kHz with any of nine faults, and the exact truth: which "
    "are heard in which frame, how bad they are, and the ratio of speech to all that was added. "
    "Splits share no voice, no recording of noise and no kind of noise; `unseen` has faults of "
    "kinds that training never has.",
    teaches="to inspect a recording without its original, and to test such an inspector",
    size="none: drawn from voices and noises, as many as you ask",
    licence="that of the sets it is drawn from",
    citations=("jackson2018free", "piczak2015esc", "espeakng"),
)

SECONDS = 2.0


@dataclass(frozen=True, eq=False)
class FaultyClips(Collection):
    """Recordings and the truth about them.

    waveforms: (n, samples) float32 in [-1, 1] at RATE. clean: (n, samples), the undamaged speech,
    in time with them. frames: (n, frames, 9) boolean, where each of FAULTS is heard. snr: (n,) dB,
    NaN where nothing that was added is heard. severity: (n, 9), each in its own unit, NaN where the
    fault is not heard, or comes of another (the clipping of what is too loud). mixtures: the
    recipes. stoi, pesq: (n,), NaN until they are measured, with `mmbook.evaluation.intrusive` and
    `dataclasses.replace`.
    """

    waveforms: Tensor
    clean: Tensor
    frames: Tensor
    snr: Tensor
    severity: Tensor
    mixtures: tuple[Mixture, ...]
    stoi: Tensor
    pesq: Tensor

    def samples(self) -> Batch:
        """As a network reads them: "audio" (n, samples); the truth, without `clean`, as targets.

        Targets: "faults" (n, frames, 9), "severity" (n, 9), "snr", "stoi" and "pesq" (n,).
        """
        names = ("severity", "snr", "stoi", "pesq")
        targets = {name: getattr(self, name) for name in names}
        return Batch({"audio": self.waveforms}, {"faults": self.frames, **targets})


def render(
    material: Material, mixtures: Sequence[Mixture], seconds: float = SECONDS
) -> FaultyClips:
    """The recordings that recipes describe, each depending on its own recipe alone.

    Many clips are best made in parts: a second of one takes 64 kB with its undamaged speech.
    """
    check_setting(seconds, "seconds", low=0.5)
    size, samples = len(mixtures), round(seconds * RATE)
    waveforms, clean = torch.empty(2, size, samples)
    frames = torch.empty(size, frame_count(samples), len(FAULTS), dtype=torch.bool)
    snr = torch.empty(size)
    for row, mixture in enumerate(mixtures):
        recording, clean[row] = record(material, mixture, samples)
        waveforms[row], frames[row], snr[row] = recording.waveform, recording.frames, recording.snr
    severity = torch.tensor([mixture.severity for mixture in mixtures]).reshape(size, len(FAULTS))
    severity = severity.masked_fill(~frames.any(dim=1), torch.nan)
    unmeasured = torch.full((size,), torch.nan)
    return FaultyClips(
        waveforms, clean, frames, snr, severity, tuple(mixtures), unmeasured, unmeasured
    )


def load_speech_faults(
    split: str, *, size: int, tier: str = "mini", seed: int = 0, seconds: float = SECONDS
) -> FaultyClips:
    """So many recordings of a split; the same arguments give the same ones, bit for bit.

    split: "train", "validation", "test", or "unseen", the test's voices with faults of other
    kinds. tier: as in `load_material`. Another seed gives other recordings of the same material.
    """
    material = load_material(split, tier)
    mixtures = draw_mixtures(material, size, seed, unseen=split == "unseen")
    return render(material, mixtures, seconds)
