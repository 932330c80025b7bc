"""Language models: which token comes next?"""

import torch
from torch import Tensor, nn

from mmbook.decoders.sampling import sample_next_token
from mmbook.layers.recurrent import Cell, recurrent
from mmbook.losses import Loss, cross_entropy
from mmbook.preprocessing.text.characters import PADDING
from mmbook.preprocessing.text.vocabulary import BEGIN


class RecurrentLanguageModel(nn.Module):
    """A recurrent network that scores each token of the vocabulary as the next one.

    ids: (batch, length), each row from BEGIN on and padded with 0 at the end;
    logits: (batch, length, vocabulary), at position t for token t + 1. They depend on the tokens up
    to t alone. tied: the output layer has the weights of the embedding (Press and Wolf 2017).
    dropout: of embeddings and states in training. Source: Mikolov et al. 2010.
    """

    def __init__(
        self,
        vocabulary: int,
        width: int = 128,
        layers: int = 1,
        *,
        cell: Cell = "gru",
        tied: bool = True,
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, width, padding_idx=PADDING)
        # With PyTorch's standard deviation of 1, logits of tied weights would start near ±√width.
        nn.init.normal_(self.embedding.weight, std=0.1)
        self.network = recurrent(cell, width, width, layers)
        self.dropout = nn.Dropout(dropout)
        self.output = nn.Linear(width, vocabulary)
        if tied:
            self.output.weight = self.embedding.weight

    def states(self, ids: Tensor) -> Tensor:
        """What the model knows after each token: (batch, length) to (batch, length, width)."""
        return self.dropout(self.network(self.dropout(self.embedding(ids)))[0])

    def forward(self, ids: Tensor) -> Tensor:
        return self.output(self.states(ids))

    @torch.no_grad()
    def sample(
        self, count: int, length: int, generator: torch.Generator, temperature: float = 1.0
    ) -> Tensor:
        """Write sentences, one token at a time, without dropout: (count, length) ids.

        What follows END is padding; the rest is as in `sample_next_token`, errors too.
        """
        last = torch.full((count, 1), BEGIN, device=self.output.weight.device)
        state, written = None, []
        for _ in range(length):
            states, state = self.network(self.embedding(last), state)  # (count, 1, width)
            last = sample_next_token(self.output(states[:, 0]), last, generator, temperature)
            written.append(last)
        return torch.cat(written, dim=1)


def next_token_loss(logits: Tensor, targets: Tensor) -> Loss:
    """The cross-entropy over the real tokens of a batch, in nats.

    logits: (real, vocabulary), those of real tokens alone, row after row, as `NextToken` returns
    them; targets: (batch, length), padded with 0.
    """
    return cross_entropy(logits, targets[targets != PADDING])
