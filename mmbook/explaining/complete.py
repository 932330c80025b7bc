"""Integrated gradients that sum to what the score rises by: fine steps where they are needed."""

import math
from dataclasses import dataclass
from heapq import heapify, heappop, heappush

import torch
from torch import Tensor, nn

from mmbook.explaining.gradients import slopes_and_scores
from mmbook.explaining.scores import (
    check_whole,
    checked_baseline,
    checked_inputs,
    target_scores,
)

PIECES = 8  # of the way, to begin with
SHARE = 0.98  # of the tolerance; what is left is for rounding when pieces are added up
NARROWEST = 2.0**-20  # a piece of the way that is not halved any more


@dataclass(frozen=True, eq=False)
class Piece:
    """A piece of one sample's way, from `start` in [0, 1], and what its inputs are given.

    scores: at its start, in its middle and at its end. given: the shape of a sample. gap: what is
    given in all, less what the score rises by.
    """

    start: float
    width: float
    scores: tuple[float, float, float]
    given: Tensor
    gap: float

    def __lt__(self, other: "Piece") -> bool:
        return abs(self.gap) > abs(other.gap)  # a heap's first piece is the worst one


def integrated_gradients_within(
    model: nn.Module,
    inputs: Tensor,
    target: Tensor | int,
    baseline: Tensor | float = 0.0,
    tolerance: float = 1e-3,
    most: int = 4096,
) -> Tensor:
    """Integrated gradients that sum to score(input) - score(baseline) within a tolerance.

    What the score rises by is known for each piece of the way. Of each sample the piece whose
    attributions miss it by most is halved, until neither the sum of these gaps nor the root of the
    sum of their squares is above the tolerance: the second is large where large gaps only cancel.
    A pass of the model takes one place of each sample. A slope a piece is kept in memory.

    most: pieces a sample. Raises ValueError where these are not enough, or where a score jumps, so
    that no steps are (both name the sample and its gap); for a tolerance that is not above 0, and
    fewer pieces than 8; else as `gradient`. Source: Sundararajan et al. 2017, section 5, on
    the check; chapter `explainability`, eq. ex-path and ex-complete.
    """
    check_whole("most", most, PIECES)
    if not 0 < tolerance < math.inf:
        raise ValueError(f"tolerance must be above 0 and finite, not {tolerance!r}")
    x = checked_inputs(inputs)
    way = _Way(model, checked_baseline(baseline, x), x, target)
    found = way.begun()
    while open_rows := [i for i, pieces in enumerate(found) if not _fits(pieces, tolerance)]:
        for i in open_rows:
            _check_left(found[i], i, tolerance, most)
        worst = [heappop(found[i]) if i in open_rows else None for i in range(len(x))]
        for half in (0, 1):
            rows = [(0.0, 1.0, 0.0, 0.0) if one is None else _half(one, half) for one in worst]
            for i, piece in enumerate(way.pieces(rows)):
                if worst[i] is not None:
                    heappush(found[i], piece)
    return torch.stack([torch.stack([p.given for p in pieces]).sum(0) for pieces in found])


@dataclass(frozen=True, eq=False)
class _Way:
    """The straight ways of a batch from baselines to inputs, both (n, ...)."""

    model: nn.Module
    base: Tensor
    x: Tensor
    target: Tensor | int

    def at(self, places: list[float]) -> Tensor:
        """The inputs at one place of each sample's way, (n, ...)."""
        shares = self.x.new_tensor(places).view(-1, *[1] * (self.x.ndim - 1))
        return self.base + shares * (self.x - self.base)

    def pieces(self, rows: list[tuple[float, float, float, float]]) -> list[Piece]:
        """A piece a sample, by its (start, width, score at the start, score at the end)."""
        middles = self.at([start + width / 2 for start, width, _, _ in rows])
        slopes, scores = slopes_and_scores(self.model, middles, self.target)
        slopes = slopes * (self.x - self.base)
        sums = slopes.flatten(1).sum(1, dtype=torch.float64).tolist()
        return [
            Piece(a, width, (first, now, last), width * slope, width * sum_ - (last - first))
            for (a, width, first, last), now, slope, sum_ in zip(
                rows, scores.tolist(), slopes, sums, strict=True
            )
        ]

    def begun(self) -> list[list[Piece]]:
        """A heap of a few equal pieces for each sample."""
        count, width = len(self.x), 1 / PIECES
        ends = [
            target_scores(self.model, self.at([k * width] * count), self.target).tolist()
            for k in range(PIECES + 1)
        ]
        steps = [
            self.pieces([(k * width, width, ends[k][i], ends[k + 1][i]) for i in range(count)])
            for k in range(PIECES)
        ]
        found = [list(pieces) for pieces in zip(*steps, strict=True)]
        for pieces in found:
            heapify(pieces)
        return found


def _half(piece: Piece, half: int) -> tuple[float, float, float, float]:
    """Start, width and the scores at both ends of the first or second half of a piece."""
    width = piece.width / 2
    return (piece.start + half * width, width, piece.scores[half], piece.scores[half + 1])


def _fits(pieces: list[Piece], tolerance: float) -> bool:
    gaps = [piece.gap for piece in pieces]
    return max(abs(math.fsum(gaps)), math.hypot(*gaps)) <= SHARE * tolerance


def _check_left(pieces: list[Piece], row: int, tolerance: float, most: int) -> None:
    """Raises ValueError where a sample's worst piece is too narrow to halve, or pieces too many."""
    gaps = [piece.gap for piece in pieces]
    said = (
        f"the attributions of sample {row} miss what its score rises by, by "
        f"{abs(math.fsum(gaps)):.2g}, piece by piece by {math.hypot(*gaps):.2g}"
    )
    if pieces[0].width <= NARROWEST:
        raise ValueError(
            f"{said}: at {pieces[0].start:.6f} of the way the score jumps, or is rounded too "
            f"coarsely for tolerance {tolerance:g}; take a larger one, or float64"
        )
    if len(pieces) >= most:
        raise ValueError(
            f"{said}, with {most} pieces of the way; raise `most`, or tolerance {tolerance:g}"
        )
