"""What confidence is worth, over the samples of all rounds."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import mean

import torch
import torch.nn.functional as F
from torch import Tensor

from mmbook.evaluation import Row, accuracy, expected_calibration_error
from mmbook.evaluation.result import Condition, Key


@dataclass(frozen=True)
class Scored:
    """Scores (n, classes), targets (n,) and the names of n voices."""

    scores: Tensor
    targets: Tensor
    voices: Sequence[str]


class Found:
    """The scores of each system under each condition, and numbers, gathered over rounds."""

    def __init__(self) -> None:
        self._scored: dict[Key, list[Scored]] = {}
        self._noted: dict[Key, list[float]] = {}

    def add(
        self,
        system: str,
        scores: Tensor,
        targets: Tensor,
        voices: Sequence[str],
        condition: Condition,
    ) -> None:
        """Scores of one round."""
        key = (system, "", frozenset(condition.items()))
        self._scored.setdefault(key, []).append(Scored(scores, targets, voices))

    def note(self, system: str, metric: str, value: float, condition: Condition) -> None:
        """A number of one round."""
        key = (system, metric, frozenset(condition.items()))
        self._noted.setdefault(key, []).append(value)

    def rows(self, seed: int) -> Iterator[Row]:
        """Every measure of the samples of all rounds together, and the mean of each number."""
        for (system, _, condition), parts in self._scored.items():
            joined = Scored(
                torch.cat([part.scores for part in parts]),
                torch.cat([part.targets for part in parts]),
                [voice for part in parts for voice in part.voices],
            )
            for metric, value in measures(joined).items():
                yield Row(system, metric, seed, value, dict(sorted(condition)))
        for (system, metric, condition), values in self._noted.items():
            yield Row(system, metric, seed, mean(values), dict(sorted(condition)))


def measures(scored: Scored) -> dict[str, float]:
    """How right and how sure, by metric.

    overconfidence: confidence minus accuracy. voice_gap: the mean over the voices of the size of
    that difference, in which an error on one voice does not make up for one on another.
    """
    scores, targets = scored.scores.double(), scored.targets
    confidence, predicted = scores.softmax(dim=1).max(dim=1)
    gaps = confidence - (predicted == targets).double()
    names = sorted(set(scored.voices))
    voice = torch.tensor([names.index(name) for name in scored.voices])
    sums = gaps.new_zeros(len(names)).index_add(0, voice, gaps)
    return {
        "accuracy": accuracy(scores, targets),
        "confidence": confidence.mean().item(),
        "overconfidence": gaps.mean().item(),
        "expected_calibration_error": expected_calibration_error(scores, targets),
        "negative_log_likelihood": F.cross_entropy(scores, targets).item(),
        "voice_gap": (sums.abs() / voice.bincount()).mean().item(),
    }
