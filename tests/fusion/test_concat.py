"""Early fusion: concatenated means through one network."""

import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from mmbook.fusion import ConcatFusion
from mmbook.tokens import Tokens

NAMES = ("image", "audio", "text")


def tokens(batch: int = 2, width: int = 4, absent: str = "") -> dict[str, Tokens]:
    """Tokens of every modality but `absent`, each of another length, the last one padding."""
    found = {}
    for length, name in enumerate(NAMES, start=2):
        mask = (torch.arange(length) < length - 1).repeat(batch, 1)
        found[name] = Tokens(torch.randn(batch, length, width), mask)
    if absent:
        found[absent] = Tokens.absent(batch, width, like=torch.zeros(1))
    return found


@settings(max_examples=20, deadline=None)
@given(
    batch=st.integers(1, 4),
    width=st.integers(1, 5),
    names=st.permutations(NAMES),
    count=st.integers(1, 3),
    absent=st.sampled_from(["", *NAMES]),
)
def test_means_go_through_the_network_in_the_named_order(
    batch: int, width: int, names: list[str], count: int, absent: str
) -> None:
    fusion, given_tokens = (
        ConcatFusion(names[:count], width, hidden=7),
        tokens(batch, width, absent),
    )
    fused = fusion(given_tokens)
    means = [
        torch.zeros(batch, width) if name == absent else given_tokens[name].values[:, :-1].mean(1)
        for name in names[:count]
    ]
    first, _, last = fusion.mix
    expected = last(first(torch.cat(means, dim=1)).clamp(min=0))
    torch.testing.assert_close(fused.values, expected.unsqueeze(1))
    assert fused.values.shape == (batch, 1, width)
    assert fused.present().tolist() == [names[:count] != [absent]] * batch


def test_the_order_of_the_mapping_does_not_matter() -> None:
    fusion, some = ConcatFusion(NAMES, 4), tokens()
    other = fusion(dict(reversed(some.items())))
    assert fusion(some).values.equal(other.values)


def test_presence_is_told_sample_by_sample() -> None:
    image = Tokens(torch.ones(3, 1, 4), torch.tensor([[True], [False], [False]]))
    text = Tokens(torch.ones(3, 1, 4), torch.tensor([[False], [True], [False]]))
    fused = ConcatFusion(["image", "text"], 4)({"image": image, "text": text})
    assert fused.present().tolist() == [True, True, False]


def test_a_modality_can_change_what_another_means() -> None:
    """f(a, b) + f(a', b') differs from f(a, b') + f(a', b), as it cannot in late fusion."""
    torch.manual_seed(0)
    fusion = ConcatFusion(["a", "b"], 4)
    (a, a2), (b, b2) = torch.randn(2, 2, 1, 1, 4)

    def f(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
        return fusion({"a": Tokens.of(a), "b": Tokens.of(b)}).values

    assert (f(a, b) + f(a2, b2) - f(a, b2) - f(a2, b)).abs().max() > 0.01


def test_gradients_reach_every_parameter() -> None:
    torch.manual_seed(0)
    fusion = ConcatFusion(NAMES, 4)
    fusion(tokens(8)).values.square().sum().backward()
    assert all(p.grad is not None and p.grad.any() for p in fusion.parameters())
