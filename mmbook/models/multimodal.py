"""The general model: encode each modality, fuse the tokens, decode the result."""

from collections.abc import Mapping
from typing import Any

from torch import Tensor, nn

from mmbook.batch import Padded
from mmbook.tokens import Tokens

Input = Tensor | Padded | Tokens
Present = Mapping[str, Tensor]


def hidden(values: Input, rows: Tensor) -> Any:
    """The same input with zeros in some rows, (n,) boolean; lengths and masks stay."""
    if isinstance(values, Padded):
        return Padded(hidden(values.values, rows), values.lengths)
    if isinstance(values, Tokens):
        return Tokens(hidden(values.values, rows), values.mask)
    return values.masked_fill(rows.view(-1, *[1] * (values.ndim - 1)), 0)


class MultimodalModel(nn.Module):
    """MBM(X; Θ) = decode(fuse({m: encode_m(X_m) for m in X})).

    inputs: {modality: what its encoder takes}; a modality that is left out is absent.
    present: {modality: (batch,) boolean}, for those that some samples lack: their rows may hold
    anything, are hidden before the encoder (NaN would reach its gradients), and masked after it.
    given: what the decoder is asked about, beside the tokens.
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

    def encode(
        self, inputs: Mapping[str, Input], present: Present | None = None
    ) -> dict[str, Tokens]:
        """The tokens of each modality that is given."""
        if not inputs or not set(inputs) <= set(self.encoders):
            raise ValueError(f"inputs {sorted(inputs)}, but encoders for {sorted(self.encoders)}")
        present = present or {}
        if not set(present) <= set(inputs):
            raise ValueError(f"present names {sorted(present)}, but inputs {sorted(inputs)}")
        shown = {m: hidden(x, ~present[m]) if m in present else x for m, x in inputs.items()}
        tokens = {m: self.encoders[m](x) for m, x in shown.items()}
        return {m: t.masked(present[m]) if m in present else t for m, t in tokens.items()}

    def complete(self, tokens: Mapping[str, Tokens]) -> dict[str, Tokens]:
        """The tokens of every modality in the order of the encoders, absent where not given."""
        some = next(iter(tokens.values())).values  # (batch, length, width)
        absent = Tokens.absent(len(some), some.shape[-1], like=some)
        return {m: tokens.get(m, absent) for m in self.encoders}

    def read(self, inputs: Mapping[str, Input], present: Present | None = None) -> Tokens:
        """The fused tokens: what a decoder that is asked several times needs only once."""
        return self.fusion(self.complete(self.encode(inputs, present)))

    def forward(
        self, inputs: Mapping[str, Input], *given: Any, present: Present | None = None
    ) -> Any:
        return self.decoder(self.read(inputs, present), *given)
