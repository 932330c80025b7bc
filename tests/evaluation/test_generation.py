"""Measures of generated images against naive loops, closed forms and SciPy."""

import math

import numpy as np
import pytest
import scipy.linalg
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from mmbook.evaluation import (
    accuracy,
    class_accuracies,
    class_spreads,
    frechet_distance,
    nearest_distances,
    precision_and_recall,
)


def vectors(seed: int, n: int, width: int, scale: float = 1.0) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    mixed = torch.randn(n, width, generator=generator, dtype=torch.float64)
    return scale * mixed @ torch.randn(width, width, generator=generator, dtype=torch.float64)


def test_accuracies_of_classes_make_up_the_accuracy():
    targets = torch.tensor([0, 0, 0, 1, 1, 2])
    scores = torch.nn.functional.one_hot(torch.tensor([0, 1, 0, 1, 1, 0]), 3).float()
    found = class_accuracies(scores, targets)
    assert found.tolist() == pytest.approx([2 / 3, 1, 0])
    weights = targets.bincount() / len(targets)
    assert (found * weights).sum().item() == pytest.approx(accuracy(scores, targets))
    with pytest.raises(ValueError, match="class 2 was never asked for"):
        class_accuracies(scores[:5], targets[:5])
    with pytest.raises(ValueError, match="finite"):
        class_accuracies(scores * torch.nan, targets)


@settings(max_examples=20)
@given(st.integers(2, 6), st.integers(2, 6), st.integers(1, 4), st.integers(0, 10_000))
def test_spreads_are_mean_distances_of_pairs(first, second, width, seed):
    samples = vectors(seed, first + second, width)
    labels = torch.tensor([0] * first + [1] * second)
    found = class_spreads(samples, labels, 2)
    for label in range(2):
        own = samples[labels == label]
        pairs = [(a - b).norm() for i, a in enumerate(own) for j, b in enumerate(own) if i != j]
        assert found[label].item() == pytest.approx(torch.stack(pairs).mean().item(), abs=1e-5)


def test_the_same_image_again_and_again_has_no_spread():
    labels = torch.arange(10).repeat(4)
    samples = vectors(0, 10, 30)[labels]
    assert class_spreads(samples, labels).max() < 1e-5
    torch.testing.assert_close(
        class_spreads(3 * vectors(0, 40, 5), labels), 3 * class_spreads(vectors(0, 40, 5), labels)
    )


@pytest.mark.parametrize("width", [1, 4, 30])
def test_the_frechet_distance_is_that_of_scipys_root(width):
    first, second = vectors(0, 200, width), 1 + vectors(1, 150, width, scale=0.5)
    one, other = (np.atleast_2d(np.cov(x.numpy().T)) for x in (first, second))
    root = scipy.linalg.sqrtm(one @ other).real
    means = (first.mean(0) - second.mean(0)).square().sum().item()
    expected = means + np.trace(one + other - 2 * root)
    assert frechet_distance(first, second) == pytest.approx(expected, rel=1e-9)
    assert frechet_distance(second, first) == pytest.approx(expected, rel=1e-9)


def test_the_frechet_distance_in_closed_form():
    """In one dimension it is the squared distance of means and of deviations."""
    first = torch.tensor([[-1.0], [1.0], [0.0]])
    second = 3 * first + 5
    assert frechet_distance(first, second) == pytest.approx(25 + (3 - 1) ** 2)
    assert frechet_distance(first, first) == pytest.approx(0, abs=1e-9)


def test_the_frechet_distance_of_features_that_never_vary():
    """A dead unit of a judge: the covariance has no inverse, and the distance still is a number."""
    first, second = vectors(0, 50, 3), vectors(1, 50, 3)
    dead = [torch.cat([x, torch.zeros(50, 1)], dim=1) for x in (first, second)]
    assert frechet_distance(*dead) == pytest.approx(frechet_distance(first, second))


def naive(real: Tensor, generated: Tensor, k: int) -> tuple[float, float]:
    def reach(samples: Tensor) -> list[float]:
        return [
            sorted((a - b).norm().item() for j, b in enumerate(samples) if j != i)[k - 1]
            for i, a in enumerate(samples)
        ]

    def share(asked: Tensor, samples: Tensor) -> float:
        radii = reach(samples)
        inside = [
            any((x - s).norm().item() <= r for s, r in zip(samples, radii, strict=True))
            for x in asked
        ]
        return sum(inside) / len(inside)

    return share(generated, real), share(real, generated)


@settings(max_examples=20, deadline=None)
@given(st.integers(4, 12), st.integers(4, 12), st.integers(1, 3), st.integers(0, 10_000))
def test_precision_and_recall_are_those_of_a_naive_loop(n, m, k, seed):
    real, generated = vectors(seed, n, 2), vectors(seed + 1, m, 2) + 1
    assert precision_and_recall(real, generated, k) == pytest.approx(naive(real, generated, k))


def test_more_rows_than_are_in_memory_at_a_time(monkeypatch):
    real, generated = vectors(0, 25, 3), vectors(1, 30, 3) + 1
    whole = precision_and_recall(real, generated), nearest_distances(real, generated)
    monkeypatch.setattr("mmbook.evaluation.generation.CHUNK", 7)
    assert precision_and_recall(real, generated) == whole[0]
    torch.testing.assert_close(nearest_distances(real, generated), whole[1])


def test_what_is_right_but_narrow_has_precision_and_no_recall():
    real = torch.randn(400, 2, generator=torch.Generator().manual_seed(0))
    narrow = 0.05 * torch.randn(400, 2, generator=torch.Generator().manual_seed(1))
    precision, recall = precision_and_recall(real, narrow)
    assert precision > 0.95 and recall < 0.05
    assert precision_and_recall(real, 100 + real) == (0, 0)


@settings(max_examples=20)
@given(st.integers(1, 6), st.integers(1, 6), st.integers(1, 4), st.integers(0, 10_000))
def test_nearest_distances_are_those_of_a_naive_loop(n, m, width, seed):
    asked, known = vectors(seed, n, width), vectors(seed + 1, m, width)
    expected = [min((a - b).norm().item() for b in known) for a in asked]
    assert nearest_distances(asked, known).tolist() == pytest.approx(expected, abs=1e-3, rel=1e-4)


def test_a_copy_is_as_near_as_can_be():
    known = vectors(0, 50, 30)
    assert nearest_distances(known[3:7], known).max() < 0.05
    assert nearest_distances(known[3:7] + 1, known).min() > 1


@pytest.mark.parametrize("measure", [frechet_distance, precision_and_recall, nearest_distances])
def test_what_cannot_be_compared_is_refused(measure):
    good = vectors(0, 9, 3)
    for bad in (good[0], good[:0], good[:, :0], good[None]):
        with pytest.raises(ValueError, match=r"must be \(n, width\), real and not empty"):
            measure(good, bad)
    with pytest.raises(ValueError, match="of one width, not of 3 and 2"):
        measure(good, good[:, :2])
    for wrong in (math.nan, math.inf):
        spoilt = good.clone()
        spoilt[2, 1] = wrong
        with pytest.raises(ValueError, match="the first vectors hold NaN or infinity"):
            measure(spoilt, good)


def test_too_few_samples_are_refused():
    with pytest.raises(ValueError, match=r"3 samples do not tell the covariance of .* width 3"):
        frechet_distance(vectors(0, 9, 3), vectors(0, 3, 3))
    with pytest.raises(ValueError, match=r"3-th nearest .* not 9 real and 3 generated"):
        precision_and_recall(vectors(0, 9, 3), vectors(0, 3, 3))
    with pytest.raises(ValueError, match="neighbours must be 1 or more"):
        precision_and_recall(vectors(0, 9, 3), vectors(0, 9, 3), 0)
    with pytest.raises(ValueError, match="class 1 has 1 samples"):
        class_spreads(vectors(0, 3, 3), torch.tensor([0, 0, 1]), 2)
    with pytest.raises(ValueError, match="3 vectors need as many labels, not 2"):
        class_spreads(vectors(0, 3, 3), torch.tensor([0, 0]), 2)
