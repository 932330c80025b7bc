"""An inspection of speech that takes seconds; PESQ, which it measures, is an extra."""

from mmbook.experiments.speech_quality import SpeechQualityConfig
from mmbook.experiments.speech_quality.config import FULL
from mmbook.training import TrainingConfig

TINY = SpeechQualityConfig(
    train=64,
    validation=64,
    test=64,
    training=TrainingConfig(steps=2, batch_size=8, device="cpu"),
    known=4,
    seeds=(0,),
    systems=(FULL, "RNN alone"),
)
