"""What senses are worth to a network by three accounts, and Grad-CAM where cells are averaged."""

from dataclasses import replace
from pathlib import Path

import torch

from mmbook.datasets.digits.bank import TOKENIZER, load_bank
from mmbook.datasets.digits.items import Corruption, draw
from mmbook.evaluation import Row, accuracy, predict
from mmbook.experiments.explainability.config import ExplainabilityExperiment
from mmbook.experiments.harness.trained import trained
from mmbook.explaining import (
    LogProbabilities,
    OneSense,
    grad_cam,
    sense_worths,
    shapley_values,
)
from mmbook.models import MultimodalModel, load_pretrained, recogniser
from mmbook.training import seed_everything

SENSES = ("image", "audio", "text")
PRACTICE = Corruption(image_noise=(0.0, 1.6), audio_snr_db=(-15.0, 20.0), text_mask=(0.0, 1.0))
CONDITIONS = {
    "nothing disturbed": Corruption(),
    "all three disturbed": Corruption(image_noise=1.2, audio_snr_db=-10.0, text_mask=0.5),
    "the picture is noise": Corruption(image_noise=2.4),
}
TEST_SEED = 10_000  # so that no test sample has the noise of a training sample


def learned(
    seed: int, config: ExplainabilityExperiment, folder: Path
) -> tuple[MultimodalModel, float]:
    """The network of three senses, and the seconds that its training took."""
    train = draw(load_bank("train", config.bank), config.train_size, corruption=PRACTICE, seed=seed)
    seed_everything(seed)
    model = recogniser(SENSES, len(TOKENIZER), width=config.width, dropout=config.dropout)
    settings = replace(config.training, seed=seed)
    return model, trained(model, train, settings, folder, "three senses", __name__)


def worth(seed: int, config: ExplainabilityExperiment, model: MultimodalModel) -> list[Row]:
    """What each sense adds to nobody, what is lost without it, and its Shapley value, in nats."""
    bank, scored, rows = load_bank("test", config.bank), LogProbabilities(model.eval()), []
    for condition, corruption in CONDITIONS.items():
        test = draw(bank, config.test_size, corruption=corruption, seed=TEST_SEED + seed)
        worths = sense_worths(scored, test.inputs, test.target).double()  # (8, n)
        shared = shapley_values(worths)  # (3, n)
        at = {"samples": condition}
        right = accuracy(predict(model, test), test.target)
        rows.append(Row("all senses", "accuracy", seed, right, at))
        rows.append(Row("all senses", "nats", seed, float((worths[7] - worths[0]).mean()), at))
        for m, sense in enumerate(SENSES):
            for account, values in (
                ("alone", worths[1 << m] - worths[0]),
                ("missed", worths[7] - worths[7 ^ 1 << m]),
                ("Shapley", shared[m]),
            ):
                where = {"account": account, **at}
                rows.append(Row(sense, "nats", seed, float(values.mean()), where))
    return rows


def two_digits(seed: int, config: ExplainabilityExperiment) -> list[Row]:
    """Of the Grad-CAM of two digits side by side, how much is on the one that is asked for."""
    drawn = draw(load_bank("test", config.bank), config.digits, corruption=Corruption(), seed=seed)
    images, labels, half = drawn.inputs["image"], drawn.target, config.digits // 2
    keep = labels[:half] != labels[half : 2 * half]
    sides = {"left": slice(half), "right": slice(half, 2 * half)}
    wide = torch.cat([images[rows][keep] for rows in sides.values()], dim=-1)
    model = load_pretrained("mnist")
    layer = model.encoders["image"].norm
    rows = []
    for side, part in sides.items():
        cam = grad_cam(OneSense(model, "image"), wide, labels[part][keep], layer)
        middle = cam.shape[-1] // 2
        own = cam[..., :middle] if side == "left" else cam[..., middle:]
        found = own.sum((1, 2)) / cam.sum((1, 2)).clamp(min=1e-9)
        at = {"network": "digits", "side": side}
        rows.append(Row("Grad-CAM", "share", seed, float(found.mean()), at))
    return rows
