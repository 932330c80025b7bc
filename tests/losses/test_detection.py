"""Losses of labels that do not exclude each other, and of numbers that may be unknown."""

import math

import pytest
import torch
import torch.nn.functional as F

from mmbook.losses.detection import frame_cross_entropy, known_huber, label_cross_entropy

NAN = float("nan")


def test_labels_are_judged_each_by_itself() -> None:
    logits = torch.tensor([[0.0, 2.0, -1.0], [1.0, 0.0, 3.0]], dtype=torch.float64)
    targets = torch.tensor([[True, True, False], [False, False, True]])
    p = logits.sigmoid()
    wanted = -torch.where(targets, p, 1 - p).log().mean(dim=1).sum()
    loss = label_cross_entropy(logits, targets)
    assert loss.count == 2
    torch.testing.assert_close(loss.total, wanted)


def test_a_weighted_yes_counts_so_many_times() -> None:
    logits, yes = torch.tensor([[0.5, 0.5]]), torch.tensor([[True, False]])
    plain = label_cross_entropy(logits, yes).total
    weighted = label_cross_entropy(logits, yes, torch.tensor([3.0, 3.0])).total
    torch.testing.assert_close(weighted - plain, F.softplus(torch.tensor(-0.5)))  # 2 more, by 2


def test_padding_changes_neither_loss_nor_gradient() -> None:
    torch.manual_seed(0)
    logits = torch.randn(2, 5, 3, dtype=torch.float64)
    targets = torch.rand(2, 5, 3) < 0.5
    mask = torch.tensor([[True] * 5, [True] * 3 + [False] * 2])
    logits[1, 3:] = NAN
    logits.requires_grad_()
    loss = frame_cross_entropy(logits, targets, mask)
    loss.total.backward()
    alone = sum(
        label_cross_entropy(logits[i, :n], targets[i, :n]).mean() for i, n in ((0, 5), (1, 3))
    )
    torch.testing.assert_close(loss.total, alone)
    assert loss.count == 2
    assert logits.grad is not None
    assert (logits.grad[1, 3:] == 0).all()
    assert (logits.grad[1, :3] != 0).all()


def test_the_gradient_of_what_is_unknown_is_exactly_zero() -> None:
    outputs = torch.tensor([1.0, 2.0, 9.0], requires_grad=True)
    loss = known_huber(outputs, torch.tensor([NAN, 2.5, NAN]), scale=0.5)
    loss.total.backward()
    assert loss.total.item() == pytest.approx(0.5)  # one unit away
    assert loss.mean().item() == pytest.approx(0.5)
    assert outputs.grad is not None
    assert outputs.grad.tolist() == [0.0, -2.0, 0.0]


def test_where_nothing_is_known_there_is_no_loss_and_no_gradient() -> None:
    outputs = torch.tensor([1.0, 2.0], requires_grad=True)
    loss = known_huber(outputs, torch.tensor([NAN, NAN]))
    loss.total.backward()
    assert (loss.total.item(), int(loss.count)) == (0.0, 0)
    assert outputs.grad is not None
    assert outputs.grad.tolist() == [0.0, 0.0]


def test_far_away_the_error_counts_by_its_size() -> None:
    near = known_huber(torch.tensor([0.5]), torch.tensor([0.0])).total.item()
    far = known_huber(torch.tensor([8.0]), torch.tensor([0.0])).total.item()
    assert (near, far) == (pytest.approx(0.125), pytest.approx(7.5))
    assert math.isclose(known_huber(torch.tensor([16.0]), torch.tensor([0.0]), 2.0).total, far)


def test_other_shapes_are_refused() -> None:
    logits, yes = torch.zeros(2, 3), torch.zeros(2, 3, dtype=torch.bool)
    with pytest.raises(ValueError, match="labels must be boolean"):
        label_cross_entropy(logits, yes[:, :2])
    with pytest.raises(ValueError, match="labels must be boolean"):
        label_cross_entropy(logits, yes.float())
    with pytest.raises(ValueError, match="boolean mask"):
        frame_cross_entropy(logits[None], yes[None], torch.ones(1, 3, dtype=torch.bool))
    with pytest.raises(ValueError, match="must be \\(n,\\)"):
        known_huber(torch.zeros(2), torch.zeros(3))
    with pytest.raises(ValueError, match="scale above 0"):
        known_huber(torch.zeros(2), torch.zeros(2), scale=0.0)
