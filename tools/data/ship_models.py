"""Ships trained models: `python -m tools.data.ship_models RUNS [NAME ...]`.

Reads what the experiments left in RUNS (`python -m mmbook.experiments EXPERIMENT --tier TIER --runs
RUNS --record`) for seed 0, and writes data/models/NAME with a card made from the record.
`python -m tools.data.ship_models cards` makes the cards anew, from the records as they are now.
"""

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn

from mmbook.datasets.texts import load_texts
from mmbook.decoders import RecurrentDecoder
from mmbook.evaluation import load_result
from mmbook.evaluation.card import CardText, model_card
from mmbook.evaluation.environment import commit
from mmbook.experiments.language_model import TIERS
from mmbook.models import (
    EnglishWords,
    ModelConfig,
    NextToken,
    NextWordConfig,
    load_pretrained,
    read_facts,
    save_pretrained,
)
from mmbook.models.pretrained import CARD
from mmbook.paths import data_folder
from mmbook.training import load_weights
from tools.data import model_cards as cards

SEED = 0
Read = Callable[[Path], tuple[ModelConfig, nn.Module, dict[str, Any]]]


@dataclass(frozen=True)
class Shipped:
    """A model that ships: its card, the record that the card quotes, and how a run is read."""

    card: CardText
    experiment: str
    tier: str
    read: Read


def read_folder(place: str, precision: torch.dtype) -> Read:
    """Reads a model that the experiment itself has written as a folder, in the precision of it."""

    def read(runs: Path) -> tuple[ModelConfig, nn.Module, dict[str, Any]]:
        folder = runs / place
        model = load_pretrained(folder)
        return model.config, model.to(precision), read_facts(folder)

    return read


def read_language_model(runs: Path) -> tuple[ModelConfig, nn.Module, dict[str, Any]]:
    """Reads the network trained on Tatoeba's sentences, which knows no words, and adds them."""
    config = TIERS["full"]
    words = load_texts("full", config.fewest, SEED)["tatoeba"].vocabulary
    network = NextToken(RecurrentDecoder(len(words), config.width, dropout=config.dropout))
    (file,) = (runs / f"language-model-full/seed-{SEED}").glob(
        f"tatoeba-{max(config.sizes)}-*.safetensors"
    )
    run = load_weights(file, network)
    described = NextWordConfig(EnglishWords(words.words), config.width)
    model = described.build()
    model.decoder.load_state_dict(network.model.state_dict())
    facts = {"command": "python -m mmbook.experiments language-model --tier full"}
    return described, model.half(), {**facts, "commit": commit(), **run}


def read_recorded(experiment: str, place: str, precision: torch.dtype) -> Read:
    """Reads a model that an experiment of one command has left; its record says which code did."""

    def read(runs: Path) -> tuple[ModelConfig, nn.Module, dict[str, Any]]:
        model = load_pretrained(runs / f"{experiment}-full/seed-{SEED}/{place}")
        facts = {
            "command": f"python -m mmbook.experiments {experiment} --tier full",
            "commit": load_result(experiment, "full").commit,
            "seed": SEED,
        }
        return model.config, model.to(precision), facts

    return read


MODELS: Mapping[str, Shipped] = {
    "mnist": Shipped(
        cards.MNIST,
        "image-recognition",
        "full",
        read_folder(f"image-recognition-full/MNIST/seed-{SEED}/mnist", torch.float16),
    ),
    "fashion-mnist": Shipped(
        cards.FASHION_MNIST,
        "image-recognition",
        "full",
        read_folder(
            f"image-recognition-full/Fashion-MNIST/seed-{SEED}/fashion-mnist", torch.float16
        ),
    ),
    "spoken-digits": Shipped(
        cards.SPOKEN_DIGITS,
        "spoken-digits",
        "full",
        read_folder(f"spoken-digits-full/seed-{SEED}/spoken-digits", torch.float32),
    ),
    "language-model": Shipped(
        cards.LANGUAGE_MODEL,
        "language-model",
        "full",
        read_language_model,
    ),
    "scene-search": Shipped(
        cards.SCENE_SEARCH,
        "scene-retrieval",
        "full",
        read_recorded("scene-retrieval", "scene-search", torch.float16),
    ),
    "scene-captioner": Shipped(
        cards.SCENE_CAPTIONER,
        "scene-captioning",
        "full",
        read_recorded("scene-captioning", "scene-captioner", torch.float32),
    ),
    "scene-captioner-zh": Shipped(
        cards.SCENE_CAPTIONER_ZH,
        "scene-captioning",
        "full",
        read_recorded("scene-captioning", "scene-captioner-zh", torch.float32),
    ),
    "digit-drawing": Shipped(
        cards.DIGIT_DRAWING,
        "digit-gan",
        "full",
        read_recorded("digit-gan", "drawing", torch.float32),
    ),
    "scene-drawing": Shipped(
        cards.SCENE_DRAWING,
        "scene-gan",
        "full",
        read_recorded("scene-gan", "scene-drawing", torch.float16),
    ),
    "speech-quality": Shipped(
        cards.SPEECH_QUALITY,
        "speech-quality",
        "full",
        read_recorded("speech-quality", "speech-quality", torch.float32),
    ),
}


def card_of(name: str, facts: Mapping[str, Any]) -> str:
    """The card of a model that ships, as its record says."""
    shipped = MODELS[name]
    return model_card(shipped.card, load_result(shipped.experiment, shipped.tier), facts)


def ship(name: str, config: ModelConfig, model: nn.Module, facts: Mapping[str, Any]) -> Path:
    """Write a model and its card into data/models; returns the folder."""
    kept = {key: value for key, value in facts.items() if key != "config"}
    folder = data_folder() / "models" / name
    save_pretrained(folder, config, model, card=card_of(name, kept), facts=kept)
    return folder


def main(words: list[str]) -> int:
    """Do what the command line says; returns the exit status."""
    if not words or (unknown := set(words[1:]) - MODELS.keys()):
        print(__doc__ if not words else f"unknown {unknown}; there are {list(MODELS)}")
        return 2
    for name in words[1:] or MODELS:
        if words[0] == "cards":
            path = data_folder() / "models" / name / CARD
            path.write_text(card_of(name, read_facts(name)).rstrip() + "\n", encoding="utf-8")
        else:
            print(ship(name, *MODELS[name].read(Path(words[0]))))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
