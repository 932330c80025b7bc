"""Which is better, one sense or several, and joined how, as noise grows?

One recogniser a sense, and early and late fusion of them, are trained over a range of noise and
measured at several levels of each sense's. Samples are independent given the digit by construction,
so the product of the single senses' posteriors is the optimal way to join them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

import torch
from torch import Tensor

from mmbook.datasets.digit_bank import VOCABULARY, DigitBank, load_bank
from mmbook.datasets.digits import Degradation, draw
from mmbook.evaluation import Result, accuracy, predict
from mmbook.experiments.trained import trained
from mmbook.models import MultimodalModel, recogniser
from mmbook.samples import Samples
from mmbook.tokens import Tokens
from mmbook.training import TrainingConfig, seed_everything
from mmbook.training.checkpoints import digest

BOTH = ("picture", "speech")
THREE = ("picture", "speech", "text")
TEST_SEED = 10_000  # so that no test sample gets the noise of a training sample


@dataclass(frozen=True)
class System:
    """What joins which senses, and how often training hides one."""

    modalities: tuple[str, ...]
    fusion: str
    dropout: float = 0.0


SYSTEMS = {
    "picture alone": System(("picture",), "late"),
    "speech alone": System(("speech",), "late"),
    "text alone": System(("text",), "late"),
    "early": System(BOTH, "early"),
    "late": System(BOTH, "late"),
    "early, dropout": System(BOTH, "early", 0.5),
    "late, dropout": System(BOTH, "late", 0.5),
    "three, early, dropout": System(THREE, "early", 0.5),
    "three, late, dropout": System(THREE, "late", 0.5),
}
BASELINES = ("majority", "picture alone", "speech alone", "text alone", "product", "three, product")


@dataclass(frozen=True)
class DigitsFusionConfig:
    """Sizes, the noise of training and of testing, and the settings of the training loop.

    The operating point is where each sense alone is right about two times in three.
    """

    seeds: tuple[int, ...] = (0, 1, 2)
    train_size: int = 20_000
    test_size: int = 2_000
    width: int = 64
    training_noise: Degradation = field(
        default_factory=lambda: Degradation(
            picture_noise=(0.0, 2.4), speech_snr_db=(-15.0, 20.0), text_mask=(0.0, 0.9)
        )
    )
    picture_noise: tuple[float, ...] = (0.0, 0.4, 0.8, 1.2, 1.6, 2.4)
    speech_snr_db: tuple[float | None, ...] = (None, 10.0, 0.0, -4.0, -8.0, -12.0)
    operating_point: Degradation = field(
        default_factory=lambda: Degradation(picture_noise=1.6, speech_snr_db=-8.0, text_mask=0.5)
    )
    training: TrainingConfig = field(
        default_factory=lambda: TrainingConfig(
            steps=800,
            batch_size=128,
            learning_rate=3e-3,
            weight_decay=0.1,
            checkpoint_every=200,
        )
    )


TIERS = {
    "mini": DigitsFusionConfig(),
    "full": DigitsFusionConfig(
        train_size=60_000,
        test_size=10_000,
        training=TrainingConfig(
            steps=2_000,
            batch_size=128,
            learning_rate=3e-3,
            weight_decay=0.1,
            checkpoint_every=200,
        ),
    ),
}


def run(tier: str, config: DigitsFusionConfig, folder: Path) -> Result:
    """Train and measure every system for every seed; checkpoints go to the folder."""
    train, test = load_bank("train", tier), load_bank("test", tier)
    per_seed, sizes, seconds = [], {}, 0.0
    for seed in config.seeds:
        models, spent = _train(train, config, seed, folder / f"seed-{seed}")
        seconds += spent
        sizes = {name: sum(p.numel() for p in m.parameters()) for name, m in models.items()}
        per_seed.append(_measure(models, test, config, seed))
    measured = {name: [values[name] for values in per_seed] for name in per_seed[0]}
    baselines = [name for name in measured if name.split(" @ ")[0] in BASELINES]
    return Result(
        experiment="digits-fusion",
        tier=tier,
        metrics={name: v for name, v in measured.items() if name not in baselines},
        baselines={name: {"accuracy": measured[name]} for name in baselines},
        seeds=config.seeds,
        split=describe_splits(train, test),
        config=asdict(config),
        parameters=sizes,
        seconds=round(seconds, 1),
        data={"train": identify(train), "test": identify(test)},
    )


def describe_splits(train: DigitBank, test: DigitBank) -> str:
    """What was held out."""
    train_voices, test_voices = sorted(set(train.voices)), sorted(set(test.voices))
    return (
        f"{len(test.pictures)} pictures and all {len(test.clips)} clips of the voices "
        f"{', '.join(test_voices)} held out; trained on {len(train.pictures)} pictures and "
        f"{len(train.clips)} clips of {', '.join(train_voices)}; pairs drawn inside a split"
    )


def identify(bank: DigitBank) -> str:
    """What identifies a split's items."""
    return digest({"pictures": bank.pictures, "clips": bank.clips})


def _train(
    bank: DigitBank, config: DigitsFusionConfig, seed: int, folder: Path
) -> tuple[dict[str, MultimodalModel], float]:
    """Every system, trained on the same samples, and the seconds that training took."""
    samples = draw(bank, config.train_size, degradation=config.training_noise, seed=seed)
    settings = replace(config.training, seed=seed)
    models, seconds = {}, 0.0
    for name, system in SYSTEMS.items():
        seed_everything(seed)
        model = recogniser(
            system.modalities,
            len(VOCABULARY),
            fusion=system.fusion,
            width=config.width,
            dropout=system.dropout,
        )
        file = name.replace(", ", "-").replace(" ", "-")
        chosen = samples.only(*system.modalities)
        seconds += trained(model, chosen, settings, folder, file)
        models[name] = model
    return models, seconds


@torch.inference_mode()
def _measure(
    models: Mapping[str, MultimodalModel], bank: DigitBank, config: DigitsFusionConfig, seed: int
) -> dict[str, float]:
    """Accuracies by name: "SYSTEM @ CONDITION"."""
    pictures = {
        f"picture {sigma:g}": _test(bank, config, seed, Degradation(picture_noise=sigma))
        for sigma in config.picture_noise
    }
    speeches = {
        f"speech {'clean' if snr is None else f'{snr:g} dB'}": _test(
            bank, config, seed, Degradation(speech_snr_db=snr)
        )
        for snr in config.speech_snr_db
    }
    operating = _test(bank, config, seed, config.operating_point)
    targets = operating.targets
    scores = _both(models, pictures, speeches) | _three(models, operating)
    found = {name: accuracy(value, targets) for name, value in scores.items()}
    return {"majority": targets.bincount().max().item() / len(targets)} | found


def _test(bank: DigitBank, config: DigitsFusionConfig, seed: int, noise: Degradation) -> Samples:
    """Test samples: the same items for the same seed, whatever the noise, and other noise than in
    training."""
    return draw(bank, config.test_size, degradation=noise, seed=TEST_SEED + seed)


def _both(
    models: Mapping[str, MultimodalModel],
    pictures: Mapping[str, Samples],
    speeches: Mapping[str, Samples],
) -> dict[str, Tensor]:
    """Scores of all systems with picture and speech, each pair of levels, each sense alone."""
    scores = {}
    for sense, levels in (("picture", pictures), ("speech", speeches)):
        for level, samples in levels.items():
            scores[f"{sense} alone @ {level}"] = predict(
                models[f"{sense} alone"], samples.only(sense)
            )
    for name, system in SYSTEMS.items():
        if system.modalities != BOTH:
            continue
        for level, samples in pictures.items():
            scores[f"{name}, without speech @ {level}"] = predict(
                models[name], samples.only("picture")
            )
        for level, samples in speeches.items():
            scores[f"{name}, without picture @ {level}"] = predict(
                models[name], samples.only("speech")
            )
        scores |= _grid(name, models[name], pictures, speeches)
    for p in pictures:
        for s in speeches:
            scores[f"product @ {p}, {s}"] = _product(
                [scores[f"picture alone @ {p}"], scores[f"speech alone @ {s}"]]
            )
    return scores


def _grid(
    name: str,
    model: MultimodalModel,
    pictures: Mapping[str, Samples],
    speeches: Mapping[str, Samples],
) -> dict[str, Tensor]:
    """Scores at each pair of levels; each level is encoded once."""
    tokens = {
        level: _encode(model, samples.only(sense))
        for sense, levels in (("picture", pictures), ("speech", speeches))
        for level, samples in levels.items()
    }
    return {
        f"{name} @ {p}, {s}": model.decoder(model.fusion(tokens[p] | tokens[s])).cpu()
        for p in pictures
        for s in speeches
    }


@torch.inference_mode()
def _encode(model: MultimodalModel, samples: Samples) -> dict[str, Tokens]:
    """The tokens of all samples, a batch at a time."""
    device = next(model.parameters()).device
    parts = [model.encode(batch.to(device).inputs) for batch in samples.batches(500)]
    return {
        m: Tokens(torch.cat([p[m].values for p in parts]), torch.cat([p[m].mask for p in parts]))
        for m in samples.inputs
    }


def _three(models: Mapping[str, MultimodalModel], operating: Samples) -> dict[str, Tensor]:
    """Scores of each sense and of all three at the operating point."""
    alone = {f"{s} alone": predict(models[f"{s} alone"], operating.only(s)) for s in THREE}
    joined = {n: predict(models[n], operating) for n, s in SYSTEMS.items() if s.modalities == THREE}
    product = {"three, product": _product(list(alone.values()))}
    return {f"{name} @ operating point": v for name, v in (alone | joined | product).items()}


def _product(scores: Sequence[Tensor]) -> Tensor:
    """The log of the product of posteriors, where all classes are equally likely beforehand."""
    return torch.stack([s.log_softmax(dim=1) for s in scores]).sum(dim=0)
