"""The cost of a training step of each fusion, in time and in what is kept for the backward pass."""

from collections.abc import Callable
from functools import partial

import torch
from torch import Tensor, nn

from benchmarks.compare import compare
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
from mmbook.tokens import Tokens

BATCH, SENSES = 64, ("image", "audio")
FUSIONS: dict[str, Callable[[int], nn.Module]] = {
    "late": lambda width: LateFusion(SENSES, width, width),
    **{
        kind.__name__: partial(kind, SENSES)
        for kind in (
            SumFusion,
            ConcatFusion,
            GatedFusion,
            TensorFusion,
            LowRankFusion,
            CrossAttentionFusion,
            JointAttentionFusion,
            BottleneckFusion,
        )
    },
}
SIZES = ((64, 16), (64, 128), (256, 16))  # width of the tokens, and their number in each sense


def steps() -> None:
    """One step of each fusion against one of concatenation, at several widths and lengths."""
    for width, length in SIZES:
        tokens = {m: Tokens.of(torch.randn(BATCH, length, width)) for m in SENSES}
        reference = ConcatFusion(SENSES, width)
        for name, make in FUSIONS.items():
            fusion = make(width)
            kept = _kept(fusion, tokens) / 2**20
            compare(
                f"{name}, width {width}, {length} tokens, {kept:.1f} MB / concatenation",
                partial(_step, fusion, tokens),
                partial(_step, reference, tokens),
            )


def _step(fusion: nn.Module, tokens: dict[str, Tokens]) -> None:
    fusion(tokens).mean().square().sum().backward()


def _kept(fusion: nn.Module, tokens: dict[str, Tokens]) -> int:
    """The bytes that a forward pass keeps for the backward pass, parameters and tokens aside."""
    mine = {p.untyped_storage().data_ptr() for p in fusion.parameters()}
    mine |= {t.values.untyped_storage().data_ptr() for t in tokens.values()}
    storages: dict[int, int] = {}

    def note(tensor: Tensor) -> Tensor:
        storage = tensor.untyped_storage()
        storages[storage.data_ptr()] = storage.nbytes()
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(note, lambda tensor: tensor):
        output = fusion(tokens).mean().square().sum()  # held, so that no storage is used again
    found = sum(size for place, size in storages.items() if place not in mine)
    del output
    return found


BENCHMARKS = (steps,)
