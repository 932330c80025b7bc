"""Small networks without training in the place of those that ship, for tests of pages."""

import string

import torch

from mmbook.datasets.small.spoken_digits import CHINESE
from mmbook.experiments.scene_captioning.training import content_words, words_of
from mmbook.models import (
    Captioner,
    CaptionerConfig,
    Drawing,
    DrawingConfig,
    SceneDrawing,
    SceneDrawingConfig,
)
from mmbook.models.captioning import (
    FeatureGridEncoderConfig,
    Language,
    RecurrentDecoderConfig,
    TransformerDecoderConfig,
)
from mmbook.models.inspection import SpeechInspector, SpeechInspectorConfig


def small_captioner(language: Language = "en", *, recurrent: bool = False) -> Captioner:
    """A captioner whose sentences differ from picture to picture, and mean nothing."""
    torch.manual_seed(0)
    model = CaptionerConfig(
        words_of(language),
        FeatureGridEncoderConfig(width=16, stages=(8,), strides=(4, 4)),
        RecurrentDecoderConfig(heads=2) if recurrent else TransformerDecoderConfig(heads=2),
        masked=content_words(language),
        longest=12,
    ).build()
    with torch.no_grad():
        for values in model.model.parameters():
            values *= (
                2.5 if recurrent else 4
            )  # so that words hang on the picture, and on the words before them
    return model.eval()


def small_drawing() -> Drawing:
    """A network that knows the characters of all digits, and draws grains."""
    torch.manual_seed(0)
    config = DrawingConfig(
        string.ascii_lowercase + "".join(CHINESE),
        size=8,
        width=6,
        noise=4,
        channels=2,
        hidden=5,
    )
    return config.build().eval()


def small_scene_drawing(language: Language = "en") -> SceneDrawing:
    """A network that knows the words of scenes, and draws coloured grains."""
    torch.manual_seed(0)
    config = SceneDrawingConfig(words_of(language), 8, 16, 8, 1, steps=5, guidance=1.5)
    return config.build().eval()


def small_inspector() -> SpeechInspector:
    """An inspector that finds this here and that there, and means nothing by it."""
    torch.manual_seed(0)
    config = SpeechInspectorConfig(stages=(4, 4), statistics=(4,), width=8, thresholds=(0.6,) * 9)
    model = config.build()
    with torch.no_grad():
        for values in model.parameters():
            values *= 2  # so that all hangs on the recording
    return model.eval()
