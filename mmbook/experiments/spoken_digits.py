"""Which digit was said, in English or Chinese, by a voice that was never heard before?

What a network reads is made by the same code that will read a user's files later: a word is cut
out of its clip, brought to one level and length, and becomes a log-mel spectrogram.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import torch
from sklearn.linear_model import LogisticRegression
from torch import Generator, Tensor

from mmbook.batch import Batch
from mmbook.datasets.small.spoken_digits import ENGLISH, Clips, load_fsdd, load_synthetic
from mmbook.evaluation import Result, accuracy, predict
from mmbook.evaluation.record import commit
from mmbook.experiments.trained import trained
from mmbook.models import RecogniserConfig, save_pretrained
from mmbook.models.inputs import SpokenWord
from mmbook.models.recognition import Recogniser, SpectrogramEncoderConfig
from mmbook.preprocessing.audio.augmentation import change_speed
from mmbook.preprocessing.audio.raw import isolate_word
from mmbook.preprocessing.audio.waveforms import mix_at_snr
from mmbook.training import TrainingConfig, seed_everything
from mmbook.training.checkpoints import digest
from mmbook.training.distribution import is_main

WORD = SpokenWord()
SPLITS = {
    "mini": "6 voices of speech synthesisers with 20 words each, English and Chinese, none of them "
    "heard in training; trained on 16 others",
    "full": "2 speakers of the Free Spoken Digit Dataset with 500 English words each, neither of "
    "them heard in training; trained on 4 others and on the synthetic voices of mini, whose test "
    "voices are measured apart",
}


@dataclass(frozen=True)
class SpokenDigitsConfig:
    """Sizes, the variations that training samples are drawn with, and the training settings.

    samples: drawn from the training clips. speed: slowest and fastest, silent edges included.
    snr_db: of white noise, most and least. test_snr_db: levels of noise to be measured at.
    """

    seeds: tuple[int, ...] = (0, 1, 2)
    samples: int = 6_000
    width: int = 64
    speed: tuple[float, float] = (0.8, 1.25)
    snr_db: tuple[float, float] = (0.0, 40.0)
    test_snr_db: tuple[float, ...] = (20.0, 10.0, 0.0)
    training: TrainingConfig = field(
        default_factory=lambda: TrainingConfig(
            steps=500, batch_size=64, learning_rate=3e-3, weight_decay=0.1
        )
    )


TIERS = {
    "mini": SpokenDigitsConfig(),
    "full": SpokenDigitsConfig(
        samples=15_000,
        training=TrainingConfig(steps=1_000, batch_size=64, learning_rate=3e-3, weight_decay=0.1),
    ),
}
_REPEATS = 4  # of the synthetic clips beside the many more recorded ones


def network(width: int) -> RecogniserConfig:
    """What is trained, and later loaded."""
    return RecogniserConfig(
        inputs={"audio": WORD},
        encoders={"audio": SpectrogramEncoderConfig(WORD.mels, width)},
        labels=tuple("0123456789"),
    )


def run(tier: str, config: SpokenDigitsConfig, folder: Path) -> Result:
    """Train a network for every seed, measure it on held-out voices; weights go to the folder."""
    train, tests = load_clips(tier)
    test = tests[""]
    found: dict[str, list[float]] = defaultdict(list)
    linear: list[float] = []
    parameters, seconds = 0, 0.0
    for seed in config.seeds:
        samples = draw(train, config, seed)
        seed_everything(seed)
        model = network(config.width).build()
        place = folder / f"seed-{seed}"
        settings = replace(config.training, seed=seed)
        seconds += (spent := trained(model, samples, settings, place, "network"))
        parameters = sum(p.numel() for p in model.parameters())
        for apart, clips in tests.items():
            for name, value in measure(model, clips, config, seed).items():
                found[name + apart].append(value)
        linear.append(_linear(samples, test))
        facts = {"seed": seed, "seconds": spent, "accuracy": found["accuracy"][-1]}
        _keep(model, place, tier, {**facts, "data": _identify(train)})
    most = test.labels.bincount().max().item() / len(test.labels)
    return Result(
        experiment="spoken-digits",
        tier=tier,
        metrics=dict(found),
        baselines={
            "majority": {"accuracy": [most] * len(config.seeds)},
            "linear classifier": {"accuracy": linear},
        },
        seeds=config.seeds,
        split=SPLITS[tier],
        config=asdict(config),
        parameters={"network": parameters, "linear classifier": 10 * (32 * WORD.mels + 1)},
        seconds=round(seconds, 1),
        data={"train": _identify(train), "test": _identify(test)},
    )


def _keep(model: Recogniser, folder: Path, tier: str, facts: Mapping[str, Any]) -> None:
    """Write a network as it ships, with where it comes from."""
    command = f"python -m mmbook.experiments spoken-digits --tier {tier}"
    if is_main():
        facts = {"command": command, "commit": commit(), **facts}
        save_pretrained(folder / "spoken-digits", model.config, model, facts=facts)


def load_clips(tier: str) -> tuple[Clips, dict[str, Clips]]:
    """Training clips, and test clips by what is written behind the names of their metrics."""
    synthetic, test = (_isolated(load_synthetic(split)) for split in ("train", "test"))
    if tier == "mini":
        return synthetic, {"": test}
    recorded, strangers = (_isolated(load_fsdd(split)) for split in ("train", "test"))
    parts = [recorded, *[synthetic] * _REPEATS]
    train = Clips(
        waveforms=torch.cat([part.waveforms for part in parts]),
        labels=torch.cat([part.labels for part in parts]),
        words=[word for part in parts for word in part.words],
        voices=[voice for part in parts for voice in part.voices],
    )
    return train, {"": strangers, ", synthetic voices": test}


def draw(clips: Clips, config: SpokenDigitsConfig, seed: int) -> Batch:
    """Training samples: clips at random, each at a speed and in noise of its own."""
    generator = Generator().manual_seed(seed)
    rows = torch.randint(len(clips.labels), (config.samples,), generator=generator)
    chance = torch.rand(2, config.samples, generator=generator)
    (slow, fast), (low, high) = config.speed, config.snr_db
    said = change_speed(clips.waveforms[rows], slow + (fast - slow) * chance[0])
    noise = torch.randn(said.shape, generator=generator)
    said = mix_at_snr(said, noise, low + (high - low) * chance[1])
    return Batch({"audio": _features(said)}, clips.labels[rows])


def measure(
    model: Recogniser, test: Clips, config: SpokenDigitsConfig, seed: int
) -> dict[str, float]:
    """Accuracies on test clips: of all, of each language, and in noise."""
    english = torch.tensor([word in ENGLISH for word in test.words])
    scores = predict(model, Batch({"audio": _features(test.waveforms)}, test.labels))
    found = {"accuracy": accuracy(scores, test.labels)}
    for language, rows in {"English": english, "Chinese": ~english}.items():
        if rows.any():
            found[f"accuracy, {language}"] = accuracy(scores[rows], test.labels[rows])
    generator = Generator().manual_seed(10_000 + seed)
    for snr in config.test_snr_db:
        noise = torch.randn(test.waveforms.shape, generator=generator)
        noisy = Batch({"audio": _features(mix_at_snr(test.waveforms, noise, snr))}, test.labels)
        found[f"accuracy @ {snr:g} dB"] = accuracy(predict(model, noisy), test.labels)
    return found


def _isolated(clips: Clips) -> Clips:
    """The clips as a user's are read: the word alone, in the middle."""
    words = [isolate_word(clip, WORD.samples) for clip in clips.waveforms]
    return replace(clips, waveforms=torch.stack(words))


def _features(clips: Tensor) -> Tensor:
    return torch.cat([WORD.features(part) for part in clips.split(256)])


def _linear(samples: Batch, test: Clips) -> float:
    """The accuracy of a classifier without a hidden layer, trained on the same samples."""
    plain = LogisticRegression(C=0.01, max_iter=2_000)
    plain.fit(samples.inputs["audio"].flatten(1).numpy(), samples.targets.numpy())
    return float(plain.score(_features(test.waveforms).flatten(1).numpy(), test.labels.numpy()))


def _identify(clips: Clips) -> str:
    return digest({"waveforms": clips.waveforms, "labels": clips.labels})
