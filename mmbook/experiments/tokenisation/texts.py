"""The texts of a tier and a seed: what is learned from, what is measured on."""

import random
from collections import Counter
from dataclasses import dataclass

from mmbook.datasets.real.audio_cmn import AUDIO_CMN
from mmbook.datasets.real.flickr8k import load_flickr8k
from mmbook.datasets.real.tatoeba import load_tatoeba
from mmbook.datasets.small.captions import Language, load_captions
from mmbook.preprocessing.text.segmentation import Lexicon

NAMES: dict[str, Language] = {"en": "english", "zh": "chinese"}
Texts = dict[str, list[str]]


@dataclass(frozen=True)
class Corpus:
    """What one seed works with; "en" and "zh" are the languages.

    train, test: sentences for tokenizers and vocabularies. scenes: for each scene, its captions.
    lexicon: Chinese words. segmented: captions as people cut them, of scenes that the lexicon does
    not know; none in the full tier. to_segment: Chinese text without word borders.
    """

    seed: int
    train: Texts
    test: Texts
    scenes: dict[str, list[list[str]]]
    lexicon: Lexicon
    segmented: list[tuple[str, ...]]
    to_segment: list[str]


def mini_corpus(seed: int, test_scenes: int) -> Corpus:
    """The captions that ship; test scenes are chosen anew for each seed."""
    captions = {short: load_captions(name) for short, name in NAMES.items()}
    numbers = sorted({caption.scene for caption in captions["en"]})
    held_out = set(random.Random(seed).sample(numbers, test_scenes))
    chinese = captions["zh"]
    segmented = [c.words for c in chinese if c.scene in held_out]
    return Corpus(
        seed=seed,
        train={k: [c.text for c in v if c.scene not in held_out] for k, v in captions.items()},
        test={k: [c.text for c in v if c.scene in held_out] for k, v in captions.items()},
        scenes={
            k: [[c.text for c in v if c.scene == scene] for scene in numbers]
            for k, v in captions.items()
        },
        lexicon=Lexicon.of(c.words for c in chinese if c.scene not in held_out),
        segmented=segmented,
        to_segment=["".join(words) for words in segmented],
    )


def full_corpus(seed: int, pairs: int, scenes: int) -> Corpus:
    """Tatoeba for tokenizers, the test photographs of Flickr8k for scenes."""
    generator = random.Random(seed)
    train, test = (load_tatoeba(split).sentences for split in ("train", "test"))
    rows = generator.sample(range(len(train["en"])), pairs)
    photographs = load_flickr8k("test", size=8).captions  # only their captions are read
    chosen = generator.sample(range(len(photographs["en"])), scenes)
    captions = {k: [list(photographs[k][i]) for i in chosen] for k in NAMES}
    spoken = [path.stem for path in sorted(AUDIO_CMN.locate().glob("words/*.mp3"))]
    ours = Counter(word for c in load_captions("chinese") for word in c.words)
    return Corpus(
        seed=seed,
        train={k: [train[k][row] for row in rows] for k in NAMES},
        test={k: list(test[k]) for k in NAMES},
        scenes=captions,
        lexicon=Lexicon(Counter(spoken) + ours),
        segmented=[],
        to_segment=[text for texts in captions["zh"] for text in texts],
    )
