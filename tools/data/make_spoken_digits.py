"""Synthesise the spoken digits that ship in data/spoken-digits: 24 voices, 20 words each.

    python -m tools.data.make_spoken_digits [DEST]

Needs espeak-ng (see `tools.data.espeak`). Each voice is one FLAC file that holds its words one
after another, `SAMPLES` each.
"""

import sys
from pathlib import Path

import torch

from mmbook.paths import data_folder
from mmbook.preprocessing.audio.waveforms import fit_length, normalise_level
from tools.data.espeak import RATE, VOICES, synthesise, synthesiser, write_clips, write_index

SAMPLES = 6400  # 0.8 s
ENGLISH = "zero one two three four five six seven eight nine"
CHINESE = "零 一 二 三 四 五 六 七 八 九"
PINYIN = "ling2 yi1 er4 san1 si4 wu3 liu4 qi1 ba1 jiu3"


def words() -> list[dict[str, str | int]]:
    """What a voice says, in the order of its file: word, label, language, and how it is asked."""
    english = [
        {"word": word, "label": label, "language": "en", "spoken": word}
        for label, word in enumerate(ENGLISH.split())
    ]
    chinese = [
        {"word": word, "label": label, "language": "zh", "spoken": pinyin}
        for label, (word, pinyin) in enumerate(zip(CHINESE.split(), PINYIN.split(), strict=True))
    ]
    return english + chinese


def write_voice(variant: str, folder: Path) -> str:
    """Write one voice's file and return its SHA-256."""
    clips = []
    for entry in words():
        sound = synthesise(str(entry["language"]), variant, str(entry["spoken"]))
        clips.append(fit_length(normalise_level(torch.from_numpy(sound)), SAMPLES).numpy())
    return write_clips(folder / f"{variant}.flac", clips)


def main(folder: Path) -> None:
    """Write every voice and the index into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    index: dict[str, object] = {
        "rate": RATE,
        "samples": SAMPLES,
        "synthesiser": synthesiser(),
        "words": [{key: entry[key] for key in ("word", "label", "language")} for entry in words()],
    }
    index["voices"] = {
        variant: {"split": split, "sha256": write_voice(variant, folder)}
        for split, variants in VOICES.items()
        for variant in variants.split()
    }
    write_index(folder, index)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else data_folder() / "spoken-digits")
