import math

import pytest
import torch
from torch import Tensor, nn

from mmbook.batch import Batch
from mmbook.losses import Loss, cross_entropy
from mmbook.training import Objective, RangeTest, TrainingConfig, range_test, supervised
from mmbook.training.optimisers.gradient_descent import SGD
from tests.training.runs import classifier, separable

CONFIG = TrainingConfig(steps=100, batch_size=20, clip_norm=1e9, device="cpu")


def plain(model: nn.Module, config: TrainingConfig) -> SGD:
    return SGD(model.parameters(), config.learning_rate)


class Bowl(nn.Module):
    """The distance from a weight of 0 as the output; with `half_square`, the curvature is 8."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.tensor([3.0]))

    def forward(self, inputs: dict[str, Tensor]) -> Tensor:
        return self.weight * torch.ones_like(inputs["point"][:, 0])


def half_square(outputs: Tensor, targets: Tensor) -> Loss:
    return Loss(4 * outputs.square().sum(), len(outputs))


def test_a_planted_limit_is_found() -> None:
    found = range_test(
        Bowl(), separable(), CONFIG, Objective(supervised(half_square), plain), lowest=1e-4
    )
    limit = 2 / 8  # above it, every step lands further away than the one before
    assert limit < found.learning_rates[-1] < 10 * limit
    assert found.steepest < found.least < 1.5 * limit
    assert limit / 50 < found.steepest < limit
    assert found.losses[-1] > 4 * found.losses[0]
    assert len(found.losses) == len(found.learning_rates) < 100


def test_each_step_trains_whatever_mode_an_augmentation_leaves() -> None:
    parts: list[nn.Module] = []

    def evaluating(batch: Batch) -> Batch:
        for part in parts:
            part.eval()
        return batch

    def known(model: nn.Module, config: TrainingConfig) -> SGD:
        parts.append(model)
        return plain(model, config)

    objective = Objective(optimiser=known)
    expected = range_test(classifier(0.3), separable(), CONFIG, objective)
    parts.clear()
    found = range_test(classifier(0.3), separable(), CONFIG, objective, augment=evaluating)
    assert found == expected


def test_rates_rise_by_one_factor_and_the_model_stays_as_it_was() -> None:
    model = classifier()
    before = [p.detach().clone() for p in model.parameters()]
    found = range_test(model, separable(), CONFIG, lowest=1e-5, highest=1e-3)
    ratios = [b / a for a, b in zip(found.learning_rates, found.learning_rates[1:], strict=False)]
    assert ratios == pytest.approx([100 ** (1 / 99)] * 99)
    assert found.learning_rates[0] == 1e-5
    assert found.learning_rates[-1] == pytest.approx(1e-3)
    assert all(torch.equal(a, b) for a, b in zip(before, model.parameters(), strict=True))
    assert found == range_test(model, separable(), CONFIG, lowest=1e-5, highest=1e-3)


def test_smoothing_keeps_a_line_and_lessens_noise() -> None:
    rates = [10 ** (-3 + i / 50) for i in range(100)]
    line = RangeTest(rates, [5 - 0.04 * i for i in range(100)])
    assert line.smoothed[10:90] == pytest.approx(line.losses[10:90])
    generator = torch.Generator().manual_seed(0)
    noisy = RangeTest(rates, torch.randn(100, generator=generator).tolist())
    assert torch.tensor(noisy.smoothed).std() < 0.5 * torch.tensor(noisy.losses).std()


def test_a_cliff_is_found_where_it_is() -> None:
    rates = [10 ** (-3 + i / 50) for i in range(100)]
    falls = [1 / (1 + math.exp(i - 60)) for i in range(95)] + [3.0] * 5
    found = RangeTest(rates, falls)
    assert found.steepest == pytest.approx(rates[60], rel=0.15)
    assert rates[64] < found.least < rates[95]


def test_a_loss_that_never_fell_has_no_steepest_rate() -> None:
    with pytest.raises(ValueError, match="fell at no rate"):
        _ = RangeTest([0.1, 0.2, 0.3, 0.4], [1.0, 2.0, 3.0, 4.0]).steepest


def test_what_makes_no_sense_is_refused() -> None:
    with pytest.raises(ValueError, match="no samples"):
        range_test(classifier(), separable(0), CONFIG)
    with pytest.raises(ValueError, match="0 < lowest < highest"):
        range_test(classifier(), separable(), CONFIG, lowest=1.0, highest=0.1)
    with pytest.raises(ValueError, match="needs 10 steps"):
        range_test(classifier(), separable(), TrainingConfig(steps=9))
    spoiled = Batch({"point": torch.full((20, 4), math.nan)}, {"label": torch.zeros(20).long()})
    with pytest.raises(FloatingPointError, match=r"gradient inf long after 1 steps"):

        def huge(outputs: Tensor, targets: Tensor) -> Loss:
            found = cross_entropy(outputs, targets)
            return Loss(found.total * 1e20, found.count)  # too long to be measured: nothing moves

        range_test(classifier(), separable(), CONFIG, Objective(supervised(huge)))
    with pytest.raises(FloatingPointError, match=r"loss was nan .* after 1 steps"):
        range_test(classifier(), spoiled, CONFIG)


def test_the_model_sees_what_augmentation_makes_of_a_batch() -> None:
    def answered(samples: Batch) -> Batch:
        return Batch({"point": samples.inputs["point"] * 0}, {"label": samples.target * 0})

    changed = range_test(classifier(), separable(), CONFIG, augment=answered, lowest=1e-4)
    samples = separable()
    expected = range_test(classifier(), answered(samples), CONFIG, lowest=1e-4)
    assert changed.losses == expected.losses
    assert changed.losses != range_test(classifier(), samples, CONFIG, lowest=1e-4).losses
