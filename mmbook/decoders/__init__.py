"""Step 4: tokens to a label, a sentence, a picture or a sound."""

from mmbook.decoders.classifier import Classifier, Readout
from mmbook.decoders.language_model import RecurrentLanguageModel, next_token_loss
from mmbook.decoders.transformer import TransformerLanguageModel

__all__ = [
    "Classifier",
    "Readout",
    "RecurrentLanguageModel",
    "TransformerLanguageModel",
    "next_token_loss",
]
