"""The temperature that undoes a known exaggeration."""

import pytest
import torch

from mmbook.evaluation import expected_calibration_error, fit_temperature


@pytest.mark.parametrize("exaggeration", [0.5, 1.0, 4.0])
def test_finds_what_the_scores_were_multiplied_by(exaggeration: float) -> None:
    generator = torch.Generator().manual_seed(0)
    honest = 2 * torch.randn(20_000, 10, generator=generator)
    targets = honest.softmax(1).multinomial(1, generator=generator).squeeze(1)
    scores = exaggeration * honest
    temperature = fit_temperature(scores, targets)
    assert temperature == pytest.approx(exaggeration, rel=0.06)
    assert expected_calibration_error(scores / temperature, targets) < 0.02


def test_bad_scores_are_refused() -> None:
    with pytest.raises(ValueError, match="finite"):
        fit_temperature(torch.tensor([[float("nan"), 0.0]]), torch.tensor([0]))
    with pytest.raises(ValueError, match="n > 0"):
        fit_temperature(torch.zeros(0, 2), torch.zeros(0, dtype=torch.long))
