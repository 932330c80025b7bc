"""Step 3: tokens of several modalities to tokens.

A fusion maps {modality: Tokens} to Tokens. What maps {modality: Tokens} to the same, like
`ModalityDropout`, goes before one in an `nn.Sequential`.
"""

from mmbook.fusion.concat import ConcatFusion
from mmbook.fusion.dropout import ModalityDropout
from mmbook.fusion.late import LateFusion

__all__ = ["ConcatFusion", "LateFusion", "ModalityDropout"]
