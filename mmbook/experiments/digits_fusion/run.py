"""The experiment from data to result."""

from dataclasses import asdict
from pathlib import Path

from mmbook.datasets.digits.bank import DigitBank, load_bank
from mmbook.evaluation import Result
from mmbook.experiments.digits_fusion.confidence import temperatures
from mmbook.experiments.digits_fusion.config import BASELINES, SYSTEMS, DigitsFusionConfig
from mmbook.experiments.digits_fusion.measure import measure
from mmbook.experiments.digits_fusion.training import Trainer
from mmbook.training.saving.checkpoints import digest


def run(tier: str, config: DigitsFusionConfig, folder: Path) -> Result:
    """Train and measure every system for every seed; checkpoints go to the folder."""
    banks = {split: load_bank(split, config.bank) for split in ("train", "validation", "test")}
    rows, sizes, seconds = [], {}, 0.0
    for seed in config.seeds:
        trainer = Trainer(config, seed, folder / f"seed-{seed}")
        samples = trainer.samples(banks["train"], config.train_size)
        models = {name: trainer.train(name, system, samples) for name, system in SYSTEMS.items()}
        calm = temperatures(trainer, models["image alone"], banks)
        rows += measure(models, calm, banks["test"], config, seed)
        seconds += trainer.seconds
        sizes = {name: sum(p.numel() for p in m.parameters()) for name, m in models.items()}
    return Result(
        experiment="digits-fusion",
        tier=tier,
        rows=rows,
        baselines=BASELINES,
        seeds=config.seeds,
        split=describe_splits(banks["train"], banks["test"]),
        config=asdict(config),
        parameters=sizes,
        seconds=round(seconds, 1),
        data={split: identify(bank) for split, bank in banks.items()},
    )


def describe_splits(train: DigitBank, test: DigitBank) -> str:
    """What was held out."""
    train_voices, test_voices = sorted(set(train.voices)), sorted(set(test.voices))
    return (
        f"{len(test.images)} images and all {len(test.clips)} clips of the voices "
        f"{', '.join(test_voices)} held out; trained on {len(train.images)} images and "
        f"{len(train.clips)} clips of {', '.join(train_voices)}; pairs drawn inside a split"
    )


def identify(bank: DigitBank) -> str:
    """What identifies a split's items."""
    return digest({"images": bank.images, "clips": bank.clips})
