"""Which token comes next: drawn from a model's scores."""

import torch
from torch import Tensor

from mmbook.preprocessing.text.characters import PADDING
from mmbook.preprocessing.text.vocabulary import BEGIN, END


def sample_next_token(
    logits: Tensor, last: Tensor, generator: torch.Generator, temperature: float = 1.0
) -> Tensor:
    """Draw one token for each row, and padding where the row's last token was END or padding.

    logits: (count, vocabulary); last: (count, 1) ids. Returns (count, 1) ids, of which none is
    BEGIN. temperature: below 1 the probable becomes more probable. Raises ValueError where it is
    not positive.
    """
    if not temperature > 0:
        raise ValueError(f"temperature must be positive, not {temperature}")
    never = torch.tensor([PADDING, BEGIN], device=logits.device)
    scores = (logits / temperature).index_fill(1, never, -torch.inf)
    chosen = torch.multinomial(scores.softmax(-1), 1, generator=generator)
    return chosen.masked_fill((last == END) | (last == PADDING), PADDING)
