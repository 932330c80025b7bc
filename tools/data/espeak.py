"""Synthesised words for data/: what the tools that make spoken sets share.

Needs espeak-ng (Debian and Ubuntu: apt-get install espeak-ng). The same versions of espeak-ng,
SciPy and libsndfile give the same bytes.
"""

import hashlib
import io
import json
import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import soundfile
from scipy.signal import resample_poly

RATE = 8000
# The voice `cmn` spells characters' Pinyin out in English ("yi one"); the other one speaks it.
LANGUAGES = {"en": "en-us", "zh": "cmn-latn-pinyin"}
VOICES = {
    "train": "Alex Alicia Andrea Diogo Gene Lee Michael adam anika edward f1 f2 f3 m1 m3 steph",
    "validation": "linda m2",
    "test": "Annie Mike belinda david f4 m7",
}


def synthesise(language: str, variant: str, text: str) -> np.ndarray:
    """One word as espeak-ng says it, (samples,) at 8 kHz without the silence around it."""
    voice = f"{LANGUAGES[language]}+{variant}"
    command = ["espeak-ng", "-b", "1", "-s", "175", "-v", voice, "--stdout", text]
    wave = subprocess.run(command, capture_output=True, check=True).stdout
    sound, rate = soundfile.read(io.BytesIO(wave), dtype="float64")
    sound = resample_poly(sound, RATE, rate)
    loud = np.flatnonzero(np.abs(sound) > 0.02 * np.abs(sound).max())
    return sound[loud[0] : loud[-1] + 1]


def synthesiser() -> str:
    """The version of espeak-ng; stops with what to do where there is none."""
    if shutil.which("espeak-ng") is None:
        raise SystemExit("espeak-ng is missing: install it, e.g. `apt-get install espeak-ng`")
    text = subprocess.run(["espeak-ng", "--version"], capture_output=True, check=True, text=True)
    found = re.search(r"\d+(\.\d+)+", text.stdout)
    return f"espeak-ng {found.group() if found else 'unknown'}"


def write_clips(file: Path, clips: Sequence[np.ndarray], *, bits: int = 16) -> str:
    """Write clips one after another into a FLAC file, and return its SHA-256.

    bits: how finely samples are rounded; fewer make a smaller file and more noise.
    """
    joined = np.concatenate(clips)
    if np.abs(joined).max() >= 1:
        raise SystemExit(f"the voice {file.stem} clips: lower the level it is normalised to")
    step = 2 ** (16 - bits)
    samples = np.round(joined * 32767 / step).clip(-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) * step
    soundfile.write(file, samples.astype(np.int16), RATE, format="FLAC", subtype="PCM_16")
    return hashlib.sha256(file.read_bytes()).hexdigest()


def write_index(folder: Path, index: dict[str, object]) -> None:
    """Write what the files of a folder hold beside them."""
    text = json.dumps(index, ensure_ascii=False, indent=1)
    (folder / "index.json").write_text(text + "\n", encoding="utf-8")
