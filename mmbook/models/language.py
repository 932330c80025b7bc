"""A language model as a system with one modality, to be trained by the one training loop."""

from collections.abc import Mapping, Sequence

from torch import Tensor, nn

from mmbook.batch import Batch
from mmbook.decoders import RecurrentLanguageModel, TransformerLanguageModel
from mmbook.models.pretrained import load_pretrained
from mmbook.preprocessing.text.characters import PADDING
from mmbook.preprocessing.text.vocabulary import Vocabulary, pad


class NextToken(nn.Module):
    """The logits of a language model where a token is real, and no work where none is.

    inputs: {"text": (batch, length) ids, padded with 0}. Returns (real, vocabulary), row after row.
    """

    def __init__(self, model: RecurrentLanguageModel | TransformerLanguageModel) -> None:
        super().__init__()
        self.model = model

    def forward(self, inputs: Mapping[str, Tensor]) -> Tensor:
        ids = inputs["text"]
        ids = ids[:, : int((ids != PADDING).sum(dim=1).max())]
        states = self.model.states(ids)  # (batch, longest, width)
        return self.model.output(states[ids != PADDING])


def next_token_batch(sentences: Sequence[Sequence[int]]) -> Batch:
    """Sentences as questions and answers: each token, and the one that follows it.

    sentences: ids from BEGIN to END. inputs {"text": (n, length)}, targets (n, length), both padded
    with 0 and real at the same places. Raises ValueError where a sentence has no two tokens.
    """
    if short := [row for row, sentence in enumerate(sentences) if len(sentence) < 2]:
        raise ValueError(f"sentence {short[0]} has no next token: give it a begin and an end")
    inputs = pad([sentence[:-1] for sentence in sentences]).values
    targets = pad([sentence[1:] for sentence in sentences]).values
    return Batch({"text": inputs}, targets)


def shipped_language_model() -> tuple[RecurrentLanguageModel, Vocabulary]:
    """The network that ships, in evaluation mode, and its words: see data/models/language-model."""
    model = load_pretrained("language-model")
    return model.decoder, model.tokenizer.vocabulary
