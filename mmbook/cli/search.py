"""Finds the pictures that a sentence describes."""

import json
import os
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import torch
import tyro

from mmbook.cli.files import InputError, check_place, printable
from mmbook.cli.pictures import Pictures, read_pictures
from mmbook.cli.progress import say
from mmbook.cli.sheet import write_sheet
from mmbook.command_line import parse
from mmbook.models import load_pretrained
from mmbook.models.retrieval import ImageSearch
from mmbook.preprocessing.text.characters import read_lines

PROGRAM = "python -m mmbook search"
MODEL = "scene-search"  # the name of a model that ships, or a folder
LONGEST = 64  # words of a sentence; those of training have about ten
BATCH = 256  # sentences that are compared with all pictures together


@dataclass(frozen=True)
class Options:
    """Find the pictures that a sentence describes: "a small red circle left of a large blue star".

    What the model knows: pictures of two coloured shapes on a plain background, and English
    sentences that say what both are and how they lie. Its words: a; small, large; red, orange,
    yellow, green, blue, purple, brown, grey; circle, square, triangle, star, diamond, cross, ring,
    heart; left of, right of, above, below. It is best where both shapes have size and colour.

    What it does not know: photographs, other objects, other words, counting, denials. It puts such
    pictures into an order too, which then means nothing. It sees each picture as a whole, stretched
    to a square of few pixels. A score is a cosine, from -1 to 1: it orders the pictures of one
    sentence and is no probability.

    What cannot be used is named on stderr while the rest is done; the exit status is then 1.
    """

    inputs: Annotated[
        tuple[str, ...], tyro.conf.Positional, tyro.conf.arg(metavar="SENTENCE PICTURE...")
    ]
    """The sentence (none with --queries), then images (PNG, JPEG), or folders that hold them."""

    queries: Annotated[str, tyro.conf.arg(metavar="FILE")] = ""
    """Look for each line of this text file (UTF-8), in the place of SENTENCE; - is stdin."""

    top: Annotated[int, tyro.conf.arg(metavar="N")] = 5
    """How many pictures to show for a sentence, the best first."""

    as_json: Annotated[bool, tyro.conf.arg(name="json"), tyro.conf.FlagCreatePairsOff] = False
    """Write a JSON object for each sentence, one a line, with what went wrong under "error"."""

    html: Annotated[Path | None, tyro.conf.arg(metavar="FILE")] = None
    """Also write a sheet with the pictures: one file, for any browser, that needs no other."""


def main(words: list[str]) -> int:
    """Run what the command line says; returns the exit status."""
    try:
        options = parse(Options, words, PROGRAM)
        sentences, inputs = asked(options)
        if options.html:
            check_place(options.html)
        model: ImageSearch = load_pretrained(MODEL)
    except (ValueError, OSError) as error:
        print(f"error: {printable(error)}", file=sys.stderr)
        return 2
    queries = [read_query(model, sentence) for sentence in sentences]
    if options.queries:
        queries = [{"line": number, **query} for number, query in enumerate(queries, 1)]
    pictures = Pictures()
    if any("error" not in query for query in queries):
        pictures = read_pictures(model, inputs)
        if not pictures.paths:
            say("error: there is no picture to search in: name PNG or JPEG files, or folders")
    status = int(pictures.unreadable > 0 or not pictures.paths)
    answers = ranked(model, queries, pictures, options.top)
    if options.html:
        answers = [*answers]
        try:
            write_sheet(options.html, answers, len(pictures.paths))
        except OSError as error:
            say(f"error: {printable(options.html)}: cannot be written: {error.strerror}")
            status = 1
    for answer in answers:
        status |= "error" in answer
        show(answer, options)
    return status


def asked(options: Options) -> tuple[list[str], list[Path]]:
    """The sentences, and the pictures and folders. Raises ValueError for a wrong command."""
    if options.top < 1:
        raise ValueError(f"--top must be 1 or more pictures, not {options.top}")
    if options.queries:
        sentences, pictures = lines(options.queries), options.inputs
        if not sentences:
            raise ValueError(f"{options.queries}: holds no sentence; one a line was expected")
    else:
        if not options.inputs:
            raise ValueError(f"name a sentence and where to look for it; see {PROGRAM} --help")
        sentences, pictures = [options.inputs[0]], options.inputs[1:]
    if not pictures:
        raise ValueError(
            "name a picture or a folder to search in, behind "
            + ("the options" if options.queries else f"the sentence {sentences[0]!r}")
        )
    return sentences, [Path(name) for name in pictures]


def lines(place: str) -> list[str]:
    """The lines of a text file, or of stdin for "-". Raises ValueError and OSError."""
    if place != "-":
        try:
            return read_lines(Path(place))
        except OSError as error:
            raise InputError(f"{place}: cannot be read: {error.strerror}") from error
    try:
        text = sys.stdin.buffer.read().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(
            f"stdin, byte {error.start + 1}: not UTF-8 ({error.reason}): convert it to UTF-8"
        ) from error
    found = re.split("\r\n|\n|\r", text)
    return found if found[-1] else found[:-1]


def read_query(model: ImageSearch, sentence: str) -> dict[str, Any]:
    """What is said of a sentence before any picture: its unknown words, or why it is of no use."""
    query: dict[str, Any] = {"query": sentence, "unknown_words": [], "results": []}
    try:
        words = model.tokenizer.split(sentence)
        unknown = model.unknown_words(sentence)
        query["unknown_words"] = list(dict.fromkeys(unknown))
        if not words:
            raise InputError("the sentence is empty: words were expected")
        if len(words) > LONGEST:
            raise InputError(f"the sentence has {len(words)} words, and {LONGEST} are the most")
        if len(unknown) == len(words):
            known = ", ".join(sorted(model.tokenizer.vocabulary.words))
            hint = "; the sentence comes before the files" if os.path.exists(sentence) else ""
            raise InputError(f"the model knows none of these words, only: {known}{hint}")
    except (ValueError, OSError) as error:
        query["error"] = str(error)
    return query


def ranked(
    model: ImageSearch, queries: Sequence[dict[str, Any]], pictures: Pictures, top: int
) -> Iterator[dict[str, Any]]:
    """Each query with its best pictures; unknown words are left out of what the model reads."""
    for start in range(0, len(queries), BATCH):
        part = queries[start : start + BATCH]
        usable = [query for query in part if "error" not in query]
        if usable and pictures.paths:
            read = [known_part(model, query) for query in usable]
            scores = model.embed_sentences(read) @ pictures.vectors.T  # (usable, pictures)
            for query, row in zip(usable, scores, strict=True):
                values, places = torch.sort(row, descending=True, stable=True)
                query["results"] = [
                    {"rank": rank, "picture": str(pictures.paths[place]), "score": round(value, 4)}
                    for rank, (place, value) in enumerate(
                        zip(places[:top].tolist(), values[:top].tolist(), strict=True), 1
                    )
                ]
        yield from part


def known_part(model: ImageSearch, query: dict[str, Any]) -> str:
    """The words of a query that the model knows."""
    unknown = query["unknown_words"]
    return " ".join(w for w in model.tokenizer.split(query["query"]) if w not in unknown)


def show(answer: dict[str, Any], options: Options) -> None:
    """Write what was found for a query, or what went wrong."""
    place = f"{printable(options.queries)}, line {answer['line']}: " if options.queries else ""
    if "error" in answer:
        say(f"error: {place}{answer['query']!r}: {answer['error']}")
    elif answer["unknown_words"]:
        words = ", ".join(map(printable, answer["unknown_words"]))
        say(f"note: {place}{answer['query']!r}: left out, as the model does not know it: {words}")
    if options.as_json:
        print(json.dumps(answer, ensure_ascii=False))
        return
    if options.queries and answer["results"]:
        print(printable(answer["query"]))
    for result in answer["results"]:
        print(f"{result['score']:6.3f}  {printable(result['picture'])}")
