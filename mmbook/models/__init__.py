"""Whole systems, each a composition of encoders, a fusion and a decoder."""

from mmbook.models.digits import digit_encoders, expert, recogniser
from mmbook.models.multimodal import MultimodalModel

__all__ = ["MultimodalModel", "digit_encoders", "expert", "recogniser"]
