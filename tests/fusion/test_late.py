"""Late fusion: the product rule, against Bayes' theorem on tables and by its own identities."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from mmbook.fusion import LateFusion
from mmbook.tokens import Tokens

CLASSES, SYMBOLS = 3, 4


def symbol(index: int, present: bool = True) -> Tokens:
    """A modality that shows one of a few symbols, as a one-hot token."""
    one_hot = torch.eye(SYMBOLS).double()[index].view(1, 1, -1)
    return Tokens(one_hot, torch.tensor([[present]]))


def table(generator: torch.Generator, *shape: int) -> Tensor:
    """Random probabilities that sum to one along the last dimension."""
    return torch.rand(shape, generator=generator, dtype=torch.float64).add(0.1).softmax(-1)


@settings(max_examples=40, deadline=None)
@given(
    shown=st.lists(st.integers(0, SYMBOLS - 1), min_size=1, max_size=3),
    hidden=st.lists(st.booleans(), min_size=3, max_size=3),
    seed=st.integers(0, 99),
)
def test_posterior_is_that_of_bayes(shown: list[int], hidden: list[bool], seed: int) -> None:
    """Heads that know p(y | x_m) make late fusion p(y | every x_m present), whatever the prior."""
    generator = torch.Generator().manual_seed(seed)
    names = [f"sense {m}" for m in range(len(shown))]
    prior = table(generator, CLASSES)
    likelihood = table(generator, len(shown), CLASSES, SYMBOLS)  # p(x_m | y)
    fusion = LateFusion(names, SYMBOLS, CLASSES, prior).double()
    posterior = prior.clone()
    for m, name in enumerate(names):
        joint = prior[:, None] * likelihood[m]  # (classes, symbols)
        head = fusion.heads[name]
        assert isinstance(head, torch.nn.Linear)
        head.weight.data = (joint / joint.sum(0)).log()
        head.bias.data.zero_()
        if not hidden[m]:
            posterior *= likelihood[m, :, shown[m]]
    fused = fusion({n: symbol(shown[m], not hidden[m]) for m, n in enumerate(names)})
    assert fused.values.shape == (1, 1, CLASSES)
    torch.testing.assert_close(
        fused.values[0, 0].softmax(-1), posterior / posterior.sum(), rtol=1e-9, atol=1e-12
    )


def test_without_any_modality_the_prior_is_left() -> None:
    prior = torch.tensor([0.5, 0.3, 0.2])
    fusion = LateFusion(["a", "b"], 4, CLASSES, prior)
    absent = Tokens.absent(2, 4, like=prior)
    posterior = fusion({"a": absent, "b": absent}).values[:, 0].softmax(-1)
    torch.testing.assert_close(posterior, prior.expand(2, -1))


def test_absence_is_told_sample_by_sample() -> None:
    fusion = LateFusion(["a", "b"], 4, CLASSES, torch.tensor([0.5, 0.3, 0.2]))
    a, b = torch.randn(2, 2, 1, 4)
    mixed = fusion({"a": Tokens.of(a), "b": Tokens(b, torch.tensor([[True], [False]]))}).values
    both = fusion({"a": Tokens.of(a), "b": Tokens.of(b)}).values
    one = fusion({"a": Tokens.of(a), "b": Tokens.absent(2, 4, like=b)}).values
    torch.testing.assert_close(mixed, torch.stack([both[0], one[1]]))
    torch.testing.assert_close(one[:, 0].softmax(-1), fusion.heads["a"](a[:, 0]).softmax(-1))


def test_scores_are_additive() -> None:
    """f(a, b) + f(a', b') = f(a, b') + f(a', b): late fusion cannot express an interaction."""
    fusion = LateFusion(["a", "b"], 5, CLASSES).double()
    (a, a2), (b, b2) = torch.randn(2, 2, 3, 1, 5).double()

    def f(a: Tensor, b: Tensor) -> Tensor:
        return fusion({"a": Tokens.of(a), "b": Tokens.of(b)}).values

    torch.testing.assert_close(f(a, b) + f(a2, b2), f(a, b2) + f(a2, b), rtol=0, atol=1e-12)


def test_the_order_of_the_mapping_does_not_matter() -> None:
    fusion = LateFusion(["a", "b"], 4, CLASSES)
    some = {"a": Tokens.of(torch.randn(2, 3, 4)), "b": Tokens.of(torch.randn(2, 1, 4))}
    assert fusion(some).values.equal(fusion(dict(reversed(some.items()))).values)


def test_the_prior_is_kept_with_the_weights_but_not_trained() -> None:
    fusion = LateFusion(["a"], 4, CLASSES, torch.tensor([0.5, 0.3, 0.2]))
    assert "log_prior" in fusion.state_dict()
    assert "log_prior" not in dict(fusion.named_parameters())


def test_gradients_reach_every_parameter() -> None:
    fusion = LateFusion(["a", "b"], 4, CLASSES)
    some = {"a": Tokens.of(torch.randn(2, 3, 4)), "b": Tokens.of(torch.randn(2, 1, 4))}
    fusion(some).values[..., 0].sum().backward()
    assert all(p.grad is not None and p.grad.any() for p in fusion.parameters())


@pytest.mark.parametrize(
    "prior", [[1.0], [0.5, 0.5, 0.0], [3.0, 2.0, 1.0], [0.5, float("nan"), 0.5]]
)
def test_what_is_no_prior_is_refused(prior: list[float]) -> None:
    with pytest.raises(ValueError, match="prior must be 3 positive probabilities, not"):
        LateFusion(["a"], 4, CLASSES, torch.tensor(prior))
