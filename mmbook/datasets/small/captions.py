"""The captions that ship: 48 scenes, each described three times in English and in Chinese."""

from dataclasses import dataclass
from typing import Literal

from mmbook.datasets.entries import DataSet
from mmbook.paths import data_folder
from mmbook.preprocessing.text.characters import read_lines

CAPTIONS = DataSet(
    name="captions",
    splits=("english", "chinese"),
    title="Captions",
    kind="shipped",
    what="Descriptions of 48 scenes, three each in English and in Chinese, the Chinese words "
    "parted by hand. No images and no splits: ask for a language.",
    teaches="text preprocessing and segmentation where nothing can be downloaded",
    size="20 kB, in data/captions",
    licence="CC BY 4.0",
)

Language = Literal["english", "chinese"]


@dataclass(frozen=True)
class Caption:
    """One description of a scene.

    words: its Chinese words as people would part them, punctuation included; none for English,
    where a tokenizer's rules say what a word is.
    """

    scene: int
    text: str
    words: tuple[str, ...] = ()


def load_captions(language: Language) -> list[Caption]:
    """All captions of a language, scene after scene, three a scene; scenes count from 1.

    Raises ValueError on another language.
    """
    if language not in ("english", "chinese"):
        raise ValueError(f"there are captions in english and chinese, not in {language!r}")
    captions = []
    for line in read_lines(data_folder() / "captions" / f"{language}.tsv"):
        scene, text = line.split("\t")
        words = tuple(text.split(" ")) if language == "chinese" else ()
        captions.append(Caption(int(scene), "".join(words) or text, words))
    return captions
