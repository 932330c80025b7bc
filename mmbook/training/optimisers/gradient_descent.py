"""Gradient descent and its descendants: each step a few operations over all parameters at once.

A model has hundreds of parameter tensors, most of them small. One call for each tensor and
operation would cost more than the arithmetic, so each operation takes the whole list
(`torch._foreach_*`). Operations come in the order of `torch.optim`, so that results agree with
it to the last bit.
"""
# pyright: reportPrivateImportUsage=false

from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import Tensor
from torch.optim import Optimizer

Group = dict[str, Any]  # parameters with the settings that hold for them
Tensors = list[Tensor]
Parameters = Iterable[Tensor] | Iterable[Group]

LIMITS = {  # at least, and below
    "lr": (0.0, float("inf")),
    "weight_decay": (0.0, float("inf")),
    "momentum": (0.0, 1.0),
    "smoothing": (0.0, 1.0),
    "beta1": (0.0, 1.0),
    "beta2": (0.0, 1.0),
}


class GradientDescent(Optimizer):
    """What all rules share: which parameters have a gradient, and what is kept beside each.

    A rule implements `update`, and names in `memory` the tensors that it keeps beside each
    parameter, which begin as zeros. A parameter without a gradient is left as it is, and so are
    its memory and its number of steps. `torch.optim.Optimizer` brings `zero_grad`, `state_dict`
    and groups of parameters with settings of their own.

    Raises ValueError for a setting out of its range.
    """

    memory: tuple[str, ...] = ()

    def __init__(self, parameters: Parameters, lr: float, **settings: float) -> None:
        super().__init__(parameters, {"lr": lr, **settings})
        for group in self.param_groups:
            for name in group.keys() & LIMITS.keys():
                least, limit = LIMITS[name]
                if not least <= group[name] < limit:
                    raise ValueError(
                        f"{name} must be at least {least} and below {limit}, not {group[name]!r}"
                    )

    @torch.no_grad()
    def step(  # type: ignore[override]
        self, closure: Callable[[], float] | None = None
    ) -> float | None:
        """Change the parameters by one step; `closure` computes loss and gradients before it."""
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        for group in self.param_groups:
            parameters = [p for p in group["params"] if p.grad is not None]
            if parameters:
                names = self.memory_of(group)
                states = [self._next_state(p, names) for p in parameters]
                gradients = [p.grad for p in parameters]
                steps = [state["step"] for state in states]
                memory = [[state[name] for state in states] for name in names]
                self.update(group, parameters, gradients, steps, *memory)
        return loss

    def memory_of(self, group: Group) -> tuple[str, ...]:
        """The names of what is kept beside each parameter of a group."""
        return self.memory

    def _next_state(self, parameter: Tensor, names: tuple[str, ...]) -> dict[str, Any]:
        state = self.state[parameter]
        state["step"] = state.get("step", 0) + 1
        for name in names:
            if name not in state:
                state[name] = torch.zeros_like(parameter)
        return state

    def update(
        self,
        group: Group,
        parameters: Tensors,
        gradients: Tensors,
        steps: list[int],
        *memory: Tensors,
    ) -> None:
        """Change parameters and memory in place; `steps` counts each parameter's, from 1."""
        raise NotImplementedError


def with_decay(gradients: Tensors, parameters: Tensors, decay: float) -> Tensors:
    """The gradients of the loss plus `decay / 2` times the sum of squares of the parameters."""
    if not decay:
        return gradients
    return list(torch._foreach_add(gradients, parameters, alpha=decay))


class SGD(GradientDescent):
    """Gradient descent, plain or with momentum, Polyak's or Nesterov's.

    Nesterov's writes over the gradients, so they have to be cleared before the next backward.
    Source: Polyak (1964); Nesterov (1983), in the form of Sutskever et al. (2013).
    """

    memory = ("velocity",)

    def __init__(
        self,
        parameters: Parameters,
        lr: float = 1e-3,
        momentum: float = 0.0,
        nesterov: bool = False,
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(
            parameters, lr, momentum=momentum, nesterov=nesterov, weight_decay=weight_decay
        )

    def memory_of(self, group: Group) -> tuple[str, ...]:
        return self.memory if group["momentum"] else ()

    def update(
        self,
        group: Group,
        parameters: Tensors,
        gradients: Tensors,
        steps: list[int],
        *memory: Tensors,
    ) -> None:
        gradients = with_decay(gradients, parameters, group["weight_decay"])
        if momentum := group["momentum"]:
            (velocities,) = memory
            torch._foreach_mul_(velocities, momentum)
            torch._foreach_add_(velocities, gradients)
            if group["nesterov"]:
                # Over the gradients themselves, as in torch.optim: no memory for a copy.
                torch._foreach_add_(gradients, velocities, alpha=momentum)
            else:
                gradients = velocities
        torch._foreach_add_(parameters, gradients, alpha=-group["lr"])


class RMSProp(GradientDescent):
    """Each weight's gradient divided by its own recent size.

    Source: Tieleman and Hinton (2012), lecture 6.5.
    """

    memory = ("square",)

    def __init__(
        self,
        parameters: Parameters,
        lr: float = 1e-2,
        smoothing: float = 0.99,
        eps: float = 1e-8,
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(parameters, lr, smoothing=smoothing, eps=eps, weight_decay=weight_decay)

    def update(
        self,
        group: Group,
        parameters: Tensors,
        gradients: Tensors,
        steps: list[int],
        *memory: Tensors,
    ) -> None:
        (squares,) = memory
        gradients = with_decay(gradients, parameters, group["weight_decay"])
        torch._foreach_mul_(squares, group["smoothing"])
        torch._foreach_addcmul_(squares, gradients, gradients, 1 - group["smoothing"])
        sizes = torch._foreach_sqrt(squares)
        torch._foreach_add_(sizes, group["eps"])
        torch._foreach_addcdiv_(parameters, gradients, sizes, -group["lr"])


class Adam(GradientDescent):
    """The mean of recent gradients over the root of the mean of their squares, both unbiased.

    `weight_decay` belongs to the loss: it goes through both means. Source: Kingma and Ba (2015).
    """

    memory = ("mean", "square")

    def __init__(
        self,
        parameters: Parameters,
        lr: float = 1e-3,
        beta1: float = 0.9,
        beta2: float = 0.999,
        eps: float = 1e-8,
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(
            parameters, lr, beta1=beta1, beta2=beta2, eps=eps, weight_decay=weight_decay
        )

    def update(
        self,
        group: Group,
        parameters: Tensors,
        gradients: Tensors,
        steps: list[int],
        *memory: Tensors,
    ) -> None:
        gradients = with_decay(gradients, parameters, group["weight_decay"])
        self.adapt(group, parameters, gradients, steps, *memory)

    @staticmethod
    def adapt(
        group: Group,
        parameters: Tensors,
        gradients: Tensors,
        steps: list[int],
        means: Tensors,
        squares: Tensors,
    ) -> None:
        """One step of Adam without any decay of the weights."""
        beta1, beta2 = group["beta1"], group["beta2"]
        torch._foreach_lerp_(means, gradients, 1 - beta1)
        torch._foreach_mul_(squares, beta2)
        torch._foreach_addcmul_(squares, gradients, gradients, 1 - beta2)
        sizes = torch._foreach_sqrt(squares)
        torch._foreach_div_(sizes, [(1 - beta2**t) ** 0.5 for t in steps])
        torch._foreach_add_(sizes, group["eps"])
        rates = [-(group["lr"] / (1 - beta1**t)) for t in steps]
        torch._foreach_addcdiv_(parameters, means, sizes, rates)


class AdamW(Adam):
    """Adam with weights that shrink by themselves, beside the gradient and not through it.

    Source: Loshchilov and Hutter (2019), Decoupled Weight Decay Regularization.
    """

    def __init__(
        self,
        parameters: Parameters,
        lr: float = 1e-3,
        beta1: float = 0.9,
        beta2: float = 0.999,
        eps: float = 1e-8,
        weight_decay: float = 0.01,
    ) -> None:
        super().__init__(parameters, lr, beta1, beta2, eps, weight_decay)

    def update(
        self,
        group: Group,
        parameters: Tensors,
        gradients: Tensors,
        steps: list[int],
        *memory: Tensors,
    ) -> None:
        if group["weight_decay"]:
            torch._foreach_mul_(parameters, 1 - group["lr"] * group["weight_decay"])
        self.adapt(group, parameters, gradients, steps, *memory)
