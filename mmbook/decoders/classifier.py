"""Decoders that name a class."""

from torch import Tensor, nn

from mmbook.tokens import Tokens


class Classifier(nn.Module):
    """The mean token, read by a linear layer: one score a class.

    tokens: (batch, length, width); returns logits, (batch, classes).
    """

    def __init__(self, width: int, classes: int) -> None:
        super().__init__()
        self.linear = nn.Linear(width, classes)

    def forward(self, tokens: Tokens) -> Tensor:
        return self.linear(tokens.mean())


class MeanPool(nn.Module):
    """The mean token itself, for a fusion whose tokens already are the answer, like late fusion.

    tokens: (batch, length, width); returns (batch, width).
    """

    def forward(self, tokens: Tokens) -> Tensor:
        return tokens.mean()
