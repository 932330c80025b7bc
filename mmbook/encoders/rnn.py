"""Recurrent encoder: sentences to tokens."""

from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from mmbook.tokens import Tokens


class RecurrentEncoder(nn.Module):
    """A bidirectional gated recurrent unit (GRU) turns each word or character into one token.

    ids: (batch, length), integers in [0, vocabulary), 0 is padding and only follows what is real;
    tokens: (batch, length, width), real where the id is not 0. A row of zeros is an absent text.
    Raises ValueError on another rank, an id out of range, padding before an id, or an odd width.
    Source: Cho et al. 2014.
    """

    def __init__(self, vocabulary: int, width: int = 64, layers: int = 1) -> None:
        super().__init__()
        if width % 2:
            raise ValueError(f"width must be even, half for each direction, not {width}")
        self.embedding = nn.Embedding(vocabulary, width, padding_idx=0)
        self.gru = nn.GRU(width, width // 2, layers, batch_first=True, bidirectional=True)

    def forward(self, ids: Tensor) -> Tokens:
        if ids.ndim != 2 or ids.is_floating_point():
            raise ValueError(
                f"ids must be integers (batch, length), not {tuple(ids.shape)} {ids.dtype}"
            )
        if (
            ids.numel()
            and not 0 <= int(ids.min()) <= int(ids.max()) < self.embedding.num_embeddings
        ):
            raise ValueError(
                f"ids must be in [0, {self.embedding.num_embeddings}), "
                f"not in [{int(ids.min())}, {int(ids.max())}]"
            )
        mask = ids != 0
        if (mask[:, 1:] & ~mask[:, :-1]).any():
            raise ValueError("ids must hold padding (0) only after what is real, not before it")
        # A packed sequence cannot be empty: an absent text is read as one padding token.
        lengths = mask.sum(dim=1).clamp(min=1).cpu()
        packed = pack_padded_sequence(
            self.embedding(ids), lengths, batch_first=True, enforce_sorted=False
        )
        states, _ = pad_packed_sequence(
            self.gru(packed)[0], batch_first=True, total_length=ids.shape[1]
        )  # (batch, length, width)
        return Tokens(states, mask)
