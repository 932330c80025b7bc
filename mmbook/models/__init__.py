"""Whole systems, each a composition of encoders, a fusion and a decoder."""

from mmbook.models.digits import digit_encoders, expert, recogniser
from mmbook.models.language import NextToken, next_token_samples, shipped_language_model
from mmbook.models.multimodal import MultimodalModel
from mmbook.models.ngram import AdditiveSmoothing, KneserNey
from mmbook.models.pictures import picture_classifier, residual_classifier

__all__ = [
    "AdditiveSmoothing",
    "KneserNey",
    "MultimodalModel",
    "NextToken",
    "digit_encoders",
    "expert",
    "next_token_samples",
    "picture_classifier",
    "recogniser",
    "residual_classifier",
    "shipped_language_model",
]
