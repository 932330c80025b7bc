"""The experiments that can be run by name."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mmbook.evaluation import Result
from mmbook.experiments import (
    copying,
    digits_fusion,
    image_recognition,
    language_model,
    learning_curves,
    resizing,
    speech_features,
    spoken_digits,
    tokenisation,
    transformer_parts,
)


@dataclass(frozen=True)
class Experiment:
    """A named experiment: a configuration for each tier, and what runs one.

    run: (tier, configuration, folder for checkpoints) to its result.
    """

    name: str
    summary: str
    tiers: Mapping[str, Any]
    run: Callable[[str, Any, Path], Result]


EXPERIMENTS = {
    experiment.name: experiment
    for experiment in [
        Experiment(
            "digits-fusion",
            "Recognise a digit seen, heard and read: each sense alone, early and late fusion.",
            digits_fusion.TIERS,
            digits_fusion.run,
        ),
        Experiment(
            "speech-features",
            "Spoken digits by a plain classifier: what each step from waveform to MFCC is worth.",
            speech_features.TIERS,
            speech_features.run,
        ),
        Experiment(
            "spoken-digits",
            "Spoken digits by a network, of voices that it never heard.",
            spoken_digits.TIERS,
            spoken_digits.run,
        ),
        Experiment(
            "resizing",
            "Train with one way to resize images and serve with another: what that costs.",
            resizing.TIERS,
            resizing.run,
        ),
        Experiment(
            "tokenisation",
            "Text in two languages as numbers: tokens, unknown words, segments, and what is lost.",
            tokenisation.TIERS,
            tokenisation.run,
        ),
        Experiment(
            "image-recognition",
            "Digits and clothes by a residual network, plainer ones, and with a part taken out.",
            image_recognition.TIERS,
            image_recognition.run,
        ),
        Experiment(
            "language-model",
            "Predict the next word by counts of short runs, by a recurrent network, or by both.",
            language_model.TIERS,
            language_model.run,
        ),
        Experiment(
            "learning-curves",
            "Networks with and without convolution, by number of images and of wrong labels.",
            learning_curves.TIERS,
            learning_curves.run,
        ),
        Experiment(
            "copying",
            "Say the first symbol of a sequence again, or all: networks by what they can remember.",
            copying.TIERS,
            copying.run,
        ),
        Experiment(
            "transformer-parts",
            "Predict the next word with a transformer that lacks one of its parts.",
            transformer_parts.TIERS,
            transformer_parts.run,
        ),
    ]
}


def find(name: str, tier: str) -> tuple[Experiment, Any]:
    """An experiment and its configuration for a tier; ValueError names what there is."""
    if name not in EXPERIMENTS:
        raise ValueError(f"no experiment {name!r}; there are: {', '.join(EXPERIMENTS)}")
    experiment = EXPERIMENTS[name]
    if tier not in experiment.tiers:
        raise ValueError(f"no tier {tier!r} of {name}; there are: {', '.join(experiment.tiers)}")
    return experiment, experiment.tiers[tier]
