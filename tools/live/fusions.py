"""Three ways to join a picture and a voice, behind one eye and one ear: what the explorer runs.

Their weights are trained by `python -m tools.live.train_fusions` and ship in data/fusion-explorer.
"""

from collections.abc import Mapping, Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mmbook.decoders import Classifier, MeanPool
from mmbook.fusion import ConcatFusion, LateFusion
from mmbook.models.classification import digit_encoders
from mmbook.paths import data_folder
from mmbook.tokens import Tokens
from mmbook.training import load_weights

SENSES = ("image", "audio")
FUSIONS = ("early", "late", "attention")
WIDTH, CLASSES = 32, 10
WEIGHTS = data_folder() / "fusion-explorer" / "weights.safetensors"


class AttentionReadOut(nn.Module):
    """One learned question asks the tokens of all senses at once.

    Each sense has keys and values of its own; values are normalised, so that no token can speak
    louder than its weight. tokens: {sense: (batch, length, width)}; returns one token, (batch, 1,
    width): the mean of all values by the weights that `read` returns too, (batch, sum of lengths),
    which sum to one over the tokens of all senses. Chapter `fusion`, eq. fu-ask.
    """

    def __init__(self, senses: Sequence[str], width: int) -> None:
        super().__init__()
        self.keys = nn.ModuleDict({sense: nn.Linear(width, width) for sense in senses})
        self.values = nn.ModuleDict({sense: nn.Linear(width, width) for sense in senses})
        self.question = nn.Parameter(torch.randn(width))

    def read(self, tokens: Mapping[str, Tokens]) -> tuple[Tensor, Tensor]:
        keys = torch.cat([key(tokens[m].values) for m, key in self.keys.items()], dim=1)
        values = torch.cat([value(tokens[m].values) for m, value in self.values.items()], dim=1)
        real = torch.cat([tokens[m].mask for m in self.keys], dim=1)  # (batch, length)
        scores = keys @ self.question / len(self.question) ** 0.5  # (batch, length)
        weights = scores.masked_fill(~real, -torch.inf).softmax(dim=1)
        return weights.unsqueeze(1) @ F.layer_norm(values, values.shape[-1:]), weights

    def forward(self, tokens: Mapping[str, Tokens]) -> Tokens:
        return Tokens.of(self.read(tokens)[0])


class ThreeFusions(nn.Module):
    """One eye, one ear, and three fusions that read the same tokens of both.

    inputs: "image" (batch, 1, 28, 28) and "audio" (batch, frames, mels); tokens: what `encode` made
    of them. Returns logits, (fusions, batch, classes). Late is the product of what two experts
    believe, the others are trained on both senses.
    """

    def __init__(self) -> None:
        super().__init__()
        self.encoders = nn.ModuleDict(digit_encoders(SENSES, 0, WIDTH))
        joins = {
            "early": (ConcatFusion(SENSES, WIDTH), Classifier(WIDTH, CLASSES)),
            "late": (LateFusion(SENSES, WIDTH, CLASSES), MeanPool()),
            "attention": (AttentionReadOut(SENSES, WIDTH), Classifier(WIDTH, CLASSES)),
        }
        self.fusions = nn.ModuleDict({name: nn.Sequential(*join) for name, join in joins.items()})

    def encode(self, inputs: Mapping[str, Tensor]) -> dict[str, Tokens]:
        return {sense: encoder(inputs[sense]) for sense, encoder in self.encoders.items()}

    def forward(self, tokens: Mapping[str, Tokens]) -> Tensor:
        return torch.stack([fusion(tokens) for fusion in self.fusions.values()])

    def read_out(self, tokens: Mapping[str, Tokens]) -> Tensor:
        """How much of the attention's weight lies on each sense, (batch, senses)."""
        weights = self.fusions["attention"][0].read(tokens)[1]  # type: ignore[index]
        lengths = [tokens[sense].values.shape[1] for sense in SENSES]
        return torch.stack([part.sum(dim=1) for part in weights.split(lengths, dim=1)], dim=1)


def load_fusions() -> ThreeFusions:
    """The trained networks that ship, in evaluation mode and single precision."""
    model = ThreeFusions()
    load_weights(WEIGHTS, model)
    return model.eval()
