"""The words that scenes are spoken of in, spoken; and sentences put together from them."""

from collections.abc import Sequence

import regex
import torch
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from mmbook.datasets.collections import LabelledAudio
from mmbook.datasets.entries import DataSet
from mmbook.datasets.scenes.words import LANGUAGES, NUMBERS
from mmbook.datasets.small.spoken_digits import Clips, load_synthetic
from mmbook.datasets.small.voices import read_voices
from mmbook.paths import data_folder
from mmbook.preprocessing.text.characters import checked_text, checked_words

SPOKEN_SCENE_WORDS = DataSet(
    name="spoken-scene-words",
    splits=("train", "validation", "test"),
    title="Synthetic spoken scene words",
    kind="shipped",
    what="The words in which scenes are described and asked about, in English and in Mandarin, "
    "each said by 10 voices of a synthesiser: 980 clips at 8 kHz, and the number words of the "
    "spoken digits. Split by voice: 7 train, 1 validation, 2 test, as among the digits.",
    teaches="questions that are spoken, and images that are described aloud",
    size="2 MB, in data/spoken-scene-words",
    licence="CC0 1.0",
    homepage="https://github.com/espeak-ng/espeak-ng",
    citations=("espeakng",),
)

FOLDER = "spoken-scene-words"
PAUSE = 0.06  # seconds of silence between two words of a sentence
# English letters, or what else is no sign or space: of other letters the marks too, so that a word
# with an accent is not taken for the one without.
_PART = regex.compile(r"[a-z]+|[^\p{P}\p{S}\p{Z}\sa-z]+")


def load_spoken_words(split: str, *, languages: Sequence[str] = LANGUAGES) -> LabelledAudio:
    """The shipped words as sounds; `origins` are the voices, `texts` and `classes` the words.

    split: "train" (7 voices), "validation" (1) or "test" (2); a voice has the same split among the
    spoken digits, from which the number words are taken. languages: "en", "zh" or both.
    Each word is a class of its own, although "two" sounds as "to" does.
    Raises ValueError for another split or language.
    """
    if not languages or set(languages) - set(LANGUAGES):
        raise ValueError(f"the words are said in en and zh, not in all of {list(languages)}")
    index, voices = read_voices(FOLDER, split)
    digits = load_synthetic(split)
    words = [(code, word, FOLDER) for code in LANGUAGES for word in index["words"][code]]
    words += [("en", word, "spoken-digits") for word in NUMBERS]
    words += [("zh", word, "spoken-digits") for word in NUMBERS.values()]
    wanted = [row for row, (code, _, _) in enumerate(words) if code in languages]
    clips: list[Tensor] = []
    for voice, said in voices.items():
        lengths = [int(length) for length in index["voices"][voice]["lengths"].split()]
        spoken = [*said.split(lengths), *_numbers_of(voice, digits)]
        clips += [spoken[row] for row in wanted]
    classes = tuple(words[row][1] for row in wanted)
    folders = [data_folder() / words[row][2] for row in wanted]
    return LabelledAudio(
        waveforms=pad_sequence(clips, batch_first=True),
        lengths=torch.tensor([len(clip) for clip in clips]),
        labels=torch.arange(len(classes)).repeat(len(voices)),
        texts=classes * len(voices),
        origins=tuple(voice for voice in voices for _ in wanted),
        files=tuple(folder / f"{voice}.flac" for voice in voices for folder in folders),
        classes=classes,
        rate=index["rate"],
    )


def words_of(sentence: str, known: Sequence[str]) -> list[str]:
    """Split a sentence into known words: English at its spaces, Chinese by the longest match.

    Signs such as ? and ， fall away. Raises ValueError where something else is left, or the known
    words are one text.
    """
    checked_words(known, "known words")
    longest = sorted((word for word in known if not word.isascii()), key=len, reverse=True)
    found: list[str] = []
    for part in _PART.findall(checked_text(sentence, "sentence")):
        pieces = [part] if part.isascii() else regex.findall("|".join(longest), part)
        if "".join(pieces) != part or not set(pieces) <= set(known):
            raise ValueError(f"{part!r} in {sentence!r} is not made of the words that are spoken")
        found += pieces
    return found


def speak(sentence: str, voice: str, words: LabelledAudio) -> Tensor:
    """A question or caption about a scene in one voice, word for word, (samples,) at `words.rate`.

    sentence: as `scene_captions` or `scene_questions` write it. words: of `load_spoken_words`.
    Raises ValueError where the voice is not among them, or a word is not.
    """
    rows = [row for row, origin in enumerate(words.origins) if origin == voice]
    if not rows:
        known = sorted(set(words.origins))
        raise ValueError(f"there is no voice {voice!r}; there are {', '.join(known)}")
    place = {words.texts[row]: row for row in rows}
    pause = words.waveforms.new_zeros(round(PAUSE * words.rate))
    parts: list[Tensor] = []
    for word in words_of(sentence, tuple(place)):
        row = place[word]
        parts += [words.waveforms[row, : int(words.lengths[row])], pause]
    if not parts:
        raise ValueError(f"there is nothing to say in {sentence!r}")
    return torch.cat(parts[:-1])


def _numbers_of(voice: str, digits: Clips) -> list[Tensor]:
    """What a voice says in data/spoken-digits, without the silence around it."""
    spoken = zip(digits.waveforms, digits.voices, strict=True)
    loud = ((clip, clip.nonzero()[:, 0]) for clip, name in spoken if name == voice)
    return [clip[rows[0] : rows[-1] + 1] for clip, rows in loud]
