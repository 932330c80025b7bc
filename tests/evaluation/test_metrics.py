"""Metrics against hand values and scikit-learn."""

import math
from collections.abc import Callable

import pytest
import sklearn.metrics
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from mmbook.batch import Batch
from mmbook.evaluation import (
    accuracy,
    confusion_matrix,
    expected_calibration_error,
    fit_temperature,
    predict,
)

LABELS = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=40)


class Double(nn.Module):
    """Doubles its input; adds noise in training."""

    def forward(self, inputs: dict[str, Tensor]) -> Tensor:
        return 2 * inputs["x"] + (torch.randn(()) if self.training else 0)


@settings(max_examples=20, deadline=None)
@given(size=st.integers(1, 20), batch=st.integers(1, 25))
def test_predict_is_the_model_in_evaluation_mode(size: int, batch: int) -> None:
    x = torch.randn(size, 3)
    outputs = predict(Double(), Batch({"x": x}), batch)
    torch.testing.assert_close(outputs, 2 * x)


@pytest.mark.parametrize("training", [True, False])
def test_predict_leaves_the_model_as_it_was(training: bool) -> None:
    model = nn.Sequential(Double(), nn.Linear(3, 2)).train(training)
    outputs = predict(model, Batch({"x": torch.randn(4, 3)}))
    assert not outputs.requires_grad
    assert all(m.training == training for m in model.modules())


def test_predict_leaves_the_model_as_it_was_also_where_it_fails() -> None:
    model = Double().train()
    with pytest.raises(KeyError):
        predict(model, Batch({"y": torch.zeros(2, 3)}))
    assert model.training
    with pytest.raises(ValueError, match="size of 1 or more"):
        predict(model, Batch({"x": torch.zeros(2, 3)}), batch_size=0)


def test_predict_leaves_a_frozen_part_frozen() -> None:
    model = nn.Sequential(Double(), nn.Linear(3, 2)).train()
    model[1].eval()
    predict(model, Batch({"x": torch.zeros(2, 3)}))
    assert [part.training for part in (model, *model)] == [True, True, False]


def test_predict_tells_the_model_what_is_missing() -> None:
    class Present(nn.Module):
        def forward(self, inputs: dict[str, Tensor], present: dict[str, Tensor]) -> Tensor:
            return inputs["x"].nan_to_num() * present["x"][:, None]

    x, here = torch.ones(5, 2), torch.tensor([True, False, True, True, False])
    x[1] = torch.nan
    outputs = predict(Present(), Batch({"x": x}, {}, {"x": here}), 2)
    assert outputs[:, 0].tolist() == here.float().tolist()


def test_predict_needs_samples() -> None:
    with pytest.raises(ValueError, match="no samples"):
        predict(Double(), Batch({"x": torch.zeros(0, 3)}))


def test_accuracy_by_hand() -> None:
    scores = torch.tensor([[2.0, 1.0, 0.0], [0.0, 0.1, 0.0], [-1.0, -2.0, -3.0], [0.0, 1.0, 2.0]])
    assert accuracy(scores, torch.tensor([0, 2, 1, 2])) == 0.5


@settings(max_examples=30, deadline=None)
@given(pairs=LABELS)
def test_confusion_matrix_is_that_of_scikit_learn(pairs: list[tuple[int, int]]) -> None:
    predicted, targets = torch.tensor(pairs).T
    expected = sklearn.metrics.confusion_matrix(targets, predicted, labels=range(5))
    assert confusion_matrix(predicted, targets, 5).tolist() == expected.tolist()


@pytest.mark.parametrize(("predicted", "targets"), [([3], [0]), ([0], [-1]), ([1, 2], [1])])
def test_labels_out_of_range_are_not_counted_elsewhere(
    predicted: list[int], targets: list[int]
) -> None:
    with pytest.raises(ValueError, match=r"in \[0, 3\)"):
        confusion_matrix(torch.tensor(predicted), torch.tensor(targets), 3)


def test_calibration_error_is_zero_where_confidence_is_accuracy() -> None:
    scores = torch.tensor([[0.8, 0.2]]).log().expand(10, 2)
    targets = torch.tensor([0] * 8 + [1] * 2)
    assert expected_calibration_error(scores, targets) == pytest.approx(0, abs=1e-6)


def test_calibration_error_of_an_overconfident_predictor() -> None:
    """Sure to 99 % and right in half of the cases, beside sure to 60 % and always right."""
    scores = torch.tensor([[0.99, 0.01]] * 6 + [[0.4, 0.6]] * 2).log()
    targets = torch.tensor([0, 0, 0, 1, 1, 1, 1, 1])
    assert expected_calibration_error(scores, targets) == pytest.approx(
        6 / 8 * 0.49 + 2 / 8 * 0.4, abs=1e-6
    )


def test_errors_cancel_in_a_bin_but_not_across_bins() -> None:
    scores = torch.tensor([[0.9, 0.1]] * 2 + [[0.6, 0.4]] * 2).log()
    targets = torch.tensor([0, 1, 0, 0])  # half right at 0.9, always right at 0.6
    assert expected_calibration_error(scores, targets, bins=1) == pytest.approx(0, abs=1e-6)
    assert expected_calibration_error(scores, targets, bins=10) == pytest.approx(0.4, abs=1e-6)


def test_full_confidence_falls_into_the_last_bin() -> None:
    scores = torch.tensor([[1e4, 0.0], [0.0, 1e4]])
    assert expected_calibration_error(scores, torch.tensor([0, 0])) == 0.5


@pytest.mark.parametrize("metric", [accuracy, expected_calibration_error])
@pytest.mark.parametrize(
    ("scores", "targets", "message"),
    [
        (torch.tensor([[math.nan, 0.0]]), torch.tensor([0]), "NaN"),
        (torch.tensor([[math.inf, 0.0]]), torch.tensor([0]), "infinity"),
        (torch.zeros(3), torch.tensor([0, 0, 0]), r"\(n, classes\).*\(3,\)"),
        (torch.zeros(3, 2), torch.tensor([0, 0]), r"\(3, 2\) and \(2,\)"),
        (torch.zeros(3, 2), torch.tensor([[0], [0], [0]]), r"\(3, 1\)"),
        (torch.zeros(0, 2), torch.tensor([]), "n > 0"),
    ],
)
def test_what_cannot_be_measured_is_refused(
    metric: Callable[[Tensor, Tensor], float], scores: Tensor, targets: Tensor, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        metric(scores, targets)


LABEL_TYPES = (
    *(torch.bool, torch.uint8, torch.int8, torch.int16, torch.int32, torch.int64),
    *(torch.uint16, torch.uint32, torch.float16, torch.bfloat16, torch.float32, torch.float64),
)
NO_LABELS = {
    "fractions": [0.5, 1.0],
    "NaN": [math.nan, 1.0],
    "infinity": [math.inf, 1.0],
    "too high": [1, 300],
    "below zero": [-1, 1],
    "complex": [1j, 1],
    "two dimensions": [[0], [1]],
}


@pytest.mark.parametrize("dtype", LABEL_TYPES, ids=str)
@pytest.mark.parametrize("classes", [2, 20, 120, 300])
def test_labels_of_every_type_give_the_same(dtype: torch.dtype, classes: int) -> None:
    high = min(classes, 2 if dtype == torch.bool else 120)
    targets = torch.arange(high).repeat(3)
    predicted = (targets * 7 + 3) % high
    scores = torch.nn.functional.one_hot(predicted, classes).double()
    ours = [labels.to(dtype) for labels in (predicted, targets)]
    expected = sklearn.metrics.confusion_matrix(targets, predicted, labels=range(classes))
    assert confusion_matrix(*ours, classes).tolist() == expected.tolist()
    assert accuracy(scores, ours[1]) == (predicted == targets).double().mean().item()
    assert expected_calibration_error(scores, ours[1]) == expected_calibration_error(
        scores, targets
    )
    assert fit_temperature(scores, ours[1]) == fit_temperature(scores, targets)


@pytest.mark.parametrize("dtype", LABEL_TYPES, ids=str)
def test_scores_of_every_type_are_read(dtype: torch.dtype) -> None:
    scores = torch.tensor([[0, 1], [1, 0], [1, 0]]).to(dtype)
    assert accuracy(scores, torch.tensor([1, 0, 1])) == pytest.approx(2 / 3)
    assert 0 < expected_calibration_error(scores, torch.tensor([1, 0, 1])) < 1


@pytest.mark.parametrize("name", NO_LABELS)
def test_what_is_no_label_is_refused(name: str) -> None:
    wrong, scores = torch.tensor(NO_LABELS[name]), torch.zeros(2, 20)
    for metric in (accuracy, expected_calibration_error, fit_temperature):
        with pytest.raises(ValueError, match="targets"):
            metric(scores, wrong)
    for pair in ((wrong, torch.tensor([0, 1])), (torch.tensor([0, 1]), wrong)):
        with pytest.raises(ValueError, match="must be classes"):
            confusion_matrix(*pair, 20)


def test_calibration_needs_a_bin() -> None:
    with pytest.raises(ValueError, match="one bin or more, not 0"):
        expected_calibration_error(torch.zeros(1, 2), torch.tensor([0]), bins=0)
