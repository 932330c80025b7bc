"""Modality dropout: hides at its rate, never everything, and only in training."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from mmbook.fusion import ConcatFusion, ModalityDropout
from mmbook.tokens import Tokens


def tokens(present: torch.Tensor) -> dict[str, Tokens]:
    """Modalities 0, 1, ... of a (batch, modalities) table of presence, two tokens each."""
    return {
        str(m): Tokens(
            torch.randn(len(present), 2, 3), column[:, None] & torch.tensor([True, m > 0])
        )
        for m, column in enumerate(present.T)
    }


def presence(found: dict[str, Tokens]) -> torch.Tensor:
    return torch.stack([t.present() for t in found.values()], dim=1)


@settings(max_examples=40, deadline=None)
@given(
    batch=st.integers(1, 30),
    modalities=st.integers(1, 4),
    probability=st.floats(0, 0.99),
    seed=st.integers(0, 99),
)
def test_hides_never_all_and_never_brings_back(
    batch: int, modalities: int, probability: float, seed: int
) -> None:
    torch.manual_seed(seed)
    before = torch.rand(batch, modalities) < 0.6
    given_tokens = tokens(before)
    found = ModalityDropout(probability)(given_tokens)
    after = presence(found)
    assert not (after & ~before).any()
    assert after.any(dim=1).equal(before.any(dim=1))
    for m, (name, t) in enumerate(found.items()):
        assert t.values.equal(given_tokens[name].values)
        assert t.mask.equal(given_tokens[name].mask & after[:, m : m + 1])


@pytest.mark.parametrize(("modalities", "probability"), [(2, 0.3), (3, 0.5), (3, 0.9)])
def test_rate(modalities: int, probability: float) -> None:
    """Each of k modalities is hidden with p − pᵏ/k: p, less when it is the one that is spared."""
    torch.manual_seed(0)
    n = 20_000
    after = presence(ModalityDropout(probability)(tokens(torch.ones(n, modalities).bool())))
    expected = probability - probability**modalities / modalities
    bound = 4 * (expected * (1 - expected) / n) ** 0.5  # four standard deviations
    assert (~after).double().mean(dim=0).tolist() == pytest.approx(
        [expected] * modalities, abs=bound
    )


def test_samples_are_hidden_independently() -> None:
    torch.manual_seed(0)
    after = presence(ModalityDropout(0.5)(tokens(torch.ones(100, 2).bool())))
    assert len(after.unique(dim=0)) == 3  # both, either one


@pytest.mark.parametrize(("probability", "training"), [(0.9, False), (0.0, True)])
def test_changes_nothing_in_evaluation_or_at_zero(probability: float, training: bool) -> None:
    given_tokens = tokens(torch.rand(50, 2) < 0.5)
    found = ModalityDropout(probability).train(training)(given_tokens)
    assert list(found) == list(given_tokens)
    assert all(found[name] is given_tokens[name] for name in found)


def test_goes_before_a_fusion() -> None:
    torch.manual_seed(0)
    fusion = ConcatFusion(["0", "1"], 3)
    both = torch.nn.Sequential(ModalityDropout(0.5), fusion)
    some = tokens(torch.ones(20, 2).bool())
    assert not both(some).values.equal(fusion(some).values)
    assert both.eval()(some).values.equal(fusion(some).values)


def test_its_text_tells_the_probability() -> None:
    """The text of a model is part of what tells its trained weights from another's."""
    assert repr(ModalityDropout(0.3)) == "ModalityDropout(probability=0.3)"


@pytest.mark.parametrize("probability", [-0.1, 1.0, float("nan")])
def test_other_probabilities_are_refused(probability: float) -> None:
    with pytest.raises(ValueError, match=r"\[0, 1\), not"):
        ModalityDropout(probability)
