"""The shipped sets of synthetic voices: one FLAC file a voice, its words one after another."""

import json
from typing import Any

from torch import Tensor

from mmbook.datasets.splits import check_split
from mmbook.paths import data_folder
from mmbook.preprocessing.audio.waveforms import read_audio


def read_voices(name: str, split: str) -> tuple[dict[str, Any], dict[str, Tensor]]:
    """A set's index, and all that each voice of a split says: {voice: (samples,) float32}.

    name: of the folder under data/. Raises ValueError for a split that is none.
    """
    check_split(split, ("train", "validation", "test"))
    folder = data_folder() / name
    index = json.loads((folder / "index.json").read_text(encoding="utf-8"))
    voices = [voice for voice, entry in index["voices"].items() if entry["split"] == split]
    return index, {voice: read_audio(folder / f"{voice}.flac", index["rate"]) for voice in voices}
