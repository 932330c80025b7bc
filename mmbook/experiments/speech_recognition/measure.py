"""What is measured of a trained network: errors of words and letters, and when it says them."""

from collections.abc import Iterator, Mapping, Sequence
from statistics import mean

import torch
from torch import Tensor

from mmbook.datasets.digits.strings import DigitStrings
from mmbook.datasets.real.fsdd import WORDS
from mmbook.evaluation import Row
from mmbook.evaluation.edits import error_rate, word_error_rate
from mmbook.experiments.speech_recognition.config import GUESS, SpeechRecognitionConfig
from mmbook.losses.alignments import align
from mmbook.models.transcription import BLANK, Transcriber

Tests = Mapping[tuple[str, str], DigitStrings]
TOGETHER = 50  # strings that are heard at a time


def measure(
    system: str, model: Transcriber, tests: Tests, seed: int, config: SpeechRecognitionConfig
) -> list[Row]:
    """Error rates by voices, task and decoding, and when words are said."""
    rows: list[Row] = []
    for (voices, task), strings in tests.items():
        at = {"voices": voices, "task": task}
        heard = scores(model, strings)
        said = decoded(model, heard, task, config.width)
        if task == "strings":
            rows += [
                Row(system, name, seed, value, {"voices": voices})
                for name, value in times(model, heard, strings).items()
            ]
        for decoding, texts in said.items():
            rows += errors(system, strings.texts, texts, seed, {**at, "decoding": decoding})
    return rows


def errors(
    system: str, right: Sequence[str], found: Sequence[str], seed: int, at: Mapping[str, str]
) -> Iterator[Row]:
    """Word and character error rates, and the share of strings without an error."""
    exact = mean(a == b for a, b in zip(right, found, strict=True))
    yield Row(system, "word_error_rate", seed, word_error_rate(right, found), at)
    yield Row(system, "character_error_rate", seed, error_rate(right, found), at)
    yield Row(system, "accuracy", seed, exact, at)


@torch.no_grad()
def scores(model: Transcriber, strings: DigitStrings) -> list[Tensor]:
    """The log-probabilities (frames, classes) of each string."""
    found = []
    for rows in torch.arange(len(strings)).split(TOGETHER):
        logits = model({"audio": strings.waveforms[rows]})
        counts = logits.mask.sum(dim=1).tolist()
        found += [
            row[:count].log_softmax(dim=1) for row, count in zip(logits.values, counts, strict=True)
        ]
    return found


def decoded(
    model: Transcriber, heard: Sequence[Tensor], task: str, width: int
) -> dict[str, list[str]]:
    """{decoding: texts}. Of isolated digits, the lexicon allows one word."""
    grammar = model.grammar(1 if task == "isolated" else None)
    found: dict[str, list[str]] = {
        "greedy": [model.transcribe(row, "greedy")[0] for row in heard],
        "lexicon": [model.transcribe(row, "lexicon", width, grammar)[0] for row in heard],
    }
    if task == "strings":
        found["beam"] = [model.transcribe(row, "beam", width)[0] for row in heard]
    return found


def guesses(tests: Tests, seed: int) -> Iterator[Row]:
    """Errors of who says one word, always the same, without listening."""
    for (voices, task), strings in tests.items():
        at = {"voices": voices, "task": task}
        yield from errors(GUESS, strings.texts, [WORDS[0]] * len(strings), seed, at)


def times(model: Transcriber, heard: Sequence[Tensor], strings: DigitStrings) -> dict[str, float]:
    """Where a network that is told the text puts the letters of a word, beside the word itself.

    A letter is where its occupancy is highest. first_delay: of a word's first letter behind the
    word's begin; last_lead: of its last letter before the word's end, in seconds. letter_span and
    word_span: from first to last letter, and the word. blank_share: of the frames, untold.
    """
    frame = model.config.hop / model.config.rate
    delays, leads, spans, words = [], [], [], []
    for row, text, places in zip(heard, strings.texts, strings.places, strict=True):
        for (first, last), (start, stop) in zip(put(row, text, model), places, strict=True):
            delays.append(first * frame - start)
            leads.append(stop - last * frame)
            spans.append((last - first) * frame)
            words.append(stop - start)
    blanks = [(row.argmax(dim=1) == BLANK).double().mean().item() for row in heard]
    return {
        "blank_share": mean(blanks),
        "first_delay": mean(delays),
        "last_lead": mean(leads),
        "letter_span": mean(spans),
        "word_span": mean(words),
    }


def put(scores: Tensor, text: str, model: Transcriber) -> list[tuple[int, int]]:
    """The frames of the first and the last letter of each word of a text."""
    letters = align(scores, model.config.encode(text), BLANK).occupancy[:, 1::2]
    frames = iter(letters.argmax(dim=0).tolist())
    found = []
    for word in text.split(" "):
        own = [next(frames) for _ in word]
        found.append((own[0], own[-1]))
        next(frames, None)  # that of the blank behind it
    return found
