"""Fusion through a bottleneck: what crosses over, and by which way."""

import torch

from mmbook.fusion import BottleneckFusion
from mmbook.tokens import Tokens

NAMES = ("image", "text")


def test_news_crosses_by_the_shared_tokens_only() -> None:
    """With the shared tokens' path cut, one modality knows nothing of the other."""
    torch.manual_seed(0)
    fusion = BottleneckFusion(NAMES, 8, heads=2).eval()
    image, text, other = (Tokens.of(torch.randn(1, 3, 8)) for _ in range(3))

    def of_image(text: Tokens) -> torch.Tensor:
        return fusion({"image": image, "text": text}).values[:, :3]

    assert (of_image(text) - of_image(other)).abs().max() > 1e-4

    class Deaf(torch.nn.Module):
        """The last layer's block, to which the shared tokens are hidden."""

        def __init__(self, block: torch.nn.Module) -> None:
            super().__init__()
            self.block = block

        def forward(self, x: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
            return self.block(x, mask & (torch.arange(x.shape[1]) < x.shape[1] - 4))

    for layer in fusion.layers:
        for m in NAMES:
            layer[m] = Deaf(layer[m])
    torch.testing.assert_close(of_image(text), of_image(other), rtol=0, atol=0)


def test_what_the_absent_write_does_not_count() -> None:
    torch.manual_seed(0)
    fusion = BottleneckFusion((*NAMES, "audio"), 8, heads=2).eval()
    there = {m: Tokens.of(torch.randn(1, 3, 8)) for m in NAMES}
    nothing = Tokens.absent(1, 8, like=torch.zeros(1))
    without = BottleneckFusion(NAMES, 8, heads=2).eval()
    without.load_state_dict(
        {k: v for k, v in fusion.state_dict().items() if ".audio." not in k}, strict=True
    )
    found = fusion({**there, "audio": nothing}).values[:, :6]
    torch.testing.assert_close(found, without(there).values)
