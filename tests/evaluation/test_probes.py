"""Plain classifiers learn what can be learned, and nothing where there is nothing."""

import pytest
import torch

from mmbook.evaluation.probes import MACHINE, NEIGHBOUR, probe


def test_the_classifier_learns_what_can_be_learned() -> None:
    generator = torch.Generator().manual_seed(0)
    labels = torch.arange(4).repeat(30)
    rows = torch.randn(120, 6, generator=generator)
    rows[:, 0] += 8 * (labels % 2)
    rows[:, 1] += 8 * (labels // 2)
    test = torch.arange(120) < 40
    found = probe(rows, labels, test, 10.0)
    assert found.keys() == {MACHINE, NEIGHBOUR} and min(found.values()) > 0.95
    shuffled = labels[torch.randperm(120, generator=generator)]
    assert max(probe(rows, shuffled, test, 10.0).values()) < 0.6


@pytest.mark.parametrize("test", [torch.tensor([0, 1, 0, 1]), torch.tensor([True, False])])
def test_what_is_no_mask_of_the_rows_is_refused(test: torch.Tensor) -> None:
    with pytest.raises(ValueError, match=r"4 rows need .* a boolean mask of those to test on"):
        probe(torch.randn(4, 2), torch.tensor([0, 0, 1, 1]), test, 1.0)
