"""What is trained, and how: the judge, and adversaries that draw what a word asks for."""

from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import torch
from torch import Tensor, nn

from mmbook.batch import Batch
from mmbook.datasets.digits.bank import CHINESE, ENGLISH, TEXT_LENGTH, TOKENIZER
from mmbook.encoders.residual import ResidualEncoder
from mmbook.experiments.digit_gan.config import SYSTEMS, DigitGanConfig, System
from mmbook.experiments.harness.trained import trained
from mmbook.losses.adversarial import (
    discriminator_loss,
    generator_loss,
    hinge_discriminator_loss,
    hinge_generator_loss,
)
from mmbook.models.adversarial import Adversaries, Discriminate, Discriminator, Generate
from mmbook.models.classification import classifier
from mmbook.models.drawing import DrawingConfig
from mmbook.models.multimodal import MultimodalModel
from mmbook.models.pretrained import load_pretrained
from mmbook.preprocessing.images.policy import Augmentation
from mmbook.preprocessing.text.tokenizers import encode_batch
from mmbook.training import LinearCooldown, Objective, TrainingConfig, muon, seed_everything
from mmbook.training.averaging import Averaged, averaging
from mmbook.training.grouped import Grouped
from mmbook.training.optimisers.makers import trainable

JUDGE = TrainingConfig(learning_rate=3e-3, weight_decay=0.05, warmup=0.25, precision="float32")
TURNED = Augmentation(degrees=10, zoom=0.1, shift=0.08)  # images that the judge learns from
LANGUAGES = {"en": ENGLISH, "zh": CHINESE}
LOSSES = {
    "non-saturating": (discriminator_loss, generator_loss),
    "hinge": (hinge_discriminator_loss, hinge_generator_loss),
}


def word_ids() -> Tensor:
    """The ids of each digit's word in each language: (languages, 10, TEXT_LENGTH)."""
    tables = [encode_batch(TOKENIZER, words, TEXT_LENGTH).values for words in LANGUAGES.values()]
    return torch.stack(tables)


@dataclass(frozen=True, eq=False)
class Worded:
    """Gives each image of a batch a word of its digit as "text", in a language by chance."""

    words: Tensor

    def __call__(self, batch: Batch) -> Batch:
        words = self.words.to(batch.target.device)
        language = torch.randint(len(words), batch.target.shape, device=words.device)
        text = words[language, batch.target]
        return Batch({**batch.inputs, "text": text}, batch.targets)


def judge_of(samples: Batch, config: DigitGanConfig, folder: Path) -> tuple[MultimodalModel, float]:
    """The network that says what an image shows, and the seconds of its training."""
    if not config.judge_steps:
        return load_pretrained(config.images.lower()), 0.0
    settings = replace(JUDGE, steps=config.judge_steps, device=config.training.device)
    seed_everything(settings.seed)
    model = classifier({"image": ResidualEncoder(width=32, stages=(16, 32))}, 32)
    options = {"objectives": Objective(optimiser=muon), "augment": TURNED}
    return model, trained(model, samples, settings, folder, "judge", __name__, **options)


def described(config: DigitGanConfig) -> DrawingConfig:
    """The generator as it can be saved and built again."""
    return DrawingConfig(TOKENIZER.characters, config.size, channels=config.channels)


def untrained(system: System, config: DigitGanConfig, seed: int) -> Adversaries:
    """Adversaries with their first weights."""
    seed_everything(seed)
    drawing = described(config)
    discriminator = Discriminator(
        len(TOKENIZER),
        config.size,
        channels=config.channels,
        group=system.group,
        spectral=system.loss == "hinge",
    )
    return Adversaries(Averaged(drawing.build(), config.decay), discriminator, drawing.noise)


def adam(module: nn.Module, config: TrainingConfig, times: float = 1.0) -> torch.optim.Adam:
    """Adam without momentum, which swings where two minimise against each other."""
    rate = times * config.learning_rate
    return torch.optim.Adam(trainable(module), lr=rate, betas=(0.0, 0.99), fused=True)


def train_adversaries(
    name: str, samples: Batch, config: DigitGanConfig, seed: int, folder: Path
) -> tuple[Adversaries, float]:
    """The adversaries of a system, and the seconds of their training."""
    system = SYSTEMS[name]
    model = untrained(system, config, seed)
    judged, made = LOSSES[system.loss]
    hasty = partial(averaging, partial(adam, times=system.haste))
    seconds = trained(
        model,
        Grouped(samples, config.groups, config.training.batch_size // config.groups, seed),  # type: ignore[arg-type]
        replace(config.training, seed=seed),
        folder,
        name,
        __name__,
        objectives=[
            Objective(Discriminate(judged, system.penalty), adam, "discriminator"),
            Objective(Generate(made), hasty, "generator"),
        ],
        augment=Worded(word_ids()),
        schedule=LinearCooldown(0.5),
    )
    return model, seconds
