"""What a step of training keeps in memory and computes: by formula, and counted as it happens."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

FLOAT = 4  # bytes of a float32


@dataclass(frozen=True)
class TransformerCost:
    """What one step of a `TransformerDecoder` with tied weights takes, in float32, by formula.

    vocabulary, width, heads, layers: of the decoder. batch, length: of the tokens that it reads.
    Raises ValueError for a size below 1, or heads that do not divide the width.
    """

    vocabulary: int
    width: int
    heads: int
    layers: int
    batch: int
    length: int

    def __post_init__(self) -> None:
        for name, size in vars(self).items():
            if not isinstance(size, int) or size < 1:
                raise ValueError(f"{name} must be a whole number from 1 up, not {size!r}")
        if self.width % self.heads:
            raise ValueError(f"{self.heads} heads do not divide a width of {self.width}")

    @property
    def tokens(self) -> int:
        """Tokens of a step."""
        return self.batch * self.length

    @property
    def parameters(self) -> int:
        """The numbers that are learned: embedding, blocks, last norm (eq. cm-parameters)."""
        w = self.width
        return self.vocabulary * w + self.layers * (12 * w * w + 13 * w) + 2 * w

    @property
    def state_bytes(self) -> int:
        """Weights, gradients and the two means of Adam: four numbers a parameter (eq. cm-state)."""
        return 4 * FLOAT * self.parameters

    @property
    def activation_bytes(self) -> int:
        """What a step keeps for its backward pass (eq. cm-activations).

        The sines and cosines of the rotations are one table for queries and one for keys in each
        block, whatever the batch; ids and targets, which were there before, do not count.
        """
        heads_are_joined = self.heads > 1 and self.length > 1  # one head needs no copy
        each_block = (16 + heads_are_joined) * self.width + self.heads + 4
        at_the_end = 2 * self.width + 2 + self.vocabulary
        tables = self.layers * 2 * self.length * (self.width // self.heads)
        return FLOAT * (self.tokens * (self.layers * each_block + at_the_end) + tables)

    @property
    def matrix_flops(self) -> int:
        """Of products with weights, forwards and backwards (eq. cm-flops without attention)."""
        matrices = self.layers * 12 * self.width**2 + self.vocabulary * self.width
        return 6 * self.tokens * matrices

    @property
    def attention_flops(self) -> int:
        """Of products of tokens with tokens, all pairs counted, forwards and backwards."""
        return 12 * self.tokens * self.layers * self.length * self.width

    @property
    def flops(self) -> int:
        """Of a step: additions and multiplications of all matrix products (eq. cm-flops)."""
        return self.matrix_flops + self.attention_flops


def saved_bytes(compute: Callable[[], Any], *known: Tensor | nn.Module) -> int:
    """The bytes that the backward pass of what `compute` returns keeps alive.

    Each storage counts once, and those of `known` (a model's weights and buffers, inputs, targets)
    not at all: they are there anyway. Exact, and the same on every machine with the same kernels.
    """
    theirs: list[Tensor] = []
    for thing in known:
        parts = [*thing.parameters(), *thing.buffers()] if isinstance(thing, nn.Module) else [thing]
        theirs += parts
    there = {tensor.untyped_storage().data_ptr() for tensor in theirs}
    kept: dict[int, torch.UntypedStorage] = {}  # alive, so that no address is given twice

    def note(tensor: Tensor) -> Tensor:
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in there:
            kept[storage.data_ptr()] = storage
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(note, lambda tensor: tensor):
        result = compute()  # what it returns keeps the graph alive while we count
    total = sum(storage.nbytes() for storage in kept.values())
    del result
    return total


def counted_flops(compute: Callable[[], Any]) -> int:
    """The floating-point operations of the matrix products that PyTorch runs in `compute`.

    A product of (a, b) by (b, c) is 2abc of them. Attention is computed step by step meanwhile:
    PyTorch's counter does not know the fused kernel of the CPU.
    """
    with FlopCounterMode(display=False) as counter, sdpa_kernel(SDPBackend.MATH):
        compute()
    return counter.get_total_flops()


def state_bytes(model: nn.Module, optimiser: torch.optim.Optimizer) -> dict[str, int]:
    """The bytes of what lives from step to step: weights, gradients, and the optimiser's state.

    Numbers of steps, which an optimiser keeps for each tensor, do not count.
    """
    weights = list(model.parameters())
    kept = [x for state in optimiser.state.values() for x in state.values()]
    return {
        "weights": sum(p.nbytes for p in weights),
        "gradients": sum(p.grad.nbytes for p in weights if p.grad is not None),
        "optimiser": sum(x.nbytes for x in kept if isinstance(x, Tensor) and x.ndim),
    }
