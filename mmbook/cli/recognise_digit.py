"""Says which digit each image shows, and which one is said in each sound."""

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated, Any

import soundfile
import tyro

from mmbook.cli.files import IMAGES, SOUNDS, find_files, reason
from mmbook.models import Prediction, Recogniser, load_pretrained

PROGRAM = "python -m mmbook recognise-digit"
MODELS = {"image": "mnist", "sound": "spoken-digits"}


@dataclass(frozen=True)
class Options:
    """Say which digit each image shows, and which one is said in each sound.

    An image holds one digit on a plain background, dark on light or light on dark, of any size. A
    sound holds one spoken digit, English or Chinese. What cannot be read is named on stderr while
    the rest is done; the exit status is then 1.
    """

    inputs: Annotated[tuple[Path, ...], tyro.conf.Positional, tyro.conf.arg(metavar="INPUT...")]
    """Images (PNG, JPEG), sounds (WAV, FLAC, Ogg, MP3), or folders, which are searched for them."""

    as_json: Annotated[bool, tyro.conf.arg(name="json"), tyro.conf.FlagCreatePairsOff] = False
    """Write a JSON object for each input, one a line, with what went wrong under "error"."""


def main(words: list[str]) -> int:
    """Run what the command line says; returns the exit status."""
    options = tyro.cli(Options, args=words, prog=PROGRAM)
    if not options.inputs:
        print(f"error: name an image, a sound or a folder; see {PROGRAM} --help", file=sys.stderr)
        return 2
    status = 0
    for path, answer in answers(options.inputs):
        if "error" in answer:
            status = 1
            print(f"error: {path}: {answer['error']}", file=sys.stderr)
        if options.as_json:
            print(json.dumps({"input": str(path), **answer}, ensure_ascii=False))
        elif "error" not in answer:
            print(f"{path}: {answer['digit']} ({answer['probability']:.1%})")
    return status


def answers(inputs: tuple[Path, ...]) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Each file, and what it shows or says, or why it cannot be used."""
    for path, problem in find_files(inputs, IMAGES | SOUNDS):
        try:
            if problem:
                raise problem
            kind = kind_of(path)
            found: Prediction = _model(kind).predict(path)
        except (ValueError, OSError) as error:
            yield path, {"error": reason(error, path)}
        else:
            digit, probability = int(found.label), round(found.probability, 4)
            yield path, {"kind": kind, "digit": digit, "probability": probability}


def kind_of(path: Path) -> str:
    """ "image" or "sound": by the ending of its name, or where that says nothing by its content."""
    if path.suffix.lower() in IMAGES:
        return "image"
    if path.suffix.lower() in SOUNDS:
        return "sound"
    try:
        with path.open("rb") as file:
            soundfile.info(file)
    except (RuntimeError, TypeError):
        return "image"
    return "sound"


@cache
def _model(kind: str) -> Recogniser:
    return load_pretrained(MODELS[kind])
