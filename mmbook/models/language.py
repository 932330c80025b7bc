"""A language model as a system with one modality, to be trained by the one training loop."""

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pad_sequence

from mmbook.batch import Batch, Padded
from mmbook.decoders import AutoregressiveDecoder, RecurrentDecoder
from mmbook.layers.checks import can_look
from mmbook.losses import IGNORED, Loss, cross_entropy
from mmbook.losses.cross_entropy import class_targets
from mmbook.models.pretrained import load_pretrained
from mmbook.preprocessing.text.characters import checked_ids
from mmbook.preprocessing.text.vocabulary import Vocabulary


class NextToken(nn.Module):
    """A decoder without memory as a model of one modality: the logits of each next token.

    inputs: {"text": Padded ids, or (batch, length) ids that are padded at the end with `pad`}.
    Returns (batch, length, vocabulary); what stands where a text has ended means nothing.
    Raises ValueError where padding stands before what is real: it would be read (see `can_look`).
    """

    def __init__(self, model: AutoregressiveDecoder, pad: int = 0) -> None:
        super().__init__()
        self.model, self.pad = model, pad

    def forward(self, inputs: Mapping[str, Tensor | Padded]) -> Tensor:
        return self.model.output(self.states(inputs))

    def states(self, inputs: Mapping[str, Tensor | Padded]) -> Tensor:
        """What the decoder knows after each token: (batch, length, width)."""
        text = inputs["text"]
        if isinstance(text, Padded):
            text = text.filled(self.pad)
        elif can_look(text):
            real = text != self.pad
            if (gaps := (real[:, 1:] & ~real[:, :-1]).any(dim=1)).any():
                row = int(gaps.int().argmax())
                raise ValueError(
                    f"padding must come after what is real, but row {row} of the text has id "
                    f"{self.pad} before other ids"
                )
        return self.model.states(None, text)


def next_token_batch(sentences: Sequence[Sequence[int]], pad: int = 0) -> Batch:
    """Sentences as questions and answers: each token, and the one that follows it.

    sentences: ids from bos to eos. inputs {"text": Padded}, targets {"next": (n, length)}, IGNORED
    where a sentence has ended. Raises ValueError where a sentence has no two tokens, or holds
    padding.
    """
    sentences = [
        list(checked_ids(sentence, 2**63, f"sentences[{row}]"))
        for row, sentence in enumerate(sentences)
    ]
    for row, sentence in enumerate(sentences):
        if len(sentence) < 2:
            raise ValueError(f"sentence {row} has no next token: give it a bos and an eos")
        if pad in sentence:
            raise ValueError(
                f"sentence {row} holds padding, id {pad}, at place {sentence.index(pad)}: "
                "give only what is real"
            )
    rows = [torch.tensor(sentence) for sentence in sentences]
    targets = pad_sequence([row[1:] for row in rows], batch_first=True, padding_value=IGNORED)
    return Batch({"text": Padded.of([row[:-1] for row in rows], pad)}, {"next": targets})


def next_token_loss(model: nn.Module, batch: Batch) -> Loss:
    """The cross-entropy of each next token, in nats, over the targets that are not IGNORED.

    model: NextToken. batch: inputs as it reads them, target "next" (batch, length or more), as the
    inputs may have been cut to the longest of a batch. Logits are made only where a target counts.
    Raises ValueError on another model.
    """
    if not isinstance(model, NextToken):
        raise ValueError(f"the next token is predicted by NextToken, not {type(model).__name__}")
    states = model.states(batch.inputs)
    targets = class_targets(batch.targets["next"][:, : states.shape[1]])
    counted = targets != IGNORED
    return cross_entropy(model.model.output(states[counted]), targets[counted])


def shipped_language_model() -> tuple[RecurrentDecoder, Vocabulary]:
    """The network that ships, in evaluation mode, and its words: see data/models/language-model."""
    model = load_pretrained("language-model")
    return model.decoder, model.tokenizer.vocabulary
