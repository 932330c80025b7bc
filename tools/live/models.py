"""The networks that pages run. A new one is a function here and its line in `MODELS`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn

from mmbook.models import load_pretrained
from tools.live.drawing import FIELD, example_digits
from tools.live.still import still_of_digit


@dataclass(frozen=True)
class LiveModel:
    """A network as a page runs it.

    module: takes one tensor of shape `shape` (float32) and returns one. input, output: their
    names. licence: of the weights. still: the SVG for a page without scripts. page: what else the
    page needs, as JSON can write it.
    """

    module: nn.Module
    shape: tuple[int, ...]
    input: str
    output: str
    licence: str
    still: str
    page: Mapping[str, Any] = field(default_factory=dict)


class Probabilities(nn.Module):
    """A classifier of one modality that takes the tensor alone and returns probabilities."""

    def __init__(self, classifier: nn.Module, modality: str) -> None:
        super().__init__()
        self.classifier, self.modality = classifier, modality

    def forward(self, values: Tensor) -> Tensor:
        return torch.softmax(self.classifier({self.modality: values}), dim=-1)


def mnist() -> LiveModel:
    """The shipped network that reads handwritten digits, with a drawing of each to try."""
    digits = example_digits()
    reader = Probabilities(load_pretrained("mnist"), "image").eval()
    return LiveModel(
        module=reader,
        shape=(1, 1, FIELD, FIELD),
        input="image",
        output="probabilities",
        licence="CC BY-SA 3.0, the MMBook authors",
        still=still_of_digit(reader, digits["3"]),
        page={"examples": list(digits.values())},
    )


MODELS: Mapping[str, Callable[[], LiveModel]] = {"mnist": mnist}
