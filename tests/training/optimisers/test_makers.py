from functools import partial

import pytest
import torch
from torch import nn

from mmbook.training import AdamW, Objective, TrainingConfig, adamw, fit, sgd
from mmbook.training.optimisers.makers import decay_groups
from tests.training.runs import CONFIG, classifier, separable


@pytest.mark.parametrize("make", [adamw, sgd])
def test_only_matrices_decay_and_frozen_parameters_are_left_out(make) -> None:
    model = nn.Sequential(
        nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.Embedding(5, 4), nn.Linear(4, 3)
    )
    model[3].requires_grad_(False)
    decayed, plain = make(model, TrainingConfig(weight_decay=0.3)).param_groups
    assert decayed["weight_decay"] == 0.3 and plain["weight_decay"] == 0.0
    assert [p.ndim for p in decayed["params"]] == [4, 2]
    assert [p.ndim for p in plain["params"]] == [1, 1, 1]


def test_fit_takes_our_adamw_to_the_weights_of_the_fused_one() -> None:
    def ours(model: nn.Module, config: TrainingConfig) -> AdamW:
        return AdamW(decay_groups(model, config.weight_decay), lr=config.learning_rate)

    ended = []
    for make in (adamw, ours):
        model = classifier()
        fit(model, separable(), CONFIG, Objective(optimiser=make), progress=False)
        ended.append(nn.utils.parameters_to_vector(model.parameters()))
    torch.testing.assert_close(*ended, atol=1e-5, rtol=0)


def test_momentum_can_be_chosen() -> None:
    settings = partial(sgd, momentum=0.5, nesterov=False)(classifier(), CONFIG).param_groups[0]
    assert (settings["momentum"], settings["nesterov"], settings["lr"]) == (0.5, False, 1e-2)


def test_nothing_to_train_is_refused() -> None:
    with pytest.raises(ValueError, match="no parameter"):
        sgd(classifier().requires_grad_(False), CONFIG)
