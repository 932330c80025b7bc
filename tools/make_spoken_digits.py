"""Synthesise the spoken digits that ship in data/spoken-digits: 24 voices, 20 words each.

    python tools/make_spoken_digits.py [DEST]

Needs espeak-ng (Debian and Ubuntu: apt-get install espeak-ng). Running it again gives the same
bytes. Each voice is one FLAC file that holds its words one after another, `SAMPLES` each.
"""

import hashlib
import io
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import soundfile
import torch
from scipy.signal import resample_poly

from mmbook.paths import data_folder
from mmbook.preprocessing.speech import fit_length, normalise_level

RATE = 8000
SAMPLES = 6400  # 0.8 s
VOICES = {
    "train": "Alex Alicia Andrea Diogo Gene Lee Michael adam anika edward f1 f2 f3 m1 m3 steph",
    "validation": "linda m2",
    "test": "Annie Mike belinda david f4 m7",
}
ENGLISH = "zero one two three four five six seven eight nine"
CHINESE = "零 一 二 三 四 五 六 七 八 九"
# The voice `cmn` spells the characters' Pinyin out in English ("yi one"); this one speaks it.
PINYIN = "ling2 yi1 er4 san1 si4 wu3 liu4 qi1 ba1 jiu3"


def words() -> list[dict[str, str | int]]:
    """What a voice says, in the order of its file: word, label, language, and how it is asked."""
    english = [
        {"word": word, "label": label, "language": "en", "voice": "en-us", "spoken": word}
        for label, word in enumerate(ENGLISH.split())
    ]
    chinese = [
        {"word": word, "label": label, "language": "zh", "voice": "cmn-latn-pinyin", "spoken": pin}
        for label, (word, pin) in enumerate(zip(CHINESE.split(), PINYIN.split(), strict=True))
    ]
    return english + chinese


def synthesise(voice: str, text: str) -> np.ndarray:
    """One word as espeak-ng says it, (samples,) at 8 kHz without the silence around it."""
    command = ["espeak-ng", "-b", "1", "-s", "175", "-v", voice, "--stdout", text]
    wave = subprocess.run(command, capture_output=True, check=True).stdout
    sound, rate = soundfile.read(io.BytesIO(wave), dtype="float64")
    sound = resample_poly(sound, RATE, rate)
    loud = np.flatnonzero(np.abs(sound) > 0.02 * np.abs(sound).max())
    return sound[loud[0] : loud[-1] + 1]


def speak(variant: str) -> np.ndarray:
    """All words of one voice, (words * SAMPLES,) int16."""
    clips = []
    for entry in words():
        sound = torch.from_numpy(synthesise(f"{entry['voice']}+{variant}", str(entry["spoken"])))
        clips.append(fit_length(normalise_level(sound), SAMPLES).numpy())
    joined = np.concatenate(clips)
    if np.abs(joined).max() >= 1:
        raise SystemExit(f"the voice {variant} clips: lower the level it is normalised to")
    return np.round(joined * 32767).astype(np.int16)


def write_voice(variant: str, folder: Path) -> str:
    """Write one voice's file and return its SHA-256."""
    file = folder / f"{variant}.flac"
    soundfile.write(file, speak(variant), RATE, format="FLAC", subtype="PCM_16")
    return hashlib.sha256(file.read_bytes()).hexdigest()


def synthesiser() -> str:
    """The version of espeak-ng; stops with what to do where there is none."""
    if shutil.which("espeak-ng") is None:
        raise SystemExit("espeak-ng is missing: install it, e.g. `apt-get install espeak-ng`")
    text = subprocess.run(["espeak-ng", "--version"], capture_output=True, check=True, text=True)
    found = re.search(r"\d+(\.\d+)+", text.stdout)
    return f"espeak-ng {found.group() if found else 'unknown'}"


def main(folder: Path) -> None:
    """Write every voice and the index into `folder`."""
    index: dict[str, object] = {
        "rate": RATE,
        "samples": SAMPLES,
        "synthesiser": synthesiser(),
        "words": [{key: entry[key] for key in ("word", "label", "language")} for entry in words()],
    }
    folder.mkdir(parents=True, exist_ok=True)
    index["voices"] = {
        variant: {"split": split, "sha256": write_voice(variant, folder)}
        for split, variants in VOICES.items()
        for variant in variants.split()
    }
    text = json.dumps(index, ensure_ascii=False, indent=1)
    (folder / "index.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else data_folder() / "spoken-digits")
