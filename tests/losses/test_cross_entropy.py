"""Cross-entropy as a sum and a count."""

import pytest
import torch
import torch.nn.functional as F

from mmbook.losses import IGNORED, cross_entropy


def test_the_mean_over_uneven_parts_is_that_over_all_tokens():
    logits = torch.randn(2, 5, 7, dtype=torch.float64)
    targets = torch.randint(7, (2, 5))
    targets[0, 1:] = IGNORED
    parts = [cross_entropy(logits[i], targets[i]) for i in range(2)]
    mean = sum(p.total for p in parts) / sum(p.count for p in parts)
    torch.testing.assert_close(mean, F.cross_entropy(logits.flatten(0, 1), targets.flatten()))
    torch.testing.assert_close(cross_entropy(logits, targets).mean(), mean)
    assert [int(p.count) for p in parts] == [1, 5]


def test_shapes_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match=r"\(\.\.\., classes\)"):
        cross_entropy(torch.zeros(3, 4), torch.zeros(4, dtype=torch.long))


def test_smoothing_is_that_of_pytorch():
    logits, targets = torch.randn(6, 5), torch.tensor([0, 1, 2, 3, IGNORED, 4])
    found = cross_entropy(logits, targets, label_smoothing=0.2).mean()
    torch.testing.assert_close(found, F.cross_entropy(logits, targets, label_smoothing=0.2))


@pytest.mark.parametrize("dtype", [torch.uint8, torch.int32, torch.uint16, torch.float32], ids=str)
def test_targets_of_every_type_are_read_and_156_of_uint8_counts(dtype: torch.dtype) -> None:
    logits, targets = torch.randn(3, 200), torch.tensor([156, 0, 199])
    found, expected = cross_entropy(logits, targets.to(dtype)), cross_entropy(logits, targets)
    assert found.total == expected.total and found.count == expected.count == 3


@pytest.mark.parametrize("target", [0.5, float("nan"), True, 1j])
def test_what_is_no_class_is_refused(target: complex) -> None:
    with pytest.raises(ValueError, match="targets must be whole numbers"):
        cross_entropy(torch.zeros(1, 4), torch.tensor([target]))
