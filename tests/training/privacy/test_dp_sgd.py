"""A private step is the sum of clipped gradients and noise of the right size, and it learns."""

import math

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from mmbook.training.privacy import (
    PrivateConfig,
    epsilon_after,
    fit_privately,
    per_sample_gradients,
    poisson_sample,
    private_gradient,
)


def blobs(n: int = 400) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(0)
    targets = torch.arange(n) % 2
    return torch.randn(n, 2, generator=generator) + 3.0 * targets[:, None], targets


def test_without_clip_and_noise_it_is_the_gradient_of_the_batch() -> None:
    torch.manual_seed(0)
    model, (inputs, targets) = nn.Linear(2, 2), blobs(32)
    config = PrivateConfig(batch_size=32, clip=math.inf, noise=0.0, chunk=5)
    found, _ = private_gradient(model, inputs, targets, config, torch.Generator())
    F.cross_entropy(model(inputs), targets).backward()
    for name, p in model.named_parameters():
        torch.testing.assert_close(found[name], p.grad)


def test_one_sample_moves_the_sum_by_the_clipping_norm_at_most() -> None:
    torch.manual_seed(0)
    model, (inputs, targets) = nn.Linear(2, 2), blobs(20)
    inputs[7] *= 1000  # an outlier
    config = PrivateConfig(batch_size=10, clip=0.3, noise=0.0, chunk=8)
    rest = torch.arange(20) != 7
    both = [
        private_gradient(model, inputs[rows], targets[rows], config, torch.Generator())[0]
        for rows in (rest, torch.ones(20, dtype=torch.bool))
    ]
    moved = sum(((both[0][name] - both[1][name]) ** 2).sum() for name in both[0]).sqrt()
    assert moved.item() == pytest.approx(0.3 / 10, rel=1e-4)


def test_noise_has_the_promised_deviation_also_without_samples() -> None:
    model = nn.Linear(100, 50)
    config = PrivateConfig(batch_size=20, clip=0.5, noise=4.0)
    generator = torch.Generator().manual_seed(3)
    found, lengths = private_gradient(
        model, torch.zeros(0, 100), torch.zeros(0, dtype=torch.long), config, generator
    )
    assert len(lengths) == 0
    assert found["weight"].std().item() == pytest.approx(4.0 * 0.5 / 20, rel=0.03)
    assert abs(found["weight"].mean().item()) < 0.01


def test_each_sample_is_drawn_on_its_own() -> None:
    generator = torch.Generator().manual_seed(0)
    drawn = [poisson_sample(1000, 0.05, generator) for _ in range(300)]
    sizes = torch.tensor([float(len(rows)) for rows in drawn])
    assert sizes.mean().item() == pytest.approx(50, abs=1.5)
    assert sizes.var().item() == pytest.approx(1000 * 0.05 * 0.95, rel=0.25)
    times = torch.bincount(torch.cat(drawn), minlength=1000).float()
    assert times.mean().item() == pytest.approx(15, abs=0.5) and times.max() < 40
    assert len(poisson_sample(10, 0.0, generator)) == 0
    assert poisson_sample(10, 1.0, generator).tolist() == list(range(10))
    for rate in (-0.1, 1.1, math.nan):
        with pytest.raises(ValueError, match="sampling rate"):
            poisson_sample(10, rate, generator)


def test_it_learns_and_knows_its_epsilon_and_repeats_itself() -> None:
    inputs, targets = blobs()
    config = PrivateConfig(60, 40, 0.5, clip=1.0, noise=1.0, delta=1e-3, cooldown=0.5, chunk=16)
    weights = []
    for _ in range(2):
        torch.manual_seed(0)
        model = nn.Linear(2, 2)
        history = fit_privately(model, inputs, targets, config)
        weights.append(model.weight.detach().clone())
    assert torch.equal(*weights)
    assert (model(inputs).argmax(1) == targets).float().mean() > 0.9
    assert history.epsilon == epsilon_after(60, 0.1, 1.0, 1e-3)
    assert len(history.lengths) == len(history.clipped) == len(history.drawn) == 60
    assert config.epsilon(400, steps=10) < history.epsilon
    assert not model.training


def test_a_step_that_drew_nobody_goes_on() -> None:
    inputs, targets = blobs(4)
    history = fit_privately(
        nn.Linear(2, 2), inputs, targets, PrivateConfig(40, 1, 0.1, noise=1.0, delta=0.1)
    )
    assert 0 in history.drawn and any(math.isnan(length) for length in history.lengths)


def test_frozen_weights_stay() -> None:
    model, (inputs, targets) = nn.Sequential(nn.Linear(2, 3), nn.Linear(3, 2)), blobs()
    model[0].requires_grad_(False)
    before = model[0].weight.clone()
    fit_privately(model, {"x": inputs}["x"], targets, PrivateConfig(3, 10))
    assert torch.equal(before, model[0].weight)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"steps": 0}, "steps"),
        ({"batch_size": 1.5}, "batch_size"),
        ({"chunk": 0}, "chunk"),
        ({"seed": -1}, "seed"),
        ({"learning_rate": 0.0}, "learning_rate"),
        ({"learning_rate": math.nan}, "learning_rate"),
        ({"momentum": 1.0}, "momentum"),
        ({"clip": 0.0}, "clip"),
        ({"clip": math.nan}, "clip"),
        ({"noise": -1.0}, "noise"),
        ({"noise": math.nan}, "noise"),
        ({"noise": 1.0, "clip": math.inf}, "finite clip"),
        ({"delta": 0.0}, "delta"),
        ({"delta": 1.0}, "delta"),
        ({"cooldown": 1.5}, "cooldown"),
    ],
)
def test_settings_out_of_range_are_refused_by_name(settings: dict, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        PrivateConfig(**settings)


def test_a_batch_larger_than_the_set_and_a_wild_rate_are_refused() -> None:
    inputs, targets = blobs(20)
    with pytest.raises(ValueError, match="sampling rate above 1"):
        fit_privately(nn.Linear(2, 2), inputs, targets, PrivateConfig(batch_size=21))
    wild = PrivateConfig(3, 10, 1e38, clip=1e30, noise=1.0)
    with pytest.raises(FloatingPointError):
        fit_privately(nn.Linear(2, 2), inputs, targets, wild)


def test_fewer_inputs_or_targets_are_refused_and_not_cut_off() -> None:
    inputs, targets = torch.randn(6, 4), torch.zeros(3, dtype=torch.long)
    config = PrivateConfig(steps=2, batch_size=2)
    with pytest.raises(ValueError, match="as many inputs as targets"):
        fit_privately(nn.Linear(4, 3), inputs, targets, config)


def test_another_precision_and_whole_numbers_are_refused_by_name() -> None:
    targets = torch.zeros(3, dtype=torch.long)
    for inputs in (torch.randn(3, 4).double(), torch.ones(3, 4, dtype=torch.long)):
        with pytest.raises(ValueError, match=r"but the model is .*float32: convert"):
            per_sample_gradients(nn.Linear(4, 3), inputs, targets)
