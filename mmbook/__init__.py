"""MMBook: multimodal models, built and run.

Every modality becomes a sequence of vectors (`mmbook.tokens.Tokens`); `encoders` make them,
`fusion` joins them, `decoders` read them, and `models.MultimodalModel` composes the three.
"""

__version__ = "0.1.0"
