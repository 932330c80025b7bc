"""Says in a sentence what each picture of coloured shapes shows."""

import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import torch
import tyro
from torch import Tensor

from mmbook.cli.files import InputError, printable
from mmbook.cli.pictures import each_picture
from mmbook.cli.progress import say
from mmbook.command_line import parse
from mmbook.models import load_pretrained
from mmbook.models.captioning import Captioner, Language

PROGRAM = "python -m mmbook caption"
MODELS: dict[Language, Path | str] = {"en": "scene-captioner", "zh": "scene-captioner-zh"}
BATCH = 64  # pictures that are described together
MOST = 16  # candidates of a search
BACKGROUND, NEAR = 225 / 255, 12 / 255  # the grey of scenes, and what counts as that
LEAST = 2 / 3  # of a picture that must be so grey
ELSEWHERE = "less than two thirds of it are the light grey background that the model knows"
ENDLESS = "the sentence finds no end"


@dataclass(frozen=True)
class Options:
    """Say in a sentence what each picture shows: "a small red circle at the top left and ...".

    What the models know: scenes of one to four coloured shapes on a plain light grey background, as
    mmbook.datasets.scenes draws them: small and large circles, squares, triangles, stars, diamonds,
    crosses, rings and hearts, in red, orange, yellow, green, blue, purple, brown and grey. They see
    a picture stretched to a square of few pixels.

    What they do not know: photographs, other things, other backgrounds. They have a sentence for
    every picture. It is marked as doubtful where too little of the picture has that background, or
    where the sentence finds no end; but letters or a face on that very grey get a sentence like
    any other, which means nothing.

    What cannot be read is named on stderr while the rest is done; the exit status is then 1.
    """

    inputs: Annotated[tuple[Path, ...], tyro.conf.Positional, tyro.conf.arg(metavar="PICTURE...")]
    """Pictures (PNG, JPEG), or folders, which are searched for them."""

    language: Language = "en"
    """English, or Chinese."""

    beam: Annotated[int, tyro.conf.arg(metavar="N")] = 3
    """How many candidates the search for a probable sentence keeps; 1 takes word by word."""

    as_json: Annotated[bool, tyro.conf.arg(name="json"), tyro.conf.FlagCreatePairsOff] = False
    """Write a JSON object for each picture, one a line, with "caption" and "doubts", or with what
    went wrong under "error"."""


def main(words: list[str]) -> int:
    """Run what the command line says; returns the exit status."""
    try:
        options = parse(Options, words, PROGRAM)
        if not options.inputs:
            raise InputError(f"name a picture or a folder; see {PROGRAM} --help")
        if not 1 <= options.beam <= MOST:
            raise InputError(f"--beam must be 1 to {MOST} candidates, not {options.beam}")
        model: Captioner = load_pretrained(MODELS[options.language])
    except (ValueError, OSError) as error:
        print(f"error: {printable(error)}", file=sys.stderr)
        return 2
    status = 0
    for path, answer in answers(model, options):
        status |= "error" in answer
        show(path, answer, options)
    return status


def answers(model: Captioner, options: Options) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Each file, and what is said of it, or why it cannot be used."""
    waiting: list[tuple[Path, Tensor | str]] = []
    for path, picture in each_picture(model.config.image, options.inputs):
        waiting.append((path, picture))
        if len(waiting) == BATCH:
            yield from described(model, waiting, options.beam)
            waiting.clear()
    yield from described(model, waiting, options.beam)


def described(
    model: Captioner, found: Sequence[tuple[Path, Tensor | str]], beam: int
) -> Iterator[tuple[Path, dict[str, Any]]]:
    """The same of files that are read: pictures (3, size, size), or why there is none."""
    pictures = [picture for _, picture in found if isinstance(picture, Tensor)]
    said = iter(model.caption(torch.stack(pictures), beam) if pictures else ())
    for path, picture in found:
        if isinstance(picture, str):
            yield path, {"error": picture}
        else:
            caption = next(said)
            yield path, {"caption": caption, "doubts": doubts(model, picture, caption)}


def doubts(model: Captioner, picture: Tensor, caption: str) -> list[str]:
    """Why the sentence about a picture, (3, size, size) in [0, 1], may mean nothing; often none.

    How probable the model finds its sentence says less: it is sure of itself on letters, too.
    """
    grey = ((picture - BACKGROUND).abs() <= NEAR).all(dim=0)  # (size, size)
    found = [ELSEWHERE] if float(grey.float().mean()) < LEAST else []
    if len(model.tokenizer.encode(caption)) >= model.config.longest:
        found.append(ENDLESS)
    return found


def show(path: Path, answer: dict[str, Any], options: Options) -> None:
    """Write what is said of a picture, or what went wrong."""
    name = printable(path)
    if "error" in answer:
        say(f"error: {name}: {answer['error']}")
    if options.as_json:
        print(json.dumps({"input": str(path), **answer}, ensure_ascii=False))
    elif "error" not in answer:
        print(f"{name}: {'[doubtful] ' if answer['doubts'] else ''}{answer['caption']}")
        for doubt in answer["doubts"]:
            say(f"note: {name}: doubtful, as {doubt}")
