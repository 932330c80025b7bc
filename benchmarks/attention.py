"""The speed of attention and of a transformer block."""

from collections.abc import Callable

import torch
from torch import Tensor, nn

from benchmarks.compare import compare
from mmbook.layers import MultiHeadAttention, TransformerBlock

WIDTH, HEADS = 256, 8
BATCHES = {64: 32, 512: 4, 2048: 1}  # length: sequences; 2048 tokens each time


def training_step(module: nn.Module, apply: Callable[[Tensor], Tensor], x: Tensor) -> None:
    """Forward and backward, with the gradients of weights and input made anew."""
    module.zero_grad()
    apply(x.detach().requires_grad_()).square().mean().backward()


def inference(apply: Callable[[Tensor], Tensor], x: Tensor) -> None:
    with torch.inference_mode():
        apply(x)


def multi_head_attention() -> None:
    """Self-attention against nn.MultiheadAttention, asked for no weights, as fast as it can be."""
    ours = MultiHeadAttention(WIDTH, HEADS)
    reference = nn.MultiheadAttention(WIDTH, HEADS, batch_first=True)

    def theirs(x: Tensor) -> Tensor:
        return reference(x, x, x, need_weights=False)[0]

    _compare("attention", "nn.MultiheadAttention", (ours, ours), (reference, theirs))


def transformer_block() -> None:
    """A pre-norm block against nn.TransformerEncoderLayer of the same parts."""
    ours = TransformerBlock(WIDTH, HEADS)
    reference = nn.TransformerEncoderLayer(
        WIDTH, HEADS, 4 * WIDTH, 0.0, "gelu", batch_first=True, norm_first=True
    )
    _compare("block", "nn.TransformerEncoderLayer", (ours, ours), (reference, reference))


def _compare(
    what: str,
    name: str,
    ours: tuple[nn.Module, Callable[[Tensor], Tensor]],
    theirs: tuple[nn.Module, Callable[[Tensor], Tensor]],
) -> None:
    for length, batch in BATCHES.items():
        x = torch.randn(batch, length, WIDTH)
        compare(
            f"{what}, length {length}, training / {name}",
            lambda x=x: training_step(*ours, x),
            lambda x=x: training_step(*theirs, x),
        )
    for module in (ours[0], theirs[0]):
        module.eval()  # lets torch take its fastest way
    for length, batch in BATCHES.items():
        x = torch.randn(batch, length, WIDTH)
        compare(
            f"{what}, length {length}, inference / {name}",
            lambda x=x: inference(ours[1], x),
            lambda x=x: inference(theirs[1], x),
        )


BENCHMARKS = (multi_head_attention, transformer_block)
