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
from mmbook.evaluation.card import CardText, Shown, model_card
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


def read_scene_search(runs: Path) -> tuple[ModelConfig, nn.Module, dict[str, Any]]:
    """Reads the network that searches scenes; the record says which code made it."""
    model = load_pretrained(runs / f"scene-retrieval-full/seed-{SEED}/scene-search")
    facts = {
        "command": "python -m mmbook.experiments scene-retrieval --tier full",
        "commit": load_result("scene-retrieval", "full").commit,
        "seed": SEED,
    }
    return model.config, model.half(), facts


def _image_card(name: str, title: str, what: str, data: str, limits: str, licence: str) -> CardText:
    shipped, on = "residual, half precision", {"images": name}
    measured = [
        Shown("this network, accuracy", shipped, "accuracy", on),
        Shown("this network, calibration error", shipped, "expected_calibration_error", on),
        Shown("four plain convolutions, accuracy", "convolutional", "accuracy", on),
        Shown("one dense layer of 256 units, accuracy", "dense", "accuracy", on),
    ]
    return CardText(
        title=title,
        summary=what,
        data=data,
        limits=limits,
        licence=licence,
        example="from mmbook.models import load_pretrained\n\n"
        f'load_pretrained("{name.lower()}").predict("image.png").label',
        measured=measured,
    )


_HEARD = {"voices": "recorded"}
_NETWORK = "network", "accuracy"
_SPOKEN = [
    Shown("recorded voices", *_NETWORK, _HEARD),
    *(
        Shown(f"recorded voices, noise at {snr:g} dB", *_NETWORK, {**_HEARD, "snr_db": snr})
        for snr in (20.0, 10.0, 0.0)
    ),
    Shown("recorded voices, linear classifier", "linear classifier", "accuracy", _HEARD),
    Shown("recorded voices, always the same digit", "majority", "accuracy", _HEARD),
    Shown("synthetic voices", *_NETWORK, {"voices": "synthetic"}),
    *(
        Shown(f"synthetic voices, {name}", *_NETWORK, {"voices": "synthetic", "language": name})
        for name in ("English", "Chinese")
    ),
]
_SHIPPED, _HELD_OUT = "InfoNCE, hard negatives", {"pairs": "held out"}
_FOUND = [
    *(
        Shown(
            f"{direction}, {pairs} pairs of shape and colour, recall@1",
            _SHIPPED,
            "recall_at_1",
            {"direction": direction, "pairs": pairs},
        )
        for pairs in ("held out", "seen")
        for direction in ("picture to sentence", "sentence to picture")
    ),
    Shown(
        "sentence without sizes to picture, held out pairs, recall@1",
        _SHIPPED,
        "recall_at_1",
        {"sentence_is": "without sizes", **_HELD_OUT},
    ),
    *(
        Shown(
            f"held-out pairs, {name} told apart",
            _SHIPPED,
            "accuracy",
            {"told_apart": name, **_HELD_OUT},
        )
        for name in ("order", "relation", "binding", "word")
    ),
]
_SENTENCES = {"text": "tatoeba", "sentences": 30_000}

MODELS: Mapping[str, Shipped] = {
    "mnist": Shipped(
        _image_card(
            "MNIST",
            "Handwritten digits",
            "A residual network that reads one handwritten digit, 0 to 9: dark on light or light "
            "on dark, of any size and colours, on a plain background.",
            "MNIST's training file, 60 000 images by about 250 writers. No image is in this "
            "folder.",
            "It knows nothing but digits and names one for any image. The probabilities are too "
            "low on average: it was trained with smoothed labels. Shadows, lines of a form and "
            "several digits are not what it was made for.",
            "[CC BY-SA 3.0](https://creativecommons.org/licenses/by-sa/3.0/), that of MNIST, "
            "published by Yann LeCun, Corinna Cortes and Christopher Burges.",
        ),
        "image-recognition",
        "full",
        read_folder(f"image-recognition-full/MNIST/seed-{SEED}/mnist", torch.float16),
    ),
    "fashion-mnist": Shipped(
        _image_card(
            "Fashion-MNIST",
            "Clothes",
            "A residual network that names one of ten kinds of clothes in an image on a plain "
            "background.",
            "Fashion-MNIST's training file, 60 000 images of a shop's articles. No image is in "
            "this folder.",
            "It names one of its ten kinds for any image. Photographs of people who wear the "
            "clothes are not what it was made for.",
            '[CC BY-SA 3.0](https://creativecommons.org/licenses/by-sa/3.0/), "The MMBook '
            'authors". Fashion-MNIST is published by Zalando SE under the MIT licence.',
        ),
        "image-recognition",
        "full",
        read_folder(
            f"image-recognition-full/Fashion-MNIST/seed-{SEED}/fashion-mnist", torch.float16
        ),
    ),
    "spoken-digits": Shipped(
        CardText(
            title="Spoken digits",
            summary="A convolutional network that names one spoken digit, 0 to 9, English or "
            "Chinese, in a sound of any rate and length.",
            data="Recordings of four speakers of the Free Spoken Digit Dataset, English, and the "
            "book's own spoken digits, English and Chinese, of 16 synthetic voices (see "
            "[data/spoken-digits](../../spoken-digits/README.md)), varied in speed and noise. No "
            "recording of a person is in this folder.",
            limits="Four people are few: strangers are misheard far more often than the voices of "
            "training. All Chinese words are those of one speech synthesiser, so the result for "
            "them says nothing about people. It names a digit for any sound.",
            licence="[CC BY-SA 4.0](https://creativecommons.org/licenses/by-sa/4.0/), that of the "
            "Free Spoken Digit Dataset, by Zohar Jackson and its other contributors.",
            example="from mmbook.models import load_pretrained\n\n"
            'load_pretrained("spoken-digits").predict("three.wav").label',
            measured=_SPOKEN,
        ),
        "spoken-digits",
        "full",
        read_folder(f"spoken-digits-full/seed-{SEED}/spoken-digits", torch.float32),
    ),
    "language-model": Shipped(
        CardText(
            title="Everyday English",
            summary="A recurrent language model, a GRU of width 128 with tied weights, that says "
            "which word may come next in an everyday English sentence.",
            data="The English sentences of the training split of "
            "`mmbook.datasets.real.tatoeba`, without case and punctuation. The words of the "
            "vocabulary are in config.json, the sentences are not here.",
            limits="Single everyday sentences in the words of its vocabulary. What it writes is "
            "grammatical now and then, and means nothing.",
            licence="[CC BY 2.0 FR](https://creativecommons.org/licenses/by/2.0/fr/), that of the "
            "sentences, which are by the contributors of [Tatoeba](https://tatoeba.org).",
            example="from mmbook.models import load_pretrained\n\n"
            'load_pretrained("language-model").predict("How are").label',
            measured=[
                Shown(f"{system}, perplexity", system, "perplexity", _SENTENCES)
                for system in ("GRU", "Kneser-Ney 4", "mixture", "uniform")
            ],
        ),
        "language-model",
        "full",
        read_language_model,
    ),
    "scene-search": Shipped(
        CardText(
            title="Search for scenes",
            summary="A shared space of small pictures and English sentences, of which the sentence "
            "is the nearest that is true of the picture: a convolutional network and a GRU.",
            data="The book's own generated scenes of two coloured shapes on a plain background, "
            "each with one sentence that says how they lie, and with two sentences that are nearly "
            "right and false.",
            limits="It knows eight shapes in eight colours and two sizes, two at a time, and four "
            "relations; no photographs, no other things, no counting, and no word but those in "
            "config.json. Sentences that leave the sizes out find less. It gives every picture a "
            "number for every sentence, also where none fits.",
            licence="MIT, as the book's code: no data of others is in it.",
            example="from mmbook.models import load_pretrained\n\n"
            'search = load_pretrained("scene-search")\n'
            'search.predict("a large red star above a small blue ring", ["a.png", "b.png"])',
            measured=_FOUND,
        ),
        "scene-retrieval",
        "full",
        read_scene_search,
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
