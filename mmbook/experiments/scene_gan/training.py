"""What is trained, and how: the captioner that measures, and networks that draw in two ways."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from pathlib import Path
from random import Random

import torch
from torch import nn

from mmbook.batch import Batch
from mmbook.datasets.scenes.captions import describe, pick
from mmbook.datasets.scenes.collection import Scenes, load_scenes
from mmbook.datasets.scenes.layout import Scene
from mmbook.experiments.harness.trained import trained
from mmbook.experiments.scene_captioning.training import captions_of, content_words, words_of
from mmbook.experiments.scene_gan.config import SceneGanConfig, System
from mmbook.models.adversarial import Adversaries, Generate
from mmbook.models.captioning import (
    Captioner,
    CaptionerConfig,
    FeatureGridEncoderConfig,
    Language,
    TransformerDecoderConfig,
    caption_batch,
)
from mmbook.models.language import next_token_loss
from mmbook.models.retrieval import SquareImage
from mmbook.models.scene_adversary import DiscriminateMatches, SceneDiscriminator
from mmbook.models.scene_drawing import FlowMatching, SceneDrawing, SceneDrawingConfig
from mmbook.preprocessing.text.tokenizers import encode_batch
from mmbook.training import (
    Averaged,
    LinearCooldown,
    Objective,
    TrainingConfig,
    averaging,
    cosine,
    seed_everything,
)
from mmbook.training.optimisers.makers import adamw, trainable

ATTRIBUTES = ("shape", "colour", "size", "x", "y")


def load(config: SceneGanConfig, split: str, count: int) -> Scenes:
    """Scenes with captions that name all objects and their places."""
    return load_scenes(split, size=config.size, count=count, config=config.scenes)


def altered(scene: Scene, pairs: Sequence[tuple[str, str]], chance: Random) -> Scene:
    """A scene of which one attribute of one object is another; shapes and colours stay `pairs`.

    Raises ValueError for an object whose shape has one colour only among the pairs, or the reverse.
    """
    row = int(chance.random() * len(scene))
    item, name = scene[row], pick(ATTRIBUTES, chance)
    if name in "xy":  # the other side
        new = item._replace(**{name: 1 - getattr(item, name)})
    elif name == "size":
        new = item._replace(size={"small": "large", "large": "small"}[item.size])
    else:
        kept = "colour" if name == "shape" else "shape"
        others = [
            item._replace(shape=shape, colour=colour)
            for shape, colour in pairs
            if getattr(item, kept) in (shape, colour) and (shape, colour) != item[:2]
        ]
        if not others:
            raise ValueError(f"no other {name} is known of a {item.colour} {item.shape}")
        new = pick(others, chance)
    return (*scene[:row], new, *scene[row + 1 :])


@dataclass(frozen=True)
class InUnitRange:
    """Makes numbers in [0, 1] of the bytes of pictures."""

    def __call__(self, batch: Batch) -> Batch:
        return Batch({**batch.inputs, "image": batch.inputs["image"].float() / 255})


def described(system: System, config: SceneGanConfig) -> SceneDrawingConfig:
    """The network that draws, as it can be saved and built again."""
    flows = system.method == "flow"
    return SceneDrawingConfig(
        words_of(system.language),
        config.size,
        config.width,
        config.channels,
        config.layers,
        steps=config.steps if flows else 1,
        guidance=config.guidance if flows else 1.0,
    )


def adam(module: nn.Module, config: TrainingConfig) -> torch.optim.Adam:
    """Adam without momentum, which swings where two minimise against each other."""
    rate = config.learning_rate
    return torch.optim.Adam(trainable(module), lr=rate, betas=(0.0, 0.99), fused=True)


def untrained(system: System, config: SceneGanConfig, seed: int) -> nn.Module:
    """What is trained, with its first weights: an `Averaged` drawing, or one with its adversary."""
    seed_everything(seed)
    drawing = described(system, config)
    model = Averaged(drawing.build(), config.decay)
    if system.method == "flow":
        return model
    words = len(drawing.tokenizer.build())
    judge = SceneDiscriminator(words, config.width, config.channels)
    return Adversaries(model, judge, drawing.noise)


@dataclass(frozen=True)
class Trainer:
    """Trains networks on pictures that are drawn once."""

    config: SceneGanConfig
    folder: Path

    @cached_property
    def scenes(self) -> Scenes:
        """What is learned from."""
        return load(self.config, "train", self.config.count)

    def judge(self) -> tuple[Captioner, float]:
        """What says what a picture shows, and the seconds of its training.

        It learns from other scenes, with all pairs of shape and colour.
        """
        every = replace(self.config, scenes=replace(self.config.scenes, held_out=0))
        scenes = load(every, "train", self.config.count)
        seed_everything(self.config.judge.seed)
        model = CaptionerConfig(
            words_of("en"),
            FeatureGridEncoderConfig(),
            TransformerDecoderConfig(layers=1),
            SquareImage(self.config.size),
            content_words("en"),
        ).build()
        samples = caption_batch(model.tokenizer, scenes.images, captions_of(scenes, "en"))
        options = {"objectives": Objective(next_token_loss)}
        settings = self.config.judge
        return model, trained(model, samples, settings, self.folder, "judge", __name__, **options)

    def samples(self, language: Language) -> Batch:
        """Pictures, a true sentence and an untrue one of each."""
        tokenizer = words_of(language).build()
        pairs, chance = self.config.scenes.pairs("train"), Random("untrue")
        scenes = [altered(scene, pairs, chance) for scene in self.scenes.objects]
        sentences = {
            "text": captions_of(self.scenes, language),
            "untrue": [describe(scene, "scene", "")[language] for scene in scenes],
        }
        ids = {name: encode_batch(tokenizer, said).filled() for name, said in sentences.items()}
        return Batch({"image": self.scenes.images, **ids})

    def train(self, name: str, system: System, seed: int) -> tuple[SceneDrawing, float]:
        """What draws, with averaged weights, and the seconds of its training."""
        model = untrained(system, self.config, seed)
        flows = system.method == "flow"
        settings = self.config.flow if flows else self.config.adversaries
        objectives = [
            Objective(DiscriminateMatches(weight=system.untrue), adam, "discriminator"),
            Objective(Generate(), partial(averaging, adam), "generator"),
        ]
        seconds = trained(
            model,
            self.samples(system.language),
            replace(settings, seed=seed),
            self.folder / f"seed-{seed}",
            name,
            __name__,
            objectives=Objective(FlowMatching(), partial(averaging, adamw))
            if flows
            else objectives,
            augment=InUnitRange(),
            schedule=cosine if flows else LinearCooldown(0.5),
        )
        averaged = model if flows else model.generator
        return averaged.mean, seconds  # type: ignore[return-value]
