"""Which digit was said, in English or Chinese, by a voice that was never heard before?

What a network reads is made by the same code that will read a user's files later: a word is cut
out of its clip, brought to one level and length, and becomes a log-mel spectrogram.
"""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import torch
from sklearn.linear_model import LogisticRegression
from torch import Generator, Tensor

from mmbook.batch import Batch
from mmbook.datasets.small.spoken_digits import ENGLISH, Clips, load_fsdd, load_synthetic
from mmbook.evaluation import Result, Row, accuracy, majority_accuracy, predict
from mmbook.evaluation.environment import commit
from mmbook.experiments.harness.trained import trained
from mmbook.models import RecogniserConfig, save_pretrained
from mmbook.models.inputs import SpokenWord
from mmbook.models.recognition import Recogniser, SpectrogramEncoderConfig
from mmbook.preprocessing.audio.augmentation import change_speed
from mmbook.preprocessing.audio.raw import isolate_word
from mmbook.preprocessing.audio.waveforms import mix_at_snr
from mmbook.training import TrainingConfig, seed_everything
from mmbook.training.hardware.distribution import is_main
from mmbook.training.saving.checkpoints import digest

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
    rows: list[Row] = []
    parameters, seconds = 0, 0.0
    for seed in config.seeds:
        samples = draw(train, config, seed)
        seed_everything(seed)
        model = network(config.width).build()
        place = folder / f"seed-{seed}"
        settings = replace(config.training, seed=seed)
        seconds += (spent := trained(model, samples, settings, place, "network", __name__))
        parameters = sum(p.numel() for p in model.parameters())
        linear = _linear(samples)
        for voices, clips in tests.items():
            rows += measure(model, clips, config, seed, voices)
            plain = float(linear.score(_features(clips.waveforms).flatten(1).numpy(), clips.labels))
            rows += [
                Row("linear classifier", "accuracy", seed, plain, {"voices": voices}),
                Row(
                    "majority",
                    "accuracy",
                    seed,
                    majority_accuracy(clips.labels),
                    {"voices": voices},
                ),
            ]
        found = next(row.value for row in rows if row.seed == seed)
        _keep(
            model,
            place,
            tier,
            {"seed": seed, "seconds": spent, "accuracy": found, "data": _identify(train)},
        )
    return Result(
        experiment="spoken-digits",
        tier=tier,
        rows=rows,
        baselines=["linear classifier", "majority"],
        seeds=config.seeds,
        split=SPLITS[tier],
        config=asdict(config),
        parameters={"network": parameters, "linear classifier": 10 * (32 * WORD.mels + 1)},
        seconds=round(seconds, 1),
        data={"train": _identify(train)} | {v: _identify(clips) for v, clips in tests.items()},
    )


def _keep(model: Recogniser, folder: Path, tier: str, facts: Mapping[str, Any]) -> None:
    """Write a network as it ships, with where it comes from."""
    command = f"python -m mmbook.experiments spoken-digits --tier {tier}"
    if is_main():
        facts = {"command": command, "commit": commit(), **facts}
        save_pretrained(folder / "spoken-digits", model.config, model, facts=facts)


def load_clips(tier: str) -> tuple[Clips, dict[str, Clips]]:
    """Training clips, and test clips by whose voices they are: "recorded" or "synthetic"."""
    synthetic, test = (_isolated(load_synthetic(split)) for split in ("train", "test"))
    if tier == "mini":
        return synthetic, {"synthetic": test}
    recorded, strangers = (_isolated(load_fsdd(split)) for split in ("train", "test"))
    parts = [recorded, *[synthetic] * _REPEATS]
    train = Clips(
        waveforms=torch.cat([part.waveforms for part in parts]),
        labels=torch.cat([part.labels for part in parts]),
        words=[word for part in parts for word in part.words],
        voices=[voice for part in parts for voice in part.voices],
    )
    return train, {"recorded": strangers, "synthetic": test}


def draw(clips: Clips, config: SpokenDigitsConfig, seed: int) -> Batch:
    """Training samples: clips at random, each at a speed and in noise of its own."""
    generator = Generator().manual_seed(seed)
    rows = torch.randint(len(clips.labels), (config.samples,), generator=generator)
    chance = torch.rand(2, config.samples, generator=generator)
    (slow, fast), (low, high) = config.speed, config.snr_db
    said = change_speed(clips.waveforms[rows], slow + (fast - slow) * chance[0])
    noise = torch.randn(said.shape, generator=generator)
    said = mix_at_snr(said, noise, low + (high - low) * chance[1])
    return Batch({"audio": _features(said)}, {"label": clips.labels[rows]})


def measure(
    model: Recogniser, test: Clips, config: SpokenDigitsConfig, seed: int, voices: str
) -> Iterator[Row]:
    """Accuracies on test clips: of all, of each language, and in noise."""

    def row(found: float, **condition: str | float) -> Row:
        return Row("network", "accuracy", seed, found, {"voices": voices, **condition})

    english = torch.tensor([word in ENGLISH for word in test.words])
    scores = _scores(model, test.waveforms)
    yield row(accuracy(scores, test.labels))
    for language, rows in {"English": english, "Chinese": ~english}.items():
        if rows.any():
            yield row(accuracy(scores[rows], test.labels[rows]), language=language)
    generator = Generator().manual_seed(10_000 + seed)
    for snr in config.test_snr_db:
        noise = torch.randn(test.waveforms.shape, generator=generator)
        noisy = _scores(model, mix_at_snr(test.waveforms, noise, snr))
        yield row(accuracy(noisy, test.labels), snr_db=snr)


def _scores(model: Recogniser, waveforms: Tensor) -> Tensor:
    return predict(model, Batch({"audio": _features(waveforms)}))


def _isolated(clips: Clips) -> Clips:
    """The clips as a user's are read: the word alone, in the middle."""
    words = [isolate_word(clip, WORD.samples) for clip in clips.waveforms]
    return replace(clips, waveforms=torch.stack(words))


def _features(clips: Tensor) -> Tensor:
    return torch.cat([WORD.features(part) for part in clips.split(256)])


def _linear(samples: Batch) -> LogisticRegression:
    """A classifier without a hidden layer, trained on the same samples."""
    plain = LogisticRegression(C=0.01, max_iter=2_000)
    return plain.fit(samples.inputs["audio"].flatten(1).numpy(), samples.target.numpy())


def _identify(clips: Clips) -> str:
    return digest({"waveforms": clips.waveforms, "labels": clips.labels})
