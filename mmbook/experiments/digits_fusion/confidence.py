"""How sure an eye and an ear should be, measured without the test samples.

An ear that meets new speakers is surer than it is right, and outvotes an eye that is right. Its
confidence on speakers that it has not heard is measured by ears that were trained with one group of
the training voices left out.
"""

from collections.abc import Mapping
from dataclasses import replace

import torch
from torch import Tensor, nn

from mmbook.datasets.digits.bank import DigitBank
from mmbook.evaluation import fit_temperature, predict
from mmbook.experiments.digits_fusion.config import SYSTEMS
from mmbook.experiments.digits_fusion.training import Trainer

_VALIDATION_SEED = 20_000


def temperatures(
    trainer: Trainer, eye: nn.Module, banks: Mapping[str, DigitBank]
) -> dict[str, float]:
    """The temperature of each sense alone, by the sense's name.

    The eye's is fitted on images held out for validation, the ear's on voices that ears were
    trained without.
    """
    size = trainer.config.test_size
    held_out = trainer.samples(banks["validation"], size, _VALIDATION_SEED).only("image")
    return {
        "image": fit_temperature(predict(eye, held_out), held_out.target),
        "audio": fit_temperature(*_strangers(trainer, banks["train"])),
    }


def _strangers(trainer: Trainer, bank: DigitBank) -> tuple[Tensor, Tensor]:
    """Scores and targets of training voices, each by an ear that was trained without them."""
    voices, config = sorted(set(bank.voices)), trainer.config
    scores, targets = [], []
    for fold in range(config.folds):
        left_out = set(voices[fold :: config.folds])
        familiar, strange = without(bank, left_out), without(bank, set(voices) - left_out)
        ear = trainer.train(
            f"audio without {fold}",
            SYSTEMS["audio alone"],
            trainer.samples(familiar, config.train_size),
        )
        heard = trainer.samples(strange, config.test_size // config.folds, _VALIDATION_SEED)
        scores.append(predict(ear, heard.only("audio")))
        targets.append(heard.target)
    return torch.cat(scores), torch.cat(targets)


def without(bank: DigitBank, voices: set[str]) -> DigitBank:
    """The bank without the clips of some voices."""
    rows = [i for i, voice in enumerate(bank.voices) if voice not in voices]
    return replace(
        bank,
        clips=bank.clips[rows],
        clip_labels=bank.clip_labels[rows],
        clip_words=[bank.clip_words[i] for i in rows],
        voices=[bank.voices[i] for i in rows],
    )
