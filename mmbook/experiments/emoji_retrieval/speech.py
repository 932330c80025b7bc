"""A demonstration: spoken Mandarin words find pictures. One speaker said each word once.

The spoken words are learned to be where their written words lie; no picture is needed for that, and
no word that names a test emoji is heard in training.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mmbook.batch import Batch
from mmbook.datasets.collections import SpokenWords
from mmbook.encoders import SpectrogramEncoder
from mmbook.evaluation.retrieval import median_rank, ranks, recall_at
from mmbook.experiments.emoji_retrieval.config import Found
from mmbook.experiments.emoji_retrieval.keywords import chance_of_a_hit
from mmbook.experiments.emoji_retrieval.pairs import Learned, Trainer
from mmbook.experiments.emoji_retrieval.towers import PairLoss, Towers
from mmbook.experiments.harness.trained import trained
from mmbook.preprocessing.audio.mel import SpectrogramConfig
from mmbook.training import Objective, seed_everything

RATE = 16_000
MELS = 40


class SpokenTower(nn.Module):
    """A log-mel spectrogram to a vector: (n, frames, mels) to (n, width), by the mean over time."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.encoder = SpectrogramEncoder(MELS, width)
        self.project = nn.Linear(width, width)

    def forward(self, spectrograms: Tensor) -> Tensor:
        return self.project(self.encoder(spectrograms).mean())


@dataclass(frozen=True, eq=False)
class Spoken:
    """Spoken words: log-mel (n, frames, mels), the words, and the emoji that each names."""

    sounds: Tensor
    words: tuple[str, ...]
    named: tuple[tuple[str, ...], ...]

    @classmethod
    def of(cls, words: SpokenWords) -> "Spoken":
        """Of recordings at `RATE`."""
        config = SpectrogramConfig(rate=RATE, mels=MELS)
        return cls(words.samples(config).inputs["audio"], words.texts, words.named)


def words_of_test(
    spoken: Spoken, characters: tuple[str, ...], test: Tensor
) -> tuple[list[int], Tensor]:
    """Places of the words that name test emoji, and (words, test) boolean: which emoji."""
    there = [characters[row] for row in test.tolist()]
    rows = [[character in named for character in there] for named in spoken.named]
    places = [place for place, row in enumerate(rows) if any(row)]
    return places, torch.tensor([rows[place] for place in places])


def measure_speech(
    trainer: Trainer, spoken: Spoken, learned: Learned, test: Tensor
) -> Iterator[Found]:
    """What held-out words find among test pictures, spoken and, for comparison, written."""
    asked, relevant = words_of_test(spoken, trainer.emoji.characters, test)
    if not asked:
        raise ValueError("no spoken word names an emoji of the test: speech cannot be measured")
    held_out = set(asked)
    known = [place for place in range(len(spoken.words)) if place not in held_out]
    written = learned.read(F.normalize(learned.space.vectors(spoken.words), dim=1))
    heard = _train(trainer, spoken.sounds[known], written[known])
    pictures = learned.see(test)
    with torch.no_grad():
        said = F.normalize(heard.picture(spoken.sounds[asked]), dim=1)
    where = {"task": "demonstration: spoken Mandarin word to picture"}
    yield "chance", "demonstration_recall_at_10", chance_of_a_hit(relevant), where
    yield "spoken words", "count", float(len(asked)), where
    for name, queries in (("spoken word", said), ("written word", written[asked])):
        found = ranks(queries @ pictures.T, relevant)
        yield name, "demonstration_recall_at_10", recall_at(found, 10), where
        yield name, "demonstration_median_rank", median_rank(found), where
    right = ranks(said @ written.T, torch.eye(len(written), dtype=torch.bool)[asked])
    where = {"task": "demonstration: spoken Mandarin word to written word"}
    yield "spoken word", "demonstration_recall_at_10", recall_at(right, 10), where
    yield "chance", "demonstration_recall_at_10", min(1.0, 10 / len(written)), where


def _train(trainer: Trainer, sounds: Tensor, written: Tensor) -> Towers:
    config = trainer.config
    seed_everything(trainer.seed)
    model = Towers(SpokenTower(config.width), nn.Identity())
    settings = replace(config.speech, seed=trainer.seed)
    samples = Batch({"picture": sounds, "text": written})
    trainer.seconds += trained(
        model,
        samples,
        settings,
        trainer.folder,
        "speech",
        __name__,
        objectives=Objective(PairLoss()),
    )
    return model.cpu()
