"""The transformer as a language model: a causal stack between an embedding and its transpose."""

import torch
from torch import Tensor, nn

from mmbook.decoders.sampling import sample_next_token
from mmbook.layers.transformer import TransformerStack
from mmbook.preprocessing.text.characters import PADDING
from mmbook.preprocessing.text.vocabulary import BEGIN
from mmbook.tokens import Tokens


class TransformerLanguageModel(nn.Module):
    """Causal transformer blocks that score each token of the vocabulary as the next one.

    ids: (batch, length), each row padded with 0 at the end, where no real token can see it;
    logits: (batch, length, vocabulary), at position t for token t + 1. They depend on the tokens up
    to t alone. tied: the output layer has the weights of the embedding (Press and Wolf 2017).
    dropout: of embeddings and of what each part of a block adds, in training.
    Source: Radford et al. 2019; positions are rotary (Su et al. 2024).
    """

    def __init__(
        self,
        vocabulary: int,
        width: int = 128,
        heads: int = 4,
        layers: int = 2,
        *,
        tied: bool = True,
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, width, padding_idx=PADDING)
        # Logits are dot products with states of length √width: they start with a size of about 1.
        nn.init.normal_(self.embedding.weight, std=width**-0.5)
        self.dropout = nn.Dropout(dropout)
        self.stack = TransformerStack(width, heads, layers, rotary=True, dropout=dropout)
        self.output = nn.Linear(width, vocabulary, bias=False)
        if tied:
            self.output.weight = self.embedding.weight

    def states(self, ids: Tensor) -> Tensor:
        """What the model knows after each token: (batch, length) to (batch, length, width)."""
        return self.stack(Tokens.of(self.dropout(self.embedding(ids))), causal=True).values

    def forward(self, ids: Tensor) -> Tensor:
        return self.output(self.states(ids))

    @torch.no_grad()
    def sample(
        self, count: int, length: int, generator: torch.Generator, temperature: float = 1.0
    ) -> Tensor:
        """Write sentences, one token at a time: (count, length) ids.

        What follows END is padding; the rest is as in `sample_next_token`, errors too.
        """
        written = torch.full((count, 1), BEGIN, device=self.output.weight.device)
        for _ in range(length):
            logits = self.output(self.states(written)[:, -1])
            last = sample_next_token(logits, written[:, -1:], generator, temperature)
            written = torch.cat([written, last], dim=1)
        return written[:, 1:]
