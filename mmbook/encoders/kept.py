"""An encoder for what is encoded already."""

from torch import Tensor, nn

from mmbook.tokens import Tokens


class KeptTokens(nn.Module):
    """Vectors as tokens, all real: what an encoder that stays as it is makes once is kept.

    values: (batch, length, width), floating point; returns tokens that hold them. What stands
    behind such an encoder learns in seconds so. Raises ValueError as `Tokens` does.
    """

    def forward(self, values: Tensor) -> Tokens:
        return Tokens.of(values)
