"""Step 4: tokens to a label, a sentence, an image or a sound."""

from mmbook.decoders.autoregressive import AutoregressiveDecoder, State
from mmbook.decoders.classifier import Classifier, MeanPool
from mmbook.decoders.flow import FlowDecoder, guided, integrate, velocity_to
from mmbook.decoders.generation import Sampling, beam_search, generate, greedy
from mmbook.decoders.generator import FiLM, ImageGenerator
from mmbook.decoders.masked_history import MaskedHistory
from mmbook.decoders.recurrent import RecurrentDecoder
from mmbook.decoders.transformer import PrefixDecoder, TransformerDecoder

__all__ = [
    "AutoregressiveDecoder",
    "Classifier",
    "FiLM",
    "FlowDecoder",
    "ImageGenerator",
    "MaskedHistory",
    "MeanPool",
    "PrefixDecoder",
    "RecurrentDecoder",
    "Sampling",
    "State",
    "TransformerDecoder",
    "beam_search",
    "generate",
    "greedy",
    "guided",
    "integrate",
    "velocity_to",
]
