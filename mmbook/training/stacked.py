"""Many models trained at once, so that one can afford to ask how much chance decides."""

import copy
from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.func import functional_call, stack_module_state


class StackedModels(nn.Module):
    """Models of one shape that compute side by side, each with its own weights and inputs.

    Weights are stacked along a new first axis, (members, ...), so one product of stacks does the
    work of many small ones. Where each member's loss is a mean of its own, the gradient of the sum
    of the losses is each one's own too, and so is a step of any optimiser that treats numbers
    singly (all in `mmbook.training.optimisers.gradient_descent`): the members train as they would
    alone.

    forward: inputs (members, batch, ...) in, (members, batch, ...) out. Dropout draws for each.
    Raises ValueError without members, or where one has buffers, which could not be updated.
    """

    def __init__(self, members: Sequence[nn.Module]) -> None:
        super().__init__()
        if not members or any(True for member in members for _ in member.buffers()):
            raise ValueError("an ensemble needs one member at least, and none with buffers")
        stacked, _ = stack_module_state(list(members))
        self.names = list(stacked)
        self.weights = nn.ParameterList([value.detach() for value in stacked.values()])
        # In a tuple, so that the one member kept for its form does not count as a part.
        self._form = (copy.deepcopy(members[0]).to("meta"),)

    def train(self, mode: bool = True) -> "StackedModels":
        """Sets the mode of every member."""
        self._form[0].train(mode)
        return super().train(mode)

    def forward(self, inputs: Tensor) -> Tensor:
        def one(weights: dict[str, Tensor], own_inputs: Tensor) -> Tensor:
            return functional_call(self._form[0], weights, (own_inputs,))

        weights = dict(zip(self.names, self.weights, strict=True))
        return torch.vmap(one, randomness="different")(weights, inputs)

    def weights_of(self, member: int) -> dict[str, Tensor]:
        """One member's weights by name, as its `state_dict` would give them."""
        return {
            name: value[member].detach()
            for name, value in zip(self.names, self.weights, strict=True)
        }
