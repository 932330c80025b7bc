"""The general model: encode each modality, fuse the tokens, decode the result."""

from collections.abc import Mapping

from torch import Tensor, nn

from mmbook.tokens import Tokens


class MultimodalModel(nn.Module):
    """MBM(X; Θ) = decode(fuse({m: encode_m(X_m) for m in X})).

    inputs: {modality: what its encoder takes}; a modality that is left out is absent.
    Returns what the decoder returns. All encoders must make tokens of the same width.
    Raises ValueError on a modality without an encoder, or none at all. Chapter `general-model`.
    """

    def __init__(
        self, encoders: Mapping[str, nn.Module], fusion: nn.Module, decoder: nn.Module
    ) -> None:
        super().__init__()
        self.encoders = nn.ModuleDict(encoders)
        self.fusion = fusion
        self.decoder = decoder

    def encode(self, inputs: Mapping[str, Tensor | Tokens]) -> dict[str, Tokens]:
        """The tokens of each modality that is given."""
        if not inputs or not set(inputs) <= set(self.encoders):
            raise ValueError(f"inputs {sorted(inputs)}, but encoders for {sorted(self.encoders)}")
        return {m: self.encoders[m](x) for m, x in inputs.items()}

    def complete(self, tokens: Mapping[str, Tokens]) -> dict[str, Tokens]:
        """The tokens of every modality in the order of the encoders, absent where not given."""
        some = next(iter(tokens.values())).values  # (batch, length, width)
        absent = Tokens.absent(len(some), some.shape[-1], like=some)
        return {m: tokens.get(m, absent) for m in self.encoders}

    def forward(self, inputs: Mapping[str, Tensor | Tokens]) -> Tensor:
        tokens = self.complete(self.encode(inputs))
        return self.decoder(self.fusion(tokens))
