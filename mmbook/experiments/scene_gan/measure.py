"""What drawn pictures are worth: of networks, and of who only looks for a sentence like it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from mmbook.datasets.scenes.collection import Scenes
from mmbook.datasets.scenes.scoring import score_captions
from mmbook.experiments.scene_captioning.training import captions_of, words_of
from mmbook.models.captioning import Captioner
from mmbook.models.scene_drawing import SceneDrawing
from mmbook.preprocessing.text.tokenizers import encode_batch

Measured = tuple[str, float, dict[str, str | float]]
SEED = 0  # of the noise that pictures are drawn from


def groups(known: Scenes, tested: Mapping[str, Scenes]) -> dict[str, Scenes]:
    """Scenes by what was known of their sentences; those of which there are none are left out.

    tested: of the splits "validation" and "test". "known": the whole sentence; "new": its pairs of
    shape and colour only; "held out": not even those.
    """
    heard, seen = set(captions_of(known, "en")), tested["validation"]
    is_known = torch.tensor([text in heard for text in captions_of(seen, "en")])
    found = {"known": seen[is_known], "new": seen[~is_known], "held out": tested["test"]}
    return {name: scenes for name, scenes in found.items() if len(scenes)}


@dataclass(frozen=True)
class Jury:
    """A judge, and what is asked for.

    asked: {name of the sentences: scenes}, see `groups`.
    """

    judge: Captioner
    asked: Mapping[str, Scenes]

    def of(self, count: int) -> "Jury":
        """One that asks for the first scenes of each group only."""
        return replace(self, asked={name: scenes[:count] for name, scenes in self.asked.items()})

    def scored(self, pictures: Mapping[str, Tensor], **condition: float) -> Iterator[Measured]:
        """Everything that `CaptionScores` holds, of pictures (n, 3, size, size) of each group."""
        for name, images in pictures.items():
            captions = self.judge.caption(images)
            scores = score_captions(captions, self.asked[name].objects, "en")
            for metric, value in vars(scores).items():
                yield metric, value, {"sentences": name, **condition}

    def drawn(self, model: SceneDrawing, **condition: float) -> Iterator[Measured]:
        """What a network draws is worth."""
        language = model.config.tokenizer.language
        pictures = {
            name: model.draw(captions_of(scenes, language), SEED)
            for name, scenes in self.asked.items()
        }
        return self.scored(pictures, **condition)

    def real(self) -> Iterator[Measured]:
        """What the judge says of real pictures of the sentences."""
        return self.scored({name: scenes.images for name, scenes in self.asked.items()})

    def nearest(self, known: Scenes) -> Iterator[Measured]:
        """What the training picture is worth whose sentence has most words in the same places."""
        heard = captions_of(known, "en")
        pictures = {
            name: known.images[nearest_sentences(heard, captions_of(scenes, "en"))]
            for name, scenes in self.asked.items()
        }
        return self.scored(pictures)


def nearest_sentences(known: Sequence[str], asked: Sequence[str]) -> Tensor:
    """For each sentence that is asked for, the number of the known one that is most like it: (n,).

    Likeness counts the words that stand in the same place, and no word at all beyond both ends.
    """
    ids = encode_batch(words_of("en").build(), [*known, *asked]).filled()
    first, second = ids.split([len(known), len(asked)])
    return torch.stack([(first == row).sum(dim=1).argmax() for row in second])
