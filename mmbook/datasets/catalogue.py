"""Every data set of the book: generated, shipped with it, or real."""

from mmbook.datasets.real.base import DataSet, RealSet
from mmbook.datasets.real.real_sets import (
    AUDIO_CMN,
    COCO_CC,
    EASY_VQA,
    EMOJI,
    ESC_10,
    FASHION_MNIST,
    FLICKR8K,
    FSDD,
    MNIST,
    MULTI30K,
    NLTK_DATA,
    TATOEBA,
)

DIGITS = DataSet(
    name="digits",
    splits=("train", "validation", "test"),
    title="Trimodal digits",
    kind="generated",
    what="An image, a spoken word and a written word of one digit, drawn at random and spoilt as "
    "much as you ask. Splits train, validation and test share no image and no voice.",
    teaches="fusion, and what each sense is worth when it is disturbed",
    size="none: drawn from scikit-learn's 1797 images of 8 × 8 pixels and the shipped voices",
    licence="CC0 1.0 (voices), CC BY 4.0 (images)",
    homepage="https://archive.ics.uci.edu/dataset/80",
    citations=("alpaydin1998optical", "espeakng"),
)
SPOKEN_DIGITS = DataSet(
    name="spoken-digits",
    splits=("train", "validation", "test"),
    title="Synthetic spoken digits",
    kind="shipped",
    what="The ten digits in English and in Mandarin, each said by 24 voices of a synthesiser: 480 "
    "clips of 0.8 s at 8 kHz. Split by voice: 16 train, 2 validation, 6 test.",
    teaches="spectrograms and speech recognition where nothing can be downloaded",
    size="2 MB, in data/spoken-digits",
    licence="CC0 1.0",
    homepage="https://github.com/espeak-ng/espeak-ng",
    citations=("espeakng",),
)
SCENES = DataSet(
    name="scenes",
    splits=("train", "validation", "test"),
    title="Scenes of coloured shapes",
    kind="generated",
    what="Images of any size with one to four coloured shapes, captions, and questions with "
    "answers, in English and Chinese. The test split shows pairs of shape and colour that "
    "training never shows; Sort-of-CLEVR is one configuration.",
    teaches="captions, questions about images, relations, and composition of what was learnt",
    size="none: drawn as needed, as many as you ask",
    licence="MIT, as the book's code",
    citations=("santoro2017simple",),
    figures=(
        "Sort-of-CLEVR as published: CNN with an MLP 63 %, relation network over 94 % of the "
        "relational questions {cite:p}`santoro2017simple`",
    ),
)
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

CATALOGUE: tuple[DataSet, ...] = (
    DIGITS,
    SCENES,
    SPOKEN_DIGITS,
    SPOKEN_SCENE_WORDS,
    CAPTIONS,
    MNIST,
    FASHION_MNIST,
    FSDD,
    ESC_10,
    EMOJI,
    AUDIO_CMN,
    EASY_VQA,
    COCO_CC,
    FLICKR8K,
    MULTI30K,
    TATOEBA,
    NLTK_DATA,
)


def find(name: str) -> DataSet:
    """The entry of that name. Raises ValueError where there is none."""
    for entry in CATALOGUE:
        if entry.name == name:
            return entry
    names = ", ".join(entry.name for entry in CATALOGUE)
    raise ValueError(f"there is no data set {name!r}; there are {names}")


def real_sets() -> tuple[RealSet, ...]:
    """The entries that do not ship with the book."""
    return tuple(entry for entry in CATALOGUE if isinstance(entry, RealSet))
