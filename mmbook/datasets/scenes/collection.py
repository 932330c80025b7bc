"""Generated scenes: images of coloured shapes, sentences about them, questions with answers.

Nothing is stored: a scene follows from its split, its number and a seed. `scene_layout` draws what
is where, `scene_rendering` the pixels, `scene_captions` and `scene_questions` the language in
English and Chinese, and `scene_checking` says whether a sentence is true of a scene.
"""

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from mmbook.datasets.collections import Collection, QuestionedImages
from mmbook.datasets.entries import DataSet
from mmbook.datasets.scenes.asking import Setting
from mmbook.datasets.scenes.captions import describe
from mmbook.datasets.scenes.layout import SPLITS, Scene, SceneConfig, draw_scenes
from mmbook.datasets.scenes.questions import DEFAULT_KINDS, KINDS, answers_of, ask
from mmbook.datasets.scenes.rendering import backgrounds, render
from mmbook.datasets.scenes.words import LANGUAGES, check_language, say

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

__all__ = [
    "SORT_OF_CLEVR",
    "SORT_OF_CLEVR_KINDS",
    "SPLITS",
    "SceneConfig",
    "SceneQuestions",
    "Scenes",
    "load_scenes",
]

# Six objects of six colours, circles or squares of one size: Santoro et al. 2017, "A simple neural
# network module for relational reasoning", where images have 75 x 75 pixels, and ten relational
# and ten other questions each (`load_scenes(..., size=75)`, `questions(each=10)`). What differs:
# questions are sentences, not bit strings, and those of one image are different; edges are
# anti-aliased; objects keep a distance from each other and from the middle lines; a count leaves
# out the object asked about, so it starts at zero; what would be a matter of pixels is not asked.
SORT_OF_CLEVR = SceneConfig(
    shapes=("circle", "square"),
    colours=("red", "green", "blue", "orange", "grey", "yellow"),
    radii=((0.08, 0.08),),
    objects=(6, 6),
    distinct_colours=True,
    held_out=0,
)
SORT_OF_CLEVR_KINDS = ("shape", "across", "down", "closest shape", "furthest shape", "count shape")


@dataclass(frozen=True, eq=False)
class SceneQuestions(QuestionedImages):
    """Questions about scenes.

    kinds: of each question, a name of `scene_questions.KINDS`. relational: (n,) bool, whether it
    takes more than one object to answer. The rest is as in QuestionedImages.
    """

    kinds: tuple[str, ...]
    relational: Tensor


@dataclass(frozen=True, eq=False)
class Scenes(Collection):
    """Scenes of one split.

    images: (n, 3, size, size) uint8. objects: what is in each (see `SceneObject`).
    names: split, seed and number of each. captions: {language: for each image, its sentences},
    one sentence each, the same ones in both languages.
    """

    shared = ("split", "config")

    images: Tensor
    objects: tuple[Scene, ...]
    names: tuple[str, ...]
    captions: dict[str, tuple[tuple[str, ...], ...]]
    split: str
    config: SceneConfig

    def labels(self, attribute: Literal["shape", "colour", "size"]) -> Tensor:
        """The attribute of each object, (n, most objects) places in the configuration's words.

        -1 where a scene has no such object, so `cross_entropy(..., ignore_index=-1)` skips it.
        """
        words = getattr(self.config, f"{attribute}s")
        most = self.config.objects[1]
        rows = [[words.index(getattr(item, attribute)) for item in scene] for scene in self.objects]
        padded = [row + [-1] * (most - len(row)) for row in rows]
        return torch.tensor(padded, dtype=torch.int64).reshape(len(self), most)

    def questions(
        self, *, each: int = 3, kinds: tuple[str, ...] = DEFAULT_KINDS, language: str = "en"
    ) -> SceneQuestions:
        """Ask up to `each` relational and as many other questions about every scene.

        kinds: names of `scene_questions.KINDS`. In the other language the questions are the same.
        Raises ValueError for an unknown kind or language.
        """
        check_language(language)
        if unknown := set(kinds) - set(KINDS):
            raise ValueError(f"there are no {sorted(unknown)} questions; there are {list(KINDS)}")
        setting = Setting(self.config, self.config.pairs(self.split))
        asked = [
            (row, question)
            for row, (scene, name) in enumerate(zip(self.objects, self.names, strict=True))
            for question in ask(scene, setting, name, each=each, kinds=kinds)
        ]
        classes = answers_of(self.config, kinds)
        place = {answer: number for number, answer in enumerate(classes)}
        return SceneQuestions(
            image_rows=torch.tensor([row for row, _ in asked], dtype=torch.int64),
            questions=tuple(question.text[LANGUAGES.index(language)] for _, question in asked),
            answers=tuple(say(question.answer, language) for _, question in asked),
            answer_ids=torch.tensor([place[q.answer] for _, q in asked], dtype=torch.int64),
            images=self.images,
            classes=tuple(say(answer, language) for answer in classes),
            kinds=tuple(question.kind for _, question in asked),
            relational=torch.tensor([KINDS[q.kind].relational for _, q in asked]).bool(),
        )


def load_scenes(
    split: str,
    *,
    size: int = 64,
    count: int = 1000,
    start: int = 0,
    seed: int = 0,
    level: str = "scene",
    config: SceneConfig | None = None,
) -> Scenes:
    """Draw the scenes start, start + 1, ... of a split, with one caption each in both languages.

    split: "train" and "validation" show the same pairs of shape and colour, "test" those that
    they never show (all, where the configuration holds none out). size: of the images, at least
    16 pixels. seed: another one gives other scenes. level: of the captions, "object", "relation"
    or "scene" (see `scene_captions.describe`). config: by default, `SceneConfig()`.
    Raises ValueError for a name or number that is not possible.
    """
    if size < 16:
        raise ValueError(f"images of scenes need at least 16 pixels a side, got {size}")
    config = config or SceneConfig()
    scenes = draw_scenes(config, split, count, start=start, seed=seed)
    names = tuple(f"{split}-{seed}-{start + number}" for number in range(count))
    pairs = zip(scenes, names, strict=True)
    sentences = [describe(scene, level, name) for scene, name in pairs]
    return Scenes(
        images=render(scenes, backgrounds(names, size, noise=config.noise)),
        objects=scenes,
        names=names,
        captions={code: tuple((both[code],) for both in sentences) for code in LANGUAGES},
        split=split,
        config=config,
    )
