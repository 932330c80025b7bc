"""Captioners that have learned from people's captions learn on from the scores of their own."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import torch
from torch import Generator, Tensor

from mmbook.batch import Batch, Padded
from mmbook.decoders.generation import generate
from mmbook.evaluation.captions.cider import Cider
from mmbook.evaluation.captions.words import caption_words
from mmbook.experiments.harness.trained import trained
from mmbook.experiments.photo_captioning.settings import System
from mmbook.experiments.photo_captioning.texts import Words
from mmbook.experiments.photo_captioning.training import Trainer
from mmbook.layers.modes import evaluating
from mmbook.losses.loss import Loss
from mmbook.losses.self_critical import self_critical
from mmbook.models.captioning import Captioner, Language
from mmbook.preprocessing.text.special import BOS, EOS, UNK
from mmbook.tokens import Tokens
from mmbook.training import Objective, TrainingConfig
from mmbook.training.randomness import batch_rows, derived_seed

CRITICISED = ", self-critical"  # behind the name of the system that they have been
END = "</s>"  # as a word, so that a caption which breaks off is less like one that ends


@dataclass(frozen=True)
class Criticism:
    """How a captioner learns from the scores of its own captions.

    samples: captions of a picture that are drawn each time. other: how much a caption's score for
    another picture is held against it.
    """

    samples: int = 5
    other: float = 0.5
    training: TrainingConfig = field(
        default_factory=lambda: TrainingConfig(
            steps=300, batch_size=64, learning_rate=5e-4, weight_decay=0.0, precision="bfloat16"
        )
    )


@dataclass(frozen=True, eq=False)
class DrawnPictures:
    """A stream of pictures, all once an epoch, with the chances by which captions are drawn.

    pictures: (views, n, ...), of which one view is drawn each time. Gives inputs "image" (size,
    ...), "row" (size,), the pictures' numbers, "other" (size,), those of other pictures, and
    "chance" (size, samples, length) in [0, 1).
    """

    pictures: Tensor
    size: int
    samples: int
    length: int
    seed: int = 0

    def batch(self, step: int, part: int = 0, parts: int = 1) -> Batch:
        """The pictures of a part of a step's batch."""
        generator = Generator().manual_seed(derived_seed("criticism", self.seed, step))
        views, n = self.pictures.shape[:2]
        rows = batch_rows(n, self.size, self.seed, step)
        view = torch.randint(views, rows.shape, generator=generator)
        chance = torch.rand(len(rows), self.samples, self.length, generator=generator)
        here = torch.arange(len(rows)).tensor_split(parts)[part]
        inputs = {
            "image": self.pictures[view, rows],
            "row": rows,
            "other": rows.roll(1),
            "chance": chance,
        }
        return Batch(inputs)[here]

    def fingerprint(self) -> str:
        """That of all that is drawn from, with what decides what is drawn."""
        held = Batch({"image": self.pictures.transpose(0, 1)}).fingerprint()
        return f"{held} {self.size} {self.samples} {self.length} {self.seed}"


class Chances:
    """Draws a token for each row by its probability, from numbers (rows, length) in [0, 1)."""

    def __init__(self, chances: Tensor) -> None:
        self.chances = iter(chances.unbind(dim=1))

    def __call__(self, logits: Tensor) -> Tensor:
        known = logits.float().index_fill(1, logits.new_tensor([UNK], dtype=torch.long), -torch.inf)
        below = known.softmax(dim=-1).cumsum(dim=-1)
        drawn = torch.searchsorted(below, next(self.chances)[:, None].contiguous(), right=True)
        return drawn.squeeze(1).clamp(max=logits.shape[1] - 1)


@dataclass(frozen=True, eq=False)
class OwnCaptions:
    """What the decoder of a captioner pays for captions that score less than its others.

    references: the words of people's captions of the training pictures. Scores are CIDEr-D, less
    `other` times that for another picture. The encoder stays as it is.
    """

    references: Words
    language: Language
    other: float

    @cached_property
    def cider(self) -> Cider:
        """With the end of a caption as a word of it."""
        return Cider([[[*words, END] for words in texts] for texts in self.references])

    def __call__(self, model: Any, batch: Batch) -> Loss:
        inputs = batch.inputs
        chance = inputs["chance"]
        n, samples, length = chance.shape
        with torch.no_grad(), evaluating(model):
            seen = model.look(inputs["image"]).values
        memory = Tokens.of(seen.repeat_interleave(samples, dim=0))
        begun = Padded.of([torch.tensor([BOS])] * (n * samples)).to(seen.device)
        drawn = generate(model.model, memory, begun, EOS, length, Chances(chance.flatten(0, 1)))
        scores = torch.tensor(self.scores(model, drawn, inputs, samples)).view(n, samples)
        ids, mask = drawn.values, drawn.mask[:, 1:]
        logits = model.model.output(model.model.states(memory, ids[:, :-1])).float()
        log_p = logits.log_softmax(dim=-1).gather(-1, ids[:, 1:, None]).squeeze(-1)
        shape = (n, samples, -1)
        return self_critical(log_p.view(shape), mask.view(shape), scores.to(seen.device))

    def scores(self, model: Captioner, drawn: Padded, inputs: Any, samples: int) -> list[float]:
        """Of each caption."""
        captions = list(self._words(model, drawn))
        own, other = (
            self.cider.scores_of(captions, inputs[name].repeat_interleave(samples).tolist())
            for name in ("row", "other")
        )
        return [one - self.other * less for one, less in zip(own, other, strict=True)]

    def _words(self, model: Captioner, drawn: Padded) -> Iterator[list[str]]:
        for row, length in zip(drawn.values.tolist(), drawn.lengths.tolist(), strict=True):
            ids = row[1:length]
            ended = ids[-1:] == [EOS]
            words = caption_words(model.tokenizer.decode(ids), self.language)
            yield [*words, END] if ended else words


def criticised(
    trainer: Trainer, name: str, system: System, seed: int, criticism: Criticism
) -> tuple[Captioner, float]:
    """A captioner that is trained and then learns from its own captions; the seconds of both."""
    model, took = trainer.train(name, system, seed)
    settings = replace(criticism.training, seed=seed)
    pictures = trainer.shown(system, "train")[None]
    stream = DrawnPictures(
        pictures, settings.batch_size, criticism.samples, model.config.longest, seed
    )
    learned = trained(
        model,
        stream,  # type: ignore[arg-type]
        settings,
        Path(trainer.folder) / f"seed-{seed}",
        f"{name}{CRITICISED}",
        __name__,
        objectives=Objective(
            OwnCaptions(trainer.words(system.language), system.language, criticism.other),
            part="model",
        ),
    )
    return model, took + learned
