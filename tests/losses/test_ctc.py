"""CTC against PyTorch's on each sequence alone, and against all paths."""

from itertools import groupby, product

import pytest
import torch
import torch.nn.functional as F

from mmbook.batch import Padded
from mmbook.losses import ctc
from mmbook.tokens import Tokens

LENGTHS, LABELS = (6, 3, 5), ([1, 2, 2], [3], [2, 1])


def example(spoilt: float = 0.0) -> tuple[Tokens, Padded]:
    generator = torch.Generator().manual_seed(0)
    rows = Padded.of([torch.randn(n, 4, generator=generator) for n in LENGTHS], spoilt)
    return Tokens(rows.values, rows.mask), Padded.of([torch.tensor(row) for row in LABELS], -7)


def test_it_is_the_sum_over_sequences_each_without_padding() -> None:
    logits, targets = example(torch.nan)
    logits.values.requires_grad_()
    found = ctc(logits, targets)
    expected = sum(
        F.ctc_loss(
            logits.values[row, :length].log_softmax(-1)[:, None],
            torch.tensor([LABELS[row]]),
            torch.tensor([length]),
            torch.tensor([len(LABELS[row])]),
            reduction="sum",
        )
        for row, length in enumerate(LENGTHS)
    )
    torch.testing.assert_close(found.total, expected)
    assert found.count == 3
    found.total.backward()
    assert logits.values.grad.isfinite().all()


def test_it_is_the_probability_of_all_paths() -> None:
    logits, targets = example()
    scores = logits.values[1, :3].log_softmax(-1)
    paths = [
        sum(scores[t, label] for t, label in enumerate(path))
        for path in product(range(4), repeat=3)
        if [label for label, _ in groupby(path) if label] == LABELS[1]
    ]
    found = ctc(Tokens(logits.values[1:2, :3], logits.mask[1:2, :3]), targets[1:2])
    torch.testing.assert_close(found.total, -torch.stack(paths).logsumexp(0))


def test_labels_that_do_not_fit_are_infinitely_unlikely() -> None:
    logits = Tokens.of(torch.zeros(1, 3, 4))
    assert ctc(logits, Padded.of([torch.tensor([1, 1, 1])])).total.isinf()


def test_another_number_of_targets_is_refused() -> None:
    logits, targets = example()
    with pytest.raises(ValueError, match="3 sequences of logits need as many targets, not 2"):
        ctc(logits, targets[:2])


@pytest.mark.parametrize("label", [-1, 4, 0, 1.5, torch.nan, True])
def test_what_is_no_label_is_refused(label: float) -> None:
    logits, _ = example()
    targets = Padded.of([torch.tensor([label])] * 3)
    with pytest.raises(ValueError, match="targets must be"):
        ctc(logits, targets)


def test_labels_of_every_type_are_read() -> None:
    logits, targets = example()
    for dtype in (torch.uint8, torch.int32, torch.float32):
        same = Padded(targets.values.clamp(min=0).to(dtype), targets.lengths)
        assert ctc(logits, same).total == ctc(logits, targets).total


@pytest.mark.parametrize("blank", [-1, 4, 1.0, True])
def test_a_blank_that_is_no_class_is_refused(blank: int) -> None:
    with pytest.raises(ValueError, match=r"blank must be a class, .* in \[0, 4\), not"):
        ctc(*example(), blank)


def test_padding_before_what_is_real_is_refused() -> None:
    logits, targets = example()
    with pytest.raises(ValueError, match="padding is before one in row 1"):
        ctc(Tokens(logits.values, logits.mask.flip(1)), targets)
