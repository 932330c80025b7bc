"""Whole systems, each a composition of encoders, a fusion and a decoder."""

from mmbook.models.digits import digit_encoders, expert, recogniser
from mmbook.models.images import image_classifier, residual_classifier
from mmbook.models.language import (
    NextToken,
    next_token_batch,
    next_token_loss,
    shipped_language_model,
)
from mmbook.models.multimodal import MultimodalModel
from mmbook.models.ngram import AdditiveSmoothing, KneserNey

__all__ = [
    "AdditiveSmoothing",
    "KneserNey",
    "MultimodalModel",
    "NextToken",
    "digit_encoders",
    "expert",
    "image_classifier",
    "next_token_batch",
    "next_token_loss",
    "recogniser",
    "residual_classifier",
    "shipped_language_model",
]
