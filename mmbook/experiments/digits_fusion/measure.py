"""Accuracy at every level of noise, by name: "SYSTEM @ CONDITION"."""

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from mmbook.batch import Batch
from mmbook.datasets.digits.items import Corruption, DigitBank, draw
from mmbook.evaluation import accuracy, expected_calibration_error, predict
from mmbook.experiments.digits_fusion.config import BOTH, SYSTEMS, THREE, DigitsFusionConfig
from mmbook.models import MultimodalModel
from mmbook.tokens import Tokens

TEST_SEED = 10_000  # so that no test sample gets the noise of a training sample


@torch.inference_mode()
def measure(
    models: Mapping[str, MultimodalModel],
    temperatures: Mapping[str, float],
    bank: DigitBank,
    config: DigitsFusionConfig,
    seed: int,
) -> dict[str, float]:
    """Accuracies of every system on the bank, calibration errors of the ear, temperatures."""
    images = {
        f"image {sigma:g}": _test(bank, config, seed, Corruption(image_noise=sigma))
        for sigma in config.image_noise
    }
    audios = {
        f"audio {'clean' if snr is None else f'{snr:g} dB'}": _test(
            bank, config, seed, Corruption(audio_snr_db=snr)
        )
        for snr in config.audio_snr_db
    }
    operating = _test(bank, config, seed, config.operating_point)
    targets = operating.target
    scores = _both(models, temperatures, images, audios) | _three(models, operating)
    found = {name: accuracy(value, targets) for name, value in scores.items()}
    for level in audios:
        heard = scores[f"audio alone @ {level}"]
        calm = heard / temperatures["audio"]
        found[f"calibration error of audio @ {level}"] = expected_calibration_error(heard, targets)
        found[f"calibration error of calibrated audio @ {level}"] = expected_calibration_error(
            calm, targets
        )
    found |= {f"temperature of {sense}": value for sense, value in temperatures.items()}
    return {"majority": targets.bincount().max().item() / len(targets)} | found


def _test(bank: DigitBank, config: DigitsFusionConfig, seed: int, noise: Corruption) -> Batch:
    """Test samples: the same items for the same seed, whatever the noise, and other noise than in
    training."""
    return draw(bank, config.test_size, corruption=noise, seed=TEST_SEED + seed)


def _both(
    models: Mapping[str, MultimodalModel],
    temperatures: Mapping[str, float],
    images: Mapping[str, Batch],
    audios: Mapping[str, Batch],
) -> dict[str, Tensor]:
    """Scores of all systems with image and audio, each pair of levels, each sense alone."""
    scores = {}
    for sense, levels in (("image", images), ("audio", audios)):
        for level, samples in levels.items():
            scores[f"{sense} alone @ {level}"] = predict(
                models[f"{sense} alone"], samples.only(sense)
            )
    for name, system in SYSTEMS.items():
        if system.modalities != BOTH:
            continue
        for level, samples in images.items():
            scores[f"{name}, without audio @ {level}"] = predict(
                models[name], samples.only("image")
            )
        for level, samples in audios.items():
            scores[f"{name}, without image @ {level}"] = predict(
                models[name], samples.only("audio")
            )
        scores |= _grid(name, models[name], images, audios)
    for p in images:
        for s in audios:
            seen, heard = scores[f"image alone @ {p}"], scores[f"audio alone @ {s}"]
            scores[f"product @ {p}, {s}"] = _product([seen, heard])
            scores[f"calibrated product @ {p}, {s}"] = _product(
                [seen / temperatures["image"], heard / temperatures["audio"]]
            )
    return scores


def _grid(
    name: str,
    model: MultimodalModel,
    images: Mapping[str, Batch],
    audios: Mapping[str, Batch],
) -> dict[str, Tensor]:
    """Scores at each pair of levels; each level is encoded once."""
    tokens = {
        level: _encode(model, samples.only(sense))
        for sense, levels in (("image", images), ("audio", audios))
        for level, samples in levels.items()
    }
    return {
        f"{name} @ {p}, {s}": model.decoder(model.fusion(tokens[p] | tokens[s])).cpu()
        for p in images
        for s in audios
    }


@torch.inference_mode()
def _encode(model: MultimodalModel, samples: Batch) -> dict[str, Tokens]:
    """The tokens of all samples, a batch at a time."""
    device = next(model.parameters()).device
    parts = [model.encode(batch.to(device).inputs) for batch in samples.batches(500)]
    return {
        m: Tokens(torch.cat([p[m].values for p in parts]), torch.cat([p[m].mask for p in parts]))
        for m in samples.inputs
    }


def _three(models: Mapping[str, MultimodalModel], operating: Batch) -> dict[str, Tensor]:
    """Scores of each sense and of all three at the operating point."""
    alone = {f"{s} alone": predict(models[f"{s} alone"], operating.only(s)) for s in THREE}
    joined = {n: predict(models[n], operating) for n, s in SYSTEMS.items() if s.modalities == THREE}
    product = {"three, product": _product(list(alone.values()))}
    return {f"{name} @ operating point": v for name, v in (alone | joined | product).items()}


def _product(scores: Sequence[Tensor]) -> Tensor:
    """The log of the product of posteriors, where all classes are equally likely beforehand."""
    return torch.stack([s.log_softmax(dim=1) for s in scores]).sum(dim=0)
