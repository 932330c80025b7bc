"""What every fusion promises: shapes, masks, absent modalities, padding, and what it can say."""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn

from mmbook.fusion import (
    BottleneckFusion,
    ConcatFusion,
    CrossAttentionFusion,
    GatedFusion,
    JointAttentionFusion,
    LateFusion,
    LowRankFusion,
    SumFusion,
    TensorFusion,
)
from mmbook.layers.attention import MultiHeadAttention
from mmbook.tokens import Tokens

NAMES, WIDTH, LENGTHS = ("image", "audio", "text"), 8, (3, 4, 5)
Make = Callable[..., nn.Module]
POOLED: dict[str, Make] = {
    "sum": SumFusion,
    "sum, hidden layer": lambda names, width: SumFusion(names, width, hidden=16),
    "concat": ConcatFusion,
    "gated": GatedFusion,
    "tensor": lambda names, width: TensorFusion(names, width, factors=3),
    "tensor, hidden layer": lambda names, width: TensorFusion(names, width, factors=3, hidden=16),
    "low rank": LowRankFusion,
    "low rank, hidden layer": lambda names, width: LowRankFusion(names, width, hidden=16),
    "late": lambda names, width: LateFusion(names, width, width),
}
ATTENDING: dict[str, Make] = {
    "cross-attention": lambda names, width: CrossAttentionFusion(names, width, heads=2),
    "joint attention": lambda names, width: JointAttentionFusion(names, width, heads=2),
    "bottleneck": lambda names, width: BottleneckFusion(names, width, heads=2),
}
ALL = POOLED | ATTENDING


def some(generator: int = 0, batch: int = 3, absent: str = "", filler: float = 0.0) -> dict:
    """Tokens of each modality but `absent`; the last token of each is padding with a filler."""
    random = torch.Generator().manual_seed(generator)
    found = {}
    for name, length in zip(NAMES, LENGTHS, strict=True):
        values = torch.randn(batch, length, WIDTH, generator=random)
        mask = (torch.arange(length) < length - 1).repeat(batch, 1) & (name != absent)
        found[name] = Tokens(values.masked_fill(~mask.unsqueeze(-1), filler), mask)
    return found


def made(name: str, names: tuple[str, ...] = NAMES, width: int = WIDTH) -> nn.Module:
    torch.manual_seed(0)
    return ALL[name](names, width)


@pytest.mark.parametrize("name", ALL)
def test_shape_and_mask(name: str) -> None:
    fused = made(name)(some())
    length = sum(LENGTHS) if name in ATTENDING else 1
    assert fused.values.shape == (3, length, WIDTH)
    assert fused.present().all()
    if name in ATTENDING:
        assert fused.mask.equal(torch.cat([t.mask for t in some().values()], dim=1))


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("absent", ["", "audio"])
def test_what_is_not_real_changes_nothing_and_reaches_no_gradient(name: str, absent: str) -> None:
    fusion, results = made(name), []
    for filler in (0.0, 7.0, torch.nan):
        fusion.zero_grad()
        fused = fusion(some(absent=absent, filler=filler))
        mean = fused.mean()
        mean.square().sum().backward()
        gradients = [p.grad.clone() for p in fusion.parameters() if p.grad is not None]
        results.append([mean.detach(), *gradients])
    for other in results[1:]:
        for first, second in zip(results[0], other, strict=True):
            assert first.isfinite().all() and first.equal(second)


@pytest.mark.parametrize("name", ALL)
def test_a_sense_may_be_missing_for_one_sample(name: str) -> None:
    """Each row is as if it were alone in its batch."""
    fusion, whole = made(name).eval(), some()
    lacking = {m: t.masked(torch.tensor([True, m != "audio", True])) for m, t in whole.items()}
    mixed, all_there = fusion(lacking).mean(), fusion(whole).mean()
    nothing = fusion({m: t.masked(torch.full((3,), m != "audio")) for m, t in whole.items()}).mean()
    torch.testing.assert_close(mixed[[0, 2]], all_there[[0, 2]])
    torch.testing.assert_close(mixed[1], nothing[1])
    assert not torch.allclose(mixed[1], all_there[1])


@pytest.mark.parametrize("name", [name for name in ALL if name != "late"])
def test_with_no_sense_at_all_nothing_is_real(name: str) -> None:
    nothing = {m: Tokens.absent(2, WIDTH, like=torch.zeros(1)) for m in NAMES}
    fused = made(name)(nothing)
    assert not fused.present().any() and fused.values.isfinite().all()


@pytest.mark.parametrize("name", ALL)
def test_the_order_of_the_mapping_does_not_matter(name: str) -> None:
    fusion, tokens = made(name).eval(), some()
    torch.testing.assert_close(
        fusion(dict(reversed(tokens.items()))).values, fusion(tokens).values, rtol=0, atol=0
    )


@pytest.mark.parametrize("name", ALL)
def test_every_parameter_learns(name: str) -> None:
    fusion = made(name)
    weights = torch.randn(3, WIDTH)  # the mean of a normalised token is 0 whatever it says
    (fusion(some()).mean() * weights).sum().backward()
    for parameter, value in fusion.named_parameters():
        assert value.grad is not None and value.grad.any(), parameter


@torch.no_grad()
def interaction(fusion: nn.Module, length: int) -> float:
    """|f(a, b) + f(a', b') - f(a, b') - f(a', b)|, which is 0 for what is additive."""
    torch.manual_seed(1)
    a, a2, b, b2 = (Tokens.of(torch.randn(1, length, WIDTH)) for _ in range(4))

    def f(image: Tokens, text: Tokens) -> Tensor:
        return fusion({"image": image, "text": text}).mean()

    return float((f(a, b) + f(a2, b2) - f(a, b2) - f(a2, b)).abs().max())


@pytest.mark.parametrize("name", ALL)
def test_which_fusions_let_one_sense_change_what_another_means(name: str) -> None:
    found = interaction(made(name, ("image", "text")).eval(), 2)
    if name in ("sum", "sum, hidden layer", "late"):
        assert found < 1e-5
    else:
        assert found > 1e-3


def test_attention_over_one_key_is_additive() -> None:
    """The softmax over one score is 1: who asks has no say in what is heard."""
    torch.manual_seed(0)
    attend = MultiHeadAttention(WIDTH, 2)
    asked = torch.randn(2, 1, WIDTH)
    one, two = torch.randn(1, 1, WIDTH), torch.randn(1, 2, WIDTH)
    alone = attend(asked, one.expand(2, -1, -1))
    torch.testing.assert_close(alone[0], alone[1])
    several = attend(asked, two.expand(2, -1, -1))
    assert (several[0] - several[1]).abs().max() > 1e-3


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: CrossAttentionFusion(("image",), WIDTH), "nobody to ask"),
        (lambda: BottleneckFusion(NAMES, WIDTH, layers=1), "1 layers and 4 tokens"),
        (lambda: BottleneckFusion(NAMES, WIDTH, bottlenecks=0), "2 layers and 0 tokens"),
        (lambda: CrossAttentionFusion(NAMES, WIDTH, heads=3), "3 heads"),
    ],
)
def test_what_cannot_be_is_refused(make: Callable[[], nn.Module], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make()
