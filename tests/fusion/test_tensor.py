"""Fusion by products, against the products written out."""

import torch
from torch import nn

from mmbook.fusion import LowRankFusion, TensorFusion
from mmbook.tokens import Tokens

NAMES, WIDTH, RANK = ("image", "audio", "text"), 4, 3


def vectors() -> tuple[dict[str, Tokens], list[torch.Tensor]]:
    torch.manual_seed(0)
    tokens = {name: Tokens.of(torch.randn(5, 2, WIDTH)) for name in NAMES}
    return tokens, [nn.functional.pad(t.mean(), (0, 1), value=1.0) for t in tokens.values()]


def test_the_tensor_holds_every_product() -> None:
    tokens, _ = vectors()
    fusion = TensorFusion(NAMES, WIDTH, factors=2)
    small = [
        torch.cat([fusion.parts[m](t.mean()), torch.ones(5, 1)], dim=1) for m, t in tokens.items()
    ]
    products = torch.einsum("bi,bj,bk->bijk", *small).flatten(1)
    torch.testing.assert_close(fusion(tokens).values[:, 0], fusion.output(products))


def test_the_tensor_of_two_is_a_bilinear_form() -> None:
    tokens, _ = vectors()
    fusion = TensorFusion(NAMES[:2], WIDTH, factors=2)
    one, two = (
        torch.cat([fusion.parts[m](tokens[m].mean()), torch.ones(5, 1)], dim=1) for m in NAMES[:2]
    )
    bilinear = nn.Bilinear(3, 3, WIDTH)
    bilinear.weight.data = fusion.output.weight.data.unflatten(1, (3, 3))
    bilinear.bias.data = fusion.output.bias.data
    torch.testing.assert_close(fusion(tokens).values[:, 0], bilinear(one, two))


def test_low_rank_is_the_full_tensor_of_that_rank() -> None:
    """The factors multiplied out to the weight of every product of every feature."""
    tokens, extended = vectors()
    fusion = LowRankFusion(NAMES, WIDTH, RANK)
    factors = [fusion.factors[m].unflatten(1, (RANK, WIDTH)) for m in NAMES]  # (width+1, r, width)
    weight = torch.einsum("irw,jrw,krw->ijkw", *factors) / RANK**0.5
    expected = torch.einsum("bi,bj,bk,ijkw->bw", *extended, weight) + fusion.bias
    torch.testing.assert_close(fusion(tokens).values[:, 0], expected)


def test_one_rank_solves_parity_by_hand() -> None:
    """Bits as -1 and 1: the product is the parity, and rank one is enough for a product."""
    fusion = LowRankFusion(("a", "b"), 1, rank=1)
    with torch.no_grad():
        for factor in fusion.factors.values():
            factor.copy_(torch.tensor([[1.0], [0.0]]))
    bits = torch.tensor([[-1.0, -1.0], [-1.0, 1.0], [1.0, -1.0], [1.0, 1.0]])
    tokens = {m: Tokens.of(bits[:, i].view(4, 1, 1)) for i, m in enumerate("ab")}
    assert fusion(tokens).values.flatten().tolist() == [1, -1, -1, 1]
