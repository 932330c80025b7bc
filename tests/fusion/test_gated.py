"""The gates of gated fusion: weights that sum to one over the modalities that are there."""

import torch

from mmbook.fusion import GatedFusion
from mmbook.tokens import Tokens

NAMES = ("image", "audio", "text")


def test_gates_are_a_weighted_mean_of_what_is_present() -> None:
    torch.manual_seed(0)
    fusion = GatedFusion(NAMES, 4)
    here = torch.tensor(
        [[True, True, True], [True, False, True], [False] * 3, [False, True, False]]
    )
    tokens = {m: Tokens.of(torch.randn(4, 2, 4)).masked(here[:, i]) for i, m in enumerate(NAMES)}
    gates = fusion.gates(tokens)
    assert gates.shape == (4, 3, 4)
    assert gates[~here].eq(0).all()
    torch.testing.assert_close(gates.sum(dim=1), here.any(1).float()[:, None].expand(4, 4))
    assert gates[3, 1].eq(1).all()
    said = torch.stack([part(tokens[m].mean()).tanh() for m, part in fusion.parts.items()], dim=1)
    torch.testing.assert_close(fusion(tokens).values[:, 0], (gates * said).sum(dim=1))


def test_one_sense_sets_the_weight_of_another() -> None:
    torch.manual_seed(0)
    fusion = GatedFusion(NAMES[:2], 4)
    image = Tokens.of(torch.randn(1, 1, 4))
    gates = [
        fusion.gates({"image": image, "audio": Tokens.of(torch.randn(1, 1, 4))})[0, 0]
        for _ in range(2)
    ]
    assert (gates[0] - gates[1]).abs().max() > 0.01
