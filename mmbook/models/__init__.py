"""Whole systems, each a composition of encoders, a fusion and a decoder."""

from mmbook.models.adversarial import Adversaries, Discriminate, Discriminator, Generate
from mmbook.models.alignment import Align, SharedSpace
from mmbook.models.captioning import Captioner, CaptionerConfig
from mmbook.models.classification import classifier, digit_encoders, expert, recogniser
from mmbook.models.config import ConfigError, ModelConfig
from mmbook.models.drawing import Drawing, DrawingConfig
from mmbook.models.inspection import SpeechInspector, SpeechInspectorConfig
from mmbook.models.language import (
    NextToken,
    next_token_batch,
    next_token_loss,
    shipped_language_model,
)
from mmbook.models.multimodal import MultimodalModel
from mmbook.models.next_word import EnglishWords, NextWord, NextWordConfig
from mmbook.models.ngram import AdditiveSmoothing, KneserNey
from mmbook.models.pretrained import (
    PretrainedError,
    load_pretrained,
    read_facts,
    save_pretrained,
    shipped_models,
)
from mmbook.models.recognition import Prediction, Recogniser, RecogniserConfig
from mmbook.models.retrieval import ImageSearch, ImageSearchConfig
from mmbook.models.scene_adversary import DiscriminateMatches, SceneDiscriminator
from mmbook.models.scene_drawing import FlowMatching, SceneDrawing, SceneDrawingConfig

__all__ = [
    "AdditiveSmoothing",
    "Adversaries",
    "Align",
    "Captioner",
    "CaptionerConfig",
    "ConfigError",
    "Discriminate",
    "DiscriminateMatches",
    "Discriminator",
    "Drawing",
    "DrawingConfig",
    "EnglishWords",
    "FlowMatching",
    "Generate",
    "ImageSearch",
    "ImageSearchConfig",
    "KneserNey",
    "ModelConfig",
    "MultimodalModel",
    "NextToken",
    "NextWord",
    "NextWordConfig",
    "Prediction",
    "PretrainedError",
    "Recogniser",
    "RecogniserConfig",
    "SceneDiscriminator",
    "SceneDrawing",
    "SceneDrawingConfig",
    "SharedSpace",
    "SpeechInspector",
    "SpeechInspectorConfig",
    "classifier",
    "digit_encoders",
    "expert",
    "load_pretrained",
    "next_token_batch",
    "next_token_loss",
    "read_facts",
    "recogniser",
    "save_pretrained",
    "shipped_language_model",
    "shipped_models",
]
