"""How well faults, or anything that is there or not, are detected, and events are found in time."""

from collections.abc import Sequence

import torch
from torch import Tensor

Event = tuple[int, int]  # the first place of a run, and the one behind its last


def average_ranks(values: Tensor) -> Tensor:
    """From 1 for the lowest, (n,) float64; equal values share the mean of theirs."""
    _, place, counts = values.unique(return_inverse=True, return_counts=True)
    last = counts.cumsum(0).double()
    return (last - (counts - 1) / 2)[place]


def auroc(scores: Tensor, targets: Tensor) -> float:
    """How probable it is that a sample which has it scores higher than one which has not.

    The area under the receiver operating characteristic; ties count half. scores: (n,) numbers.
    targets: (n,) boolean. Raises ValueError for other shapes, NaN, or where one kind is missing.
    Source: Hanley and McNeil 1982.
    """
    _check(scores, targets)
    yes = int(targets.sum())
    no = len(targets) - yes
    if not yes or not no:
        raise ValueError(f"an area needs samples of both kinds, not {yes} and {no}")
    total = average_ranks(scores)[targets].sum().item()
    return (total - yes * (yes + 1) / 2) / (yes * no)


def f1_score(predicted: Tensor, targets: Tensor) -> float:
    """The harmonic mean of precision and recall, of boolean tensors of one shape.

    1 where there is nothing to find and nothing was found. Raises ValueError for others.
    """
    if predicted.shape != targets.shape or {predicted.dtype, targets.dtype} != {torch.bool}:
        raise ValueError(
            f"predicted and targets must be boolean of one shape, not {predicted.dtype} "
            f"{tuple(predicted.shape)} and {targets.dtype} {tuple(targets.shape)}"
        )
    return _f1(int((predicted & targets).sum()), int(predicted.sum()), int(targets.sum()))


def events_of(active: Tensor) -> list[Event]:
    """The runs of true values, (places,) boolean, in their order."""
    edge = active.new_zeros(1)
    steps = torch.cat([edge, active, edge]).to(torch.int8).diff()
    firsts, ends = (steps == 1).nonzero(), (steps == -1).nonzero()
    return list(zip(firsts.flatten().tolist(), ends.flatten().tolist(), strict=True))


def matched_events(found: Sequence[Event], true: Sequence[Event], tolerance: int) -> int:
    """How many true events have a found one that begins within the tolerance; each counts once.

    Both in their order, which makes taking the first that fits the largest matching there is.
    """
    matched, starts = 0, [first for first, _ in found]
    for first, _ in true:
        while starts and starts[0] < first - tolerance:
            starts.pop(0)
        if starts and starts[0] <= first + tolerance:
            starts.pop(0)
            matched += 1
    return matched


def event_f1(predicted: Tensor, targets: Tensor, tolerance: int) -> float:
    """F1 of events, each a run of true frames; one is found where one begins within the tolerance.

    predicted, targets: (n, frames) boolean. tolerance: in frames. Raises ValueError for others.
    Source: Mesaros et al. 2016 (onsets only).
    """
    if predicted.shape != targets.shape or predicted.ndim != 2 or tolerance < 0:
        raise ValueError(
            f"predicted and targets must be (n, frames), the tolerance 0 or more, not "
            f"{tuple(predicted.shape)}, {tuple(targets.shape)} and {tolerance}"
        )
    hits = all_found = all_true = 0
    for row in range(len(predicted)):
        found, true = events_of(predicted[row]), events_of(targets[row])
        hits += matched_events(found, true, tolerance)
        all_found, all_true = all_found + len(found), all_true + len(true)
    return _f1(hits, all_found, all_true)


def best_threshold(scores: Tensor, targets: Tensor) -> float:
    """The score from which on to say yes for the highest F1 of (n,) samples; the lowest of these.

    Raises ValueError as `auroc` does for shapes, and where nothing is true.
    """
    _check(scores, targets)
    if not targets.any():
        raise ValueError("a threshold needs samples that have it, not 0")
    order = scores.argsort(descending=True, stable=True)
    hits, said = targets[order].cumsum(0), torch.arange(1, len(scores) + 1)
    f1 = 2 * hits / (said + targets.sum())
    ordered = scores[order]
    last = torch.cat([ordered[1:] != ordered[:-1], torch.tensor([True])])  # equal scores go along
    return ordered[int(f1.where(last, -1.0).argmax())].item()


def false_alarm_threshold(scores: Tensor, share: float) -> float:
    """The lowest score that at most this share of samples without it reach, or above all of them.

    scores: (n,) of samples that have it not. Raises ValueError where there is none, or the share is
    not in [0, 1).
    """
    if not len(scores) or not 0 <= share < 1:
        raise ValueError(f"it needs scores and a share in [0, 1), not {len(scores)} and {share}")
    ordered = scores.double().sort(descending=True).values
    allowed = int(share * len(scores))
    limit = ordered[allowed]  # must not be reached
    return torch.nextafter(limit, limit.new_full((), torch.inf)).item()


def binary_calibration_error(probabilities: Tensor, targets: Tensor, bins: int = 10) -> float:
    """How far probabilities are from shares: the mean over bins of |share that is true - mean p|.

    Weighted by the bins' sizes. probabilities: (n,) in [0, 1]. targets: (n,) boolean. Raises
    ValueError for others. Source: Guo et al. 2017.
    """
    _check(probabilities, targets)
    if bins < 1 or not ((probabilities >= 0) & (probabilities <= 1)).all():
        raise ValueError("probabilities must be in [0, 1], in one bin or more")
    p = probabilities.double()
    bin_of = (p * bins).long().clamp(max=bins - 1)
    gaps = p.new_zeros(bins).index_add(0, bin_of, targets.double() - p)
    return (gaps.abs().sum() / len(p)).item()


def pearson(one: Tensor, other: Tensor) -> float:
    """The correlation of two (n,), from -1 to 1. Raises ValueError where one never changes."""
    if one.shape != other.shape or one.ndim != 1 or len(one) < 2:
        raise ValueError(
            f"two rows of numbers correlate, (n,), not {tuple(one.shape)} and {tuple(other.shape)}"
        )
    a, b = (x.double() - x.double().mean() for x in (one, other))
    length = a.norm() * b.norm()
    if not length > 0:
        raise ValueError("what never changes, or is NaN, correlates with nothing")
    return (a @ b / length).item()


def spearman(one: Tensor, other: Tensor) -> float:
    """The correlation of the ranks of two (n,): 1 for any rising relation. Raises as `pearson`."""
    return pearson(average_ranks(one), average_ranks(other))


def _f1(hits: int, found: int, true: int) -> float:
    return 2 * hits / (found + true) if found + true else 1.0


def _check(scores: Tensor, targets: Tensor) -> None:
    if scores.ndim != 1 or scores.shape != targets.shape or targets.dtype != torch.bool:
        raise ValueError(
            f"scores must be (n,) and targets boolean (n,), not {tuple(scores.shape)} and "
            f"{targets.dtype} {tuple(targets.shape)}"
        )
    if scores.isnan().any():
        raise ValueError("scores must be numbers, not NaN")
