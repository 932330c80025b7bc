"""Step 2: tensors to tokens. Every encoder returns `mmbook.tokens.Tokens`."""

from mmbook.encoders.cnn import ConvolutionalEncoder, SpectrogramEncoder
from mmbook.encoders.rnn import RecurrentEncoder

__all__ = ["ConvolutionalEncoder", "RecurrentEncoder", "SpectrogramEncoder"]
