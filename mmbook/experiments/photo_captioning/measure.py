"""What captions are worth: of captioners, of one sentence for all pictures, and of people."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, partial

import torch
from torch import Generator, Tensor

from mmbook.decoders.generation import beam_search
from mmbook.decoders.without_repeats import WithoutRepeats
from mmbook.evaluation.captions.baselines import Metric, best_constant, human, shuffled
from mmbook.evaluation.captions.bleu import Bleu
from mmbook.evaluation.captions.cider import Cider
from mmbook.evaluation.captions.words import caption_words, count_ngrams, distinct
from mmbook.experiments.photo_captioning.texts import Words
from mmbook.layers.modes import evaluating
from mmbook.models.captioning import BATCH, Captioner, Language
from mmbook.preprocessing.text.special import BOS, EOS

ORDER = 4  # the longest runs of words that count
RUN = 3  # tokens: what captions would otherwise end in, again and again
LIKELY = 300  # captions among which the best constant one is looked for
SHUFFLED = "pictures exchanged"
Measured = tuple[str, float, dict[str, str | float]]
METRICS: dict[str, Metric[Sequence[str]]] = {
    **{f"bleu_{n}": partial(Bleu, order=n) for n in range(1, ORDER + 1)},
    "cider": Cider,
}


@dataclass
class Judge:
    """Scores captions of a split's pictures against those of people; references: their words."""

    references: Words
    seed: int = 0

    @cached_property
    def bleu(self) -> Bleu:
        """Of all orders up to ORDER."""
        return Bleu(self.references, ORDER)

    @cached_property
    def cider(self) -> Cider:
        """CIDEr-D, from 0 to 10."""
        return Cider(self.references)

    def scores(self, captions: Sequence[Sequence[str]]) -> dict[str, float]:
        """BLEU-1 to BLEU-4, CIDEr, the share of captions that differ, and their mean length."""
        bleu = {f"bleu_{n}": value for n, value in enumerate(self.bleu.orders(captions), 1)}
        return {
            **bleu,
            "cider": self.cider(captions),
            "distinct": distinct(captions),
            "words": sum(map(len, captions)) / len(captions),
        }

    def measured(self, captions: Sequence[Sequence[str]]) -> Iterator[Measured]:
        """`scores`, and CIDEr where each caption is said of another picture."""
        for metric, value in self.scores(captions).items():
            yield metric, value, {}
        generator = Generator().manual_seed(self.seed)
        value = shuffled(captions, self.references, lambda _: self.cider, generator)
        yield "cider", value, {"pictures": "exchanged"}


@torch.inference_mode()
def described(
    model: Captioner, images: Tensor, language: Language, beam: int = 1, penalty: float = 0.0
) -> list[list[str]]:
    """The words of a caption for each picture, in which no run of RUN tokens comes twice.

    Else as `Captioner.caption`, with a penalty for length.
    """
    device, found = next(model.parameters()).device, []
    decoder = WithoutRepeats(model.model, RUN, EOS)
    with evaluating(model):
        for part in images.split(BATCH):
            memory = model.look(part.to(device))
            longest = model.config.longest
            ids, _ = beam_search(
                decoder, memory, BOS, EOS, longest, beam, rows=len(part), penalty=penalty
            )
            rows = zip(ids.values.tolist(), ids.lengths.tolist(), strict=True)
            found += [model.tokenizer.decode(row[:length]) for row, length in rows]
    return [caption_words(text, language) for text in found]


def constants(train: Words, chosen_on: Words, asked: Judge) -> Iterator[Measured]:
    """What the best constant caption is worth, chosen once by each metric.

    Of LIKELY training captions, the one that scores best on other pictures' captions.
    """
    candidates = likely(train, LIKELY)
    for by, metric in METRICS.items():
        caption, _ = best_constant(candidates, chosen_on, metric)
        for name, value in asked.scores([caption] * len(asked.references)).items():
            yield name, value, {"chosen_by": by}


def likely(train: Words, count: int) -> list[list[str]]:
    """The training captions whose runs of words most pictures have.

    That is, the mean over a caption's runs of 1 to ORDER words of the share of pictures one of
    whose captions has it; of those whose length is within one word of the usual half of captions.
    """
    having = Counter(
        run for texts in train for run in set().union(*(count_ngrams(t, ORDER) for t in texts))
    )
    lengths = sorted(len(words) for texts in train for words in texts)
    least, most = lengths[len(lengths) // 4] - 1, lengths[3 * len(lengths) // 4] + 1
    distinct_ones = {tuple(words) for texts in train for words in texts}

    def shared(words: tuple[str, ...]) -> float:
        runs = count_ngrams(words, ORDER)
        return sum(having[run] for run in runs) / max(1, len(runs))

    usual = [words for words in distinct_ones if least <= len(words) <= most]
    best = sorted(usual, key=lambda words: (-shared(words), words))
    return [list(words) for words in best[:count]]


def people(references: Words) -> Iterator[Measured]:
    """What a caption by a person is worth against the four others of its picture."""
    for name, metric in METRICS.items():
        yield name, human(references, metric), {}
