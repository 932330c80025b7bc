"""A language model as a system with one modality, to be trained by the one training loop."""

from collections.abc import Mapping, Sequence

import torch
from safetensors.torch import load_file, load_model
from torch import Tensor, nn
from torch.nn.utils.rnn import pad_sequence

from mmbook.batch import Batch, Padded
from mmbook.decoders import AutoregressiveDecoder, RecurrentDecoder
from mmbook.layers.checks import can_look
from mmbook.losses import IGNORED, cross_entropy
from mmbook.paths import data_folder
from mmbook.preprocessing.text.characters import read_lines
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
        return self.model(None, text)


def next_token_batch(sentences: Sequence[Sequence[int]], pad: int = 0) -> Batch:
    """Sentences as questions and answers: each token, and the one that follows it.

    sentences: ids from bos to eos. inputs {"text": Padded}, targets (n, length), IGNORED where a
    sentence has ended. Raises ValueError where a sentence has no two tokens, or holds padding.
    """
    for row, sentence in enumerate(sentences):
        if len(sentence) < 2:
            raise ValueError(f"sentence {row} has no next token: give it a bos and an eos")
        if pad in sentence:
            raise ValueError(
                f"sentence {row} holds padding, id {pad}, at place {list(sentence).index(pad)}: "
                "give only what is real"
            )
    rows = [torch.tensor(sentence) for sentence in sentences]
    targets = pad_sequence([row[1:] for row in rows], batch_first=True, padding_value=IGNORED)
    return Batch({"text": Padded.of([row[:-1] for row in rows], pad)}, targets)


def next_token_loss(logits: Tensor, targets: Tensor) -> Tensor:
    """The mean cross-entropy, in nats, over the targets that are not IGNORED.

    logits: (batch, length, vocabulary); targets: (batch, length or more), of a batch that may have
    been cut to its longest text.
    """
    return cross_entropy(logits, targets[:, : logits.shape[1]]).mean()


def shipped_language_model() -> tuple[RecurrentDecoder, Vocabulary]:
    """The network that ships, in evaluation mode, and its words: see data/language-model."""
    folder = data_folder() / "language-model"
    vocabulary = Vocabulary(tuple(read_lines(folder / "words.txt")))
    width = load_file(folder / "model.safetensors")["network.weight_hh_l0"].shape[1]
    model = RecurrentDecoder(len(vocabulary), width)
    load_model(model, folder / "model.safetensors")  # half precision becomes single
    return model.eval(), vocabulary
