"""Accuracy at every level of noise, a row for each system and level."""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass

import torch
from torch import Tensor

from mmbook.batch import Batch
from mmbook.datasets.digits.items import Corruption, DigitBank, draw
from mmbook.evaluation import (
    Row,
    accuracy,
    expected_calibration_error,
    majority_accuracy,
    predict,
)
from mmbook.experiments.digits_fusion.config import BOTH, SYSTEMS, THREE, DigitsFusionConfig
from mmbook.models import MultimodalModel
from mmbook.tokens import Tokens

TEST_SEED = 10_000  # so that no test sample gets the noise of a training sample
Condition = dict[str, str | float | None]


@dataclass(frozen=True)
class Level:
    """Test samples, and the noise on them by the names of `Corruption`."""

    condition: Condition
    samples: Batch


@dataclass(frozen=True)
class Scored:
    """The scores (n, classes) of a system under a condition."""

    system: str
    condition: Condition
    scores: Tensor


@torch.inference_mode()
def measure(
    models: Mapping[str, MultimodalModel],
    temperatures: Mapping[str, float],
    bank: DigitBank,
    config: DigitsFusionConfig,
    seed: int,
) -> list[Row]:
    """Accuracies of every system on the bank, calibration errors of the ear, temperatures."""
    images, audios = _levels(bank, config, seed)
    operating = _level(bank, config, seed, disturbances(config.operating_point))
    targets = operating.samples.target
    alone = _alone(models, "image", images) + _alone(models, "audio", audios)
    scored = [
        *alone,
        *_both(models, images, audios),
        *_products(alone, temperatures),
        *_three(models, operating),
    ]
    rows = [Row("majority", "accuracy", seed, majority_accuracy(targets))]
    for one in scored:
        value = accuracy(one.scores, targets)
        rows.append(Row(one.system, "accuracy", seed, value, one.condition))
    for heard in (one for one in alone if one.system == "audio alone"):
        calm = Scored(
            "audio alone, calibrated", heard.condition, heard.scores / temperatures["audio"]
        )
        for one in (heard, calm):
            error = expected_calibration_error(one.scores, targets)
            rows.append(Row(one.system, "expected_calibration_error", seed, error, one.condition))
    for sense, value in temperatures.items():
        rows.append(Row(f"{sense} alone", "temperature", seed, value))
    return rows


def _levels(
    bank: DigitBank, config: DigitsFusionConfig, seed: int
) -> tuple[list[Level], list[Level]]:
    """The images at each level of their noise, and the clips at each of theirs.

    Each sense has a random stream of its own, so the samples of one draw serve as a level of both.
    """
    noise, ratios = config.image_noise, config.audio_snr_db
    images, audios = [], []
    for i in range(max(len(noise), len(ratios))):
        seen: Condition = {"image_noise": noise[i % len(noise)]}
        heard: Condition = {"audio_snr_db": ratios[i % len(ratios)]}
        samples = _level(bank, config, seed, seen | heard).samples
        if i < len(noise):
            images.append(Level(seen, samples.only("image")))
        if i < len(ratios):
            audios.append(Level(heard, samples.only("audio")))
    return images, audios


def _level(bank: DigitBank, config: DigitsFusionConfig, seed: int, noise: Condition) -> Level:
    """Test samples: the same items for the same seed, whatever the noise, and other noise than in
    training."""
    corruption = Corruption(**noise)  # type: ignore[arg-type]
    samples = draw(bank, config.test_size, corruption=corruption, seed=TEST_SEED + seed)
    return Level(noise, samples)


def disturbances(noise: Corruption) -> Condition:
    """What disturbs, by name: all that is not as in `Corruption()`."""
    usual = asdict(Corruption())
    return {name: value for name, value in asdict(noise).items() if value != usual[name]}


def _alone(
    models: Mapping[str, MultimodalModel], sense: str, levels: Sequence[Level]
) -> list[Scored]:
    """Scores of one sense alone at each of its levels."""
    name = f"{sense} alone"
    return [Scored(name, level.condition, predict(models[name], level.samples)) for level in levels]


def _both(
    models: Mapping[str, MultimodalModel], images: Sequence[Level], audios: Sequence[Level]
) -> Iterator[Scored]:
    """Scores of all systems with image and audio: with one of the two missing, then with both."""
    for name, system in SYSTEMS.items():
        if system.modalities != BOTH:
            continue
        yield from _grid(name, models[name], images, audios)


def _grid(
    name: str, model: MultimodalModel, images: Sequence[Level], audios: Sequence[Level]
) -> Iterator[Scored]:
    """Scores of each level alone, the other sense missing, and of pairs; each is encoded once."""
    seen, heard = (
        [(level.condition, _encode(model, level.samples)) for level in levels]
        for levels in (images, audios)
    )
    for missing, levels in (("audio", seen), ("image", heard)):
        for condition, tokens in levels:
            yield Scored(name, {**condition, "missing": missing}, _decode(model, tokens))
    for (noise, image), (ratio, audio) in itertools.product(seen, heard):
        yield Scored(name, noise | ratio, _decode(model, image | audio))


def _decode(model: MultimodalModel, tokens: Mapping[str, Tokens]) -> Tensor:
    return model.decoder(model.fusion(model.complete(tokens))).cpu()


def _products(alone: Sequence[Scored], temperatures: Mapping[str, float]) -> Iterator[Scored]:
    """The product of each pair of levels of the two senses, as they are and calibrated."""
    images, audios = ([s for s in alone if s.system == f"{sense} alone"] for sense in BOTH)
    for seen, heard in itertools.product(images, audios):
        condition = seen.condition | heard.condition
        yield Scored("product", condition, _product([seen.scores, heard.scores]))
        calm = [seen.scores / temperatures["image"], heard.scores / temperatures["audio"]]
        yield Scored("calibrated product", condition, _product(calm))


@torch.inference_mode()
def _encode(model: MultimodalModel, samples: Batch) -> dict[str, Tokens]:
    """The tokens of all samples, a batch at a time."""
    device = next(model.parameters()).device
    parts = [model.encode(batch.to(device).inputs) for batch in samples.batches(500)]
    return {
        m: Tokens(torch.cat([p[m].values for p in parts]), torch.cat([p[m].mask for p in parts]))
        for m in samples.inputs
    }


def _three(models: Mapping[str, MultimodalModel], operating: Level) -> Iterator[Scored]:
    """Scores of each sense and of all three at the operating point."""
    samples = operating.samples
    alone = {f"{s} alone": predict(models[f"{s} alone"], samples.only(s)) for s in THREE}
    joined = {n: predict(models[n], samples) for n, s in SYSTEMS.items() if s.modalities == THREE}
    product = {"three, product": _product(list(alone.values()))}
    for name, scores in (alone | joined | product).items():
        yield Scored(name, operating.condition, scores)


def _product(scores: Sequence[Tensor]) -> Tensor:
    """The log of the product of posteriors, where all classes are equally likely beforehand."""
    return torch.stack([s.log_softmax(dim=1) for s in scores]).sum(dim=0)
