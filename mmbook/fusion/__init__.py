"""Step 3: tokens of several modalities to tokens.

A fusion maps {modality: Tokens} to Tokens. What maps {modality: Tokens} to the same, like
`ModalityDropout`, goes before one in an `nn.Sequential`.
"""

from mmbook.fusion.bottleneck import BottleneckFusion
from mmbook.fusion.concat import ConcatFusion
from mmbook.fusion.cross_attention import CrossAttentionFusion, JointAttentionFusion
from mmbook.fusion.dropout import ModalityDropout
from mmbook.fusion.gated import GatedFusion
from mmbook.fusion.late import LateFusion
from mmbook.fusion.sum import SumFusion
from mmbook.fusion.tensor import LowRankFusion, TensorFusion

__all__ = [
    "BottleneckFusion",
    "ConcatFusion",
    "CrossAttentionFusion",
    "GatedFusion",
    "JointAttentionFusion",
    "LateFusion",
    "LowRankFusion",
    "ModalityDropout",
    "SumFusion",
    "TensorFusion",
]
