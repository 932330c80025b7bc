"""All alignments of labels with frames: counted, summed, and what each frame is worth to them."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import Tensor


@dataclass(frozen=True, eq=False)
class Alignments:
    """What is known of all paths that collapse to the labels, S = 2 · labels + 1 places.

    log_probability: of all paths together. places: (S,) the class of each place, blanks between
    labels. occupancy: (frames, S) float64, the share of the paths' probability that is at a place
    in a frame. gradient: (frames, classes), of the loss, -log_probability, by the logits.
    """

    log_probability: Tensor
    places: Tensor
    occupancy: Tensor
    gradient: Tensor


def frames_needed(labels: Sequence[int]) -> int:
    """The fewest frames that can say the labels: one each, and a blank between two equal ones."""
    return len(labels) + sum(a == b for a, b in pairwise(labels))


def count_alignments(frames: int, labels: Sequence[int]) -> int:
    """How many paths of so many frames collapse to the labels, exactly. Labels differ from blank.

    Raises ValueError for a negative number of frames.
    """
    if frames < 0:
        raise ValueError(f"frames must be 0 or more, not {frames}")
    places = between_blanks(labels, None)
    counts = [1] + [0] * (len(places) - 1)  # before the first frame: nothing said, as if in blank
    for frame in range(frames):
        counts = [
            sum(counts[s - step] for step in steps_to(places, s) if s >= step)
            for s in range(len(places))
        ]
        if frame == 0 and len(places) > 1:
            counts[1] = 1  # a path may begin with the first label
    return sum(counts[-2:]) if frames else int(not labels)


def between_blanks(labels: Sequence[int], blank: int | None = 0) -> list[int | None]:
    """The labels with a blank before, between and behind them: 2 · labels + 1 places."""
    found: list[int | None] = [blank]
    for label in labels:
        found += [label, blank]
    return found


def steps_to(places: Sequence[int | None], place: int) -> tuple[int, ...]:
    """How far back the place of the frame before may lie: 0, 1, and 2 past a blank that may go."""
    may_skip = place >= 2 and places[place] not in (places[0], places[place - 2])
    return (0, 1, 2) if may_skip else (0, 1)


def align(logits: Tensor, labels: Sequence[int], blank: int = 0) -> Alignments:
    """All alignments of one sequence, by the forward-backward algorithm in logarithms.

    logits: (frames, classes). Raises ValueError for another shape, no frame, a label that is no
    class or is the blank, and labels that need more frames than there are.
    Source: Graves et al. 2006, section 4.
    """
    _check(logits, labels, blank)
    log_p = logits.detach().double().log_softmax(dim=1)
    places = torch.tensor(between_blanks(labels, blank))
    alpha = _forward(log_p[:, places], labels, blank)
    turned = _forward(log_p[:, places].flip(0, 1), labels[::-1], blank).flip(0, 1)
    # Both count the frame itself: once is enough. Eq. sr-occupancy.
    both = alpha + turned - log_p[:, places]
    total = both[0].logsumexp(dim=0)
    occupancy = (both - total).exp()
    wanted = torch.zeros_like(log_p).index_add_(1, places, occupancy)  # (frames, classes)
    return Alignments(total, places, occupancy, log_p.exp() - wanted)  # eq. sr-gradient


def _forward(scores: Tensor, labels: Sequence[int], blank: int) -> Tensor:
    """log α (frames, S): of all ways to be at a place in a frame. Eq. sr-forward."""
    places = between_blanks(labels, blank)
    may_skip = torch.tensor([2 in steps_to(places, s) for s in range(len(places))])
    never = scores.new_full((2,), -torch.inf)
    rows = [torch.full_like(scores[0], -torch.inf)]
    rows[0][:2] = scores[0, :2]  # a path begins with a blank or with the first label
    for score in scores[1:]:
        before = torch.cat([never, rows[-1]])  # before[s + 2] is place s
        skipped = before[:-2].masked_fill(~may_skip, -torch.inf)
        rows.append(torch.stack([before[2:], before[1:-1], skipped]).logsumexp(dim=0) + score)
    return torch.stack(rows)


def _check(logits: Tensor, labels: Sequence[int], blank: int) -> None:
    if logits.ndim != 2 or not logits.is_floating_point() or not len(logits):
        raise ValueError(
            "logits must be floating point (frames, classes) of one frame or more, not "
            f"{logits.dtype} {tuple(logits.shape)}"
        )
    classes = logits.shape[1]
    if type(blank) is not int or not 0 <= blank < classes:
        raise ValueError(f"blank must be a class, a whole number in [0, {classes}), not {blank!r}")
    for label in labels:
        if not 0 <= label < classes or label == blank:
            raise ValueError(
                f"labels must be classes in [0, {classes}) other than blank, {blank}, not {label}"
            )
    if (needed := frames_needed(labels)) > len(logits):
        raise ValueError(
            f"{len(labels)} labels need {needed} frames, with a blank between equal ones, and "
            f"there are {len(logits)}: no path says them"
        )
