"""What a captioner is trained on, and its training: what is measured of it stands elsewhere."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from torch import Tensor

from mmbook.batch import Batch
from mmbook.datasets.scenes.collection import Scenes, load_scenes
from mmbook.datasets.scenes.rendering import backgrounds
from mmbook.datasets.scenes.words import COLOURS, PLACES, SHAPES, SIZES, say
from mmbook.experiments.harness.trained import trained
from mmbook.experiments.scene_captioning.config import SceneCaptioningConfig, Stage, System
from mmbook.models.captioning import (
    Captioner,
    CaptionerConfig,
    CaptionWords,
    DecoderConfig,
    FeatureGridEncoderConfig,
    Language,
    RecurrentDecoderConfig,
    TransformerDecoderConfig,
    caption_batch,
)
from mmbook.models.language import next_token_loss
from mmbook.models.retrieval import SquareImage
from mmbook.training import Objective, TrainingConfig, seed_everything

ENGLISH = ("a", "an", "at", "the", "top", "bottom", "left", "right", "and", ",")
CHINESE = ("有", "一个", "的", "，")
STAGES = ("objects", "scenes")


def words_of(language: Language) -> CaptionWords:
    """All words of captions in a language."""
    places = () if language == "en" else PLACES  # English ones are two words each
    named = [say(word, language) for table in (SIZES, COLOURS, SHAPES, places) for word in table]
    return CaptionWords((*(ENGLISH if language == "en" else CHINESE), *named), language)


def content_words(language: str) -> tuple[str, ...]:
    """The words that name a colour or a shape."""
    return tuple(say(word, language) for table in (COLOURS, SHAPES) for word in table)


def untrained(system: System, config: SceneCaptioningConfig, seed: int) -> Captioner:
    """A captioner with its first weights."""
    seed_everything(seed)
    gru = system.decoder == "gru"
    decoder: DecoderConfig = RecurrentDecoderConfig() if gru else TransformerDecoderConfig()
    return CaptionerConfig(
        words_of(system.language),
        FeatureGridEncoderConfig(width=config.width),
        decoder,
        SquareImage(config.scenes.size),
        content_words(system.language) if system.masked else (),
    ).build()


def load(stage: Stage, split: str, count: int) -> Scenes:
    """Scenes with captions that name all objects and their places."""
    return load_scenes(split, size=stage.size, count=count, config=stage.scenes)


def captions_of(scenes: Scenes, language: str) -> tuple[str, ...]:
    """The one caption of each scene."""
    return tuple(caption for (caption,) in scenes.captions[language])


def shown(images: Tensor, system: System) -> Tensor:
    """The pictures as a system sees them: all empty for one that is blind."""
    return backgrounds([""], images.shape[-1]).expand_as(images) if system.blind else images


def settings_of(
    system: System, config: SceneCaptioningConfig, seed: int
) -> Sequence[tuple[str, TrainingConfig]]:
    """The stages of a system and their settings."""
    first, second = (replace(getattr(config, s).training, seed=seed) for s in STAGES)
    if system.objects_first:
        return (("objects", first), ("scenes", second))
    longer = second.steps + round(config.step_cost * first.steps)
    return (("scenes", replace(second, steps=longer)),)


@dataclass(frozen=True)
class Trainer:
    """Trains captioners, on pictures that are drawn once, when a stage needs them."""

    config: SceneCaptioningConfig
    folder: Path

    @cached_property
    def objects(self) -> Scenes:
        """The pictures of the first stage."""
        return load(self.config.objects, "train", self.config.objects.count)

    @cached_property
    def scenes(self) -> Scenes:
        """The pictures of the second stage."""
        return load(self.config.scenes, "train", self.config.scenes.count)

    def samples(self, model: Captioner, stage: str, system: System) -> Batch:
        """Pictures and captions of a stage."""
        found: Scenes = getattr(self, stage)
        captions = captions_of(found, system.language)
        return caption_batch(model.tokenizer, shown(found.images, system), captions)

    def train(self, name: str, system: System, seed: int) -> tuple[Captioner, float]:
        """A trained captioner, and the seconds that it took."""
        model, seconds = untrained(system, self.config, seed), 0.0
        for stage, settings in settings_of(system, self.config, seed):
            seconds += trained(
                model,
                self.samples(model, stage, system),
                settings,
                self.folder / f"seed-{seed}",
                f"{name}, {stage}",
                __name__,
                objectives=Objective(next_token_loss),
            )
        return model, seconds
