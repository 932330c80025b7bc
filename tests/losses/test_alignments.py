"""Alignments by hand: against PyTorch's CTC, and against all paths counted one by one."""

import math
from itertools import groupby, product

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st

from mmbook.losses.alignments import align, count_alignments, frames_needed

LABELS = st.lists(st.integers(1, 3), max_size=4)


def collapsed(path: tuple[int, ...]) -> list[int]:
    return [label for label, _ in groupby(path) if label]


@settings(deadline=None, max_examples=40)
@given(LABELS, st.integers(0, 4), st.integers(0, 10**6))
def test_loss_and_gradient_are_those_of_pytorch(labels: list[int], more: int, seed: int) -> None:
    frames = max(1, frames_needed(labels)) + more
    generator = torch.Generator().manual_seed(seed)
    logits = torch.randn(frames, 4, generator=generator, dtype=torch.float64).requires_grad_()
    found = align(logits, labels)
    loss = F.ctc_loss(
        logits.log_softmax(1)[:, None],
        torch.tensor([labels], dtype=torch.long),
        torch.tensor([frames]),
        torch.tensor([len(labels)]),
        reduction="sum",
    )
    loss.backward()
    torch.testing.assert_close(-found.log_probability, loss.detach(), atol=1e-9, rtol=1e-9)
    torch.testing.assert_close(found.gradient, logits.grad, atol=1e-9, rtol=1e-9)
    torch.testing.assert_close(found.occupancy.sum(1), torch.ones(frames, dtype=torch.float64))


@settings(deadline=None, max_examples=60)
@given(LABELS, st.integers(0, 6))
def test_the_count_is_that_of_all_paths(labels: list[int], frames: int) -> None:
    # Three classes and the blank: a class that is in no label changes nothing.
    every = product(range(4), repeat=frames)
    assert count_alignments(frames, labels) == sum(collapsed(path) == labels for path in every)


def test_counts_are_exact_where_floats_are_not() -> None:
    assert count_alignments(49, [1, 2, 3]) == math.comb(52, 6) == 20_358_520
    assert count_alignments(49, [1, 2, 3]) == count_alignments(49, "cat")
    assert count_alignments(200, list(range(1, 40))) > 2**53


def test_frames_are_needed_for_labels_and_between_equal_ones() -> None:
    assert frames_needed([]) == 0
    assert frames_needed([1, 2, 3]) == 3
    assert frames_needed("three") == 6
    assert count_alignments(5, "three") == 0 and count_alignments(6, "three") == 1


def test_what_cannot_be_aligned_is_refused() -> None:
    logits = torch.zeros(3, 4)
    with pytest.raises(ValueError, match=r"2 labels need 3 frames.*there are 2"):
        align(logits[:2], [1, 1])
    for wrong in ([0], [4], [-1]):
        with pytest.raises(ValueError, match="labels must be classes"):
            align(logits, wrong)
    with pytest.raises(ValueError, match="one frame or more"):
        align(logits[:0], [])
    with pytest.raises(ValueError, match="blank must be a class"):
        align(logits, [1], blank=4)
    with pytest.raises(ValueError, match="0 or more"):
        count_alignments(-1, [])
