"""A network that has learned nothing: what an explanation must not be able to explain."""

import copy
from collections.abc import Sequence

import torch
from torch import nn


def randomised(model: nn.Module, seed: int, parts: Sequence[str] | None = None) -> nn.Module:
    """A copy in which the numbers of every parameter are shuffled among themselves.

    So all that was learned is gone, and how large the weights are stays. parts: names of parts, as
    `named_modules` gives them, in which alone this is done; by default in all. Buffers, as the
    statistics of batch normalisation, stay. Raises ValueError for a part that there is not, and
    where nothing was shuffled. Cf. Adebayo et al. 2018, who draw new weights.
    """
    made = copy.deepcopy(model)
    known = dict(made.named_modules())
    if unknown := [name for name in parts or () if name not in known]:
        raise ValueError(f"the model has no part {unknown[0]!r}; it has {list(known)[1:9]} ...")
    chosen = [made] if parts is None else [known[name] for name in parts]
    weights = {id(weight): weight for part in chosen for weight in part.parameters()}
    if not weights:
        raise ValueError(f"there are no parameters in {list(parts or ['the model'])}")
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for weight in weights.values():
            order = torch.randperm(weight.numel(), generator=generator).to(weight.device)
            weight.copy_(weight.flatten()[order].view_as(weight))
    return made
