"""What an inspector is trained on, and its training: what is measured of it stands elsewhere."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import torch
from torch import Tensor

from mmbook.batch import Batch
from mmbook.datasets.speech_faults.collection import FaultyClips, render
from mmbook.datasets.speech_faults.material import load_material
from mmbook.datasets.speech_faults.mixing import Mixture, draw_mixtures
from mmbook.evaluation.intrusive import pesq, stoi
from mmbook.experiments.harness.trained import trained
from mmbook.experiments.speech_quality.config import SYSTEMS, SpeechQualityConfig
from mmbook.models.inspection.inspector import SpeechInspector
from mmbook.preprocessing.audio.faults import RATE
from mmbook.training import Objective, seed_everything

PART = 500  # recordings that are made at a time
LOUDEST = 32_767  # of 16 bits, in which recordings are kept


@dataclass(frozen=True, eq=False)
class Recordings:
    """Recordings and the truth about them; speakers: n names.

    batch: inputs {"audio": (n, samples) int16}, targets those of `FaultyClips.samples`.
    """

    batch: Batch
    speakers: tuple[str, ...]


def as_floats(batch: Batch) -> Batch:
    """The same recordings in [-1, 1], as networks read them."""
    return Batch({"audio": batch.inputs["audio"].float() / LOUDEST}, batch.targets)


def load(split: str, size: int, tier: str, known: int = 1) -> Recordings:
    """So many recordings of a split, with STOI and PESQ of one in `known` of them."""
    material = load_material(split, tier)
    mixtures = draw_mixtures(material, size, unseen=split == "unseen")
    parts: Iterator[Sequence[Mixture]] = (mixtures[i : i + PART] for i in range(0, size, PART))
    batches = [_kept(_rated(render(material, part), known)) for part in parts]
    return Recordings(Batch.joined(batches), tuple(mixture.voice for mixture in mixtures))


def _rated(clips: FaultyClips, known: int) -> FaultyClips:
    chosen = slice(None, None, known)
    pairs = clips.clean[chosen], clips.waveforms[chosen]
    return replace(
        clips,
        stoi=_spread(clips.stoi, chosen, stoi(*pairs, RATE)),
        pesq=_spread(clips.pesq, chosen, pesq(*pairs, RATE)),
    )


def _spread(unknown: Tensor, rows: slice, values: Tensor) -> Tensor:
    """The values in their rows, NaN in the others."""
    found = torch.full_like(unknown, torch.nan)
    found[rows] = values
    return found


def _kept(clips: FaultyClips) -> Batch:
    batch = clips.samples()
    sound = (batch.inputs["audio"].clamp(-1, 1) * LOUDEST).round().to(torch.int16)
    return Batch({"audio": sound}, batch.targets)


@dataclass(frozen=True)
class Trainer:
    """Trains inspectors, all on the same recordings, which are made once, when they are needed."""

    config: SpeechQualityConfig
    tier: str
    folder: Path

    @cached_property
    def recordings(self) -> Recordings:
        """What all systems learn from."""
        return load("train", self.config.train, self.tier, self.config.known)

    def train(self, name: str, seed: int) -> tuple[SpeechInspector, float]:
        """A trained inspector, and the seconds that it took."""
        seed_everything(seed)
        model = SYSTEMS[name].build()
        seconds = trained(
            model,
            self.recordings.batch,
            replace(self.config.training, seed=seed),
            self.folder / f"seed-{seed}",
            name,
            __name__,
            objectives=Objective(self.config.loss),
            augment=as_floats,
        )
        return model, seconds
