"""Step 2: tensors to tokens. Every encoder returns `mmbook.tokens.Tokens`."""

from mmbook.encoders.cnn import ConvolutionalEncoder, SpectrogramEncoder
from mmbook.encoders.discriminator import DiscriminatorEncoder, MinibatchDeviation
from mmbook.encoders.feature_grid import FeatureGridEncoder
from mmbook.encoders.kept import KeptTokens
from mmbook.encoders.residual import ResidualEncoder
from mmbook.encoders.rnn import RecurrentEncoder
from mmbook.encoders.transformer import TransformerEncoder
from mmbook.layers.attention import MultiHeadAttention
from mmbook.layers.transformer import TransformerBlock

__all__ = [
    "ConvolutionalEncoder",
    "DiscriminatorEncoder",
    "FeatureGridEncoder",
    "KeptTokens",
    "MinibatchDeviation",
    "MultiHeadAttention",
    "RecurrentEncoder",
    "ResidualEncoder",
    "SpectrogramEncoder",
    "TransformerBlock",
    "TransformerEncoder",
]
