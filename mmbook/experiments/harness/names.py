"""The names of the experiments, and what can be said of them without what they compute with."""

import ast
import json
from collections.abc import Iterator
from pathlib import Path

from mmbook.paths import results_folder

PROGRAM = "python -m mmbook.experiments"
TIERS = ("mini", "medium", "full")  # every experiment has the last, and most have the first
MODULES = (
    "digits_fusion",
    "spoken_digits",
    "speech_features",
    "resizing",
    "tokenisation",
    "image_recognition",
    "language_model",
    "learning_curves",
    "copying",
    "transformer_parts",
    "fusion_games",
    "imbalance",
    "av_mnist",
    "scene_retrieval",
    "scene_captioning",
    "photo_captioning",
    "calibration",
    "shared_space",
    "emoji_retrieval",
    "digit_gan",
    "scene_gan",
    "speech_quality",
    "privacy",
    "data_scarcity",
    "scaling",
    "explainability",
    "speech_recognition",
)
# Ask what only a real set can answer, and have no tier mini.
REAL_ONLY = ("emoji_retrieval", "photo_captioning")


def listing(results: Path | None = None) -> Iterator[str]:
    """Lines on what can be run: each experiment, and what each tier of it took when recorded."""
    yield (
        f"{PROGRAM} NAME [--tier {'|'.join(TIERS)}] [--runs FOLDER] [--record]"
        " [--help for the options of NAME]\n"
    )
    for module in MODULES:
        name = module.replace("_", "-")
        yield f"{name:18} {summary(module)}"
        for tier in TIERS:
            record = (results or results_folder()) / f"{name}-{tier}.json"
            optional = tier == "medium" or (tier == "mini" and module in REAL_ONLY)
            if not optional or record.is_file():
                yield f"  --tier {tier:11} {_took(record)}"
    yield f"{'status':18} Which recorded results this code made, and which other code did."


def summary(module: str) -> str:
    """The first line of a module's docstring, read and not imported."""
    place = Path(__file__).parents[1] / module
    file = place / "__init__.py" if place.is_dir() else place.with_suffix(".py")
    said = ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or ""
    return said.partition("\n")[0]


def _took(record: Path) -> str:
    """What a recorded run took, and on what. Raises ValueError for a file that is no record."""
    if not record.is_file():
        return "not recorded"
    try:
        facts = json.loads(record.read_text(encoding="utf-8"))
        seconds, seeds, hardware = facts["seconds"], len(facts["seeds"]), facts["hardware"]
        each = seconds / seeds
    except (ValueError, TypeError, KeyError, ZeroDivisionError) as error:
        raise ValueError(f"{record} is not a whole record: {error!r}") from error
    return f"{duration(seconds)} for {seeds} seeds, {duration(each)} each, on {hardware}"


def duration(seconds: float) -> str:
    """For people: "0.2 s", "52 s", "28 min", "1.5 h"."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    if seconds < 120:
        return f"{seconds:.0f} s"
    if seconds < 7200:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h"
