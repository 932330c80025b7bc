"""Step 4: tokens to a label, a sentence, an image or a sound."""

from mmbook.decoders.classifier import Classifier, MeanPool
from mmbook.decoders.language_model import RecurrentLanguageModel, next_token_loss
from mmbook.decoders.transformer import TransformerLanguageModel

__all__ = [
    "Classifier",
    "MeanPool",
    "RecurrentLanguageModel",
    "TransformerLanguageModel",
    "next_token_loss",
]
