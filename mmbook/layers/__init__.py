"""Building blocks that encoders, fusion and decoders share: attention, positions, blocks."""

from mmbook.layers.attention import MultiHeadAttention, attention, causal_mask
from mmbook.layers.positions import (
    LearnedPositions,
    SinusoidalPositions,
    apply_rotary_embedding,
    sinusoids,
)
from mmbook.layers.residual import PostActivationBlock, PreActivationBlock
from mmbook.layers.transformer import FeedForward, TransformerBlock, TransformerStack

__all__ = [
    "FeedForward",
    "LearnedPositions",
    "MultiHeadAttention",
    "PostActivationBlock",
    "PreActivationBlock",
    "SinusoidalPositions",
    "TransformerBlock",
    "TransformerStack",
    "apply_rotary_embedding",
    "attention",
    "causal_mask",
    "sinusoids",
]
