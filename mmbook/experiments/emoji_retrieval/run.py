"""The experiment from data to result."""

from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import asdict
from functools import partial
from itertools import product
from pathlib import Path

import torch
from torch import Tensor

from mmbook.datasets.real.audio_cmn import load_audio_cmn
from mmbook.evaluation import Result, Row
from mmbook.evaluation.retrieval import median_rank, ranks, recall_at
from mmbook.experiments.emoji_retrieval.bridging import measure_bridge
from mmbook.experiments.emoji_retrieval.config import ASKED, SYSTEMS, EmojiConfig, Found
from mmbook.experiments.emoji_retrieval.data import (
    Grouped,
    Split,
    load_grouped,
    share_of_groups,
    split_groups,
)
from mmbook.experiments.emoji_retrieval.keywords import answers, hidden_keywords, measure_keywords
from mmbook.experiments.emoji_retrieval.neighbours import Scorer, baselines, merit, text_products
from mmbook.experiments.emoji_retrieval.pairs import Learned, Pictures, Trainer
from mmbook.experiments.emoji_retrieval.speech import RATE, Spoken, measure_speech
from mmbook.experiments.emoji_retrieval.texts import all_texts
from mmbook.training.saving.checkpoints import digest

FIRST = (1, 5, 10)  # how many answers are looked at
SHARES = (
    0.0,
    0.25,
    0.5,
    1.0,
    2.0,
)  # of a learned system's scores, beside those of ridge regression
BEST = "two layers, changed features"  # what pictures are asked with by words and speech
KEYWORDS = "two layers, changed, six languages"  # what hidden keywords are asked of
CURVED = ("soft neighbours", "ridge regression")  # the baselines of the learning curve
MIXED = "ridge regression and learned"


def run(tier: str, config: EmojiConfig, folder: Path) -> Result:
    """Train and measure everything for every seed, which decides the split too."""
    data = load_grouped()
    emoji = data.emoji
    pictures = Pictures.of(emoji.images, config.side, config.views)
    spoken = Spoken.of(load_audio_cmn("all", rate=RATE))
    rows: list[Row] = []
    rates: dict[str, float] = {}
    sizes: dict[str, int] = {}
    seconds = 0.0
    for seed in config.seeds:
        trainer = Trainer(config, emoji, pictures, seed, rates, folder)
        rows += [
            Row(system, metric, seed, value, condition)
            for system, metric, value, condition in _measured(trainer, data, spoken)
        ]
        seconds += trainer.seconds
        sizes |= trainer.sizes
    return Result(
        experiment="emoji-retrieval",
        tier=tier,
        rows=rows,
        baselines=["chance", "nearest pixels", "soft neighbours", "ridge regression"],
        seeds=config.seeds,
        split=f"{config.test_size} emoji are held out and {config.validation_size} choose "
        "settings; no group of emoji with near-equal pictures, one stem of a name or one family "
        "is in two parts; split=random holds out single emoji, so that near-equal ones are known",
        config=asdict(config) | {"systems": {name: asdict(s) for name, s in SYSTEMS.items()}},
        parameters=sizes,
        seconds=round(seconds, 1),
        data={"emoji": digest({"images": emoji.images}), "speech": digest({"x": spoken.sounds})},
    )


def _measured(trainer: Trainer, data: Grouped, spoken: Spoken) -> Iterator[Found]:
    """All that is measured for one seed."""
    config, seed = trainer.config, trainer.seed
    sizes = config.validation_size, config.test_size
    split = split_groups(data.groups, seed, *sizes)
    alone = split_groups(torch.arange(len(data.groups)), seed, *sizes)
    learned = yield from _retrieved(trainer, split, "groups", tuple(SYSTEMS))
    yield from _retrieved(trainer, alone, "random", config.curve)
    yield from _curve(trainer, data, split)
    yield from _keywords(trainer, split)
    texts = all_texts(trainer.emoji, ASKED)
    yield from measure_bridge(trainer, data.groups, split, texts)
    yield from measure_speech(trainer, spoken, learned[BEST], split.test)


def _retrieved(
    trainer: Trainer, split: Split, kind: str, names: Sequence[str]
) -> Generator[Found, None, dict[str, Learned]]:
    """Baselines and the systems of some names on one split; returns the learned ones."""
    learned = learn(trainer, split, names, kind)
    where = {"split": kind}
    yield "held-out emoji", "count", float(len(split.test)), where
    yield "chance", "median_rank", (1 + len(split.test)) / 2, where
    for k in FIRST:
        yield "chance", f"recall_at_{k}", min(1.0, k / len(split.test)), where
    for name, one in learned.items():
        yield name, "learning_rate", one.rate, where
    for language in ASKED:
        texts = text_products(trainer.emoji, language, split.train)
        plain = baselines(trainer.emoji, trainer.pictures.made, texts, split)
        nets: dict[str, Scorer] = {n: partial(_asked, o, language) for n, o in learned.items()}
        mix, shares = mixed(plain["ridge regression"], nets, split.validation)
        systems = {**plain, **nets, MIXED: mix}
        asked_in = where | {"language": language}
        for name, share in shares.items():
            yield MIXED, "share", share, asked_in | {"part": name}
        for name, scorer in systems.items():
            yield from _ranked(name, scorer(split.test), asked_in)
            if kind == "groups" and name in (*CURVED, *trainer.config.curve):
                yield from _ranked(name, scorer(split.test), asked_in | {"training_share": 1.0})
        for name, scorer in nets.items() if kind == "groups" else ():
            seen = split.train[: len(split.test)]
            yield from _ranked(name, scorer(seen), {"split": "training", "language": language})
    return learned


def _asked(learned: Learned, language: str, rows: Tensor) -> Tensor:
    return learned.scores(rows, language)


def learn(trainer: Trainer, split: Split, names: Sequence[str], what: str) -> dict[str, Learned]:
    """The systems of some names, trained on a split."""
    return {
        name: trainer.train(
            name,
            SYSTEMS[name],
            all_texts(trainer.emoji, SYSTEMS[name].languages),
            split.train,
            split.validation,
            f", {what}",
        )
        for name in names
    }


def mixed(
    ridge: Scorer, nets: Mapping[str, Scorer], validation: Tensor
) -> tuple[Scorer, dict[str, float]]:
    """Ridge regression's scores and a share of the best two learned ones', chosen on validation."""
    known = {name: scorer(validation) for name, scorer in nets.items()}
    base = ridge(validation)
    best = sorted(nets, key=lambda name: -merit(known[name]))[:2]

    def tried(shares: tuple[float, ...]) -> float:
        return merit(base + sum(s * known[n] for s, n in zip(shares, best, strict=True)))

    chosen = max(product(SHARES, repeat=len(best)), key=tried)
    shares = dict.fromkeys(nets, 0.0) | dict(zip(best, chosen, strict=True))

    def scores(rows: Tensor) -> Tensor:
        parts = [share * nets[name](rows) for name, share in shares.items() if share]
        return torch.stack([ridge(rows), *parts]).sum(dim=0)

    return scores, shares


def _ranked(system: str, scores: Tensor, where: Mapping[str, str | float]) -> Iterator[Found]:
    """Recalls and median rank in both directions; scores: (pictures, texts)."""
    for direction, one_way in (("picture to text", scores), ("text to picture", scores.T)):
        found = ranks(one_way)
        there = {**where, "direction": direction}
        for k in FIRST:
            yield system, f"recall_at_{k}", recall_at(found, k), there
        yield system, "median_rank", median_rank(found), there


def _curve(trainer: Trainer, data: Grouped, split: Split) -> Iterator[Found]:
    """What more training emoji are worth: shares of the groups that are trained on."""
    for share in trainer.config.shares:
        rows = share_of_groups(data.groups, split.train, share, trainer.seed)
        fewer = Split(rows, split.validation, split.test)
        learned = learn(trainer, fewer, trainer.config.curve, f"{share:g} of groups")
        yield "training emoji", "count", float(len(rows)), {"training_share": share}
        for language in ASKED:
            where = {"split": "groups", "language": language, "training_share": share}
            texts = text_products(trainer.emoji, language, rows)
            plain = baselines(trainer.emoji, trainer.pictures.made, texts, fewer)
            for name in CURVED:
                yield from _ranked(name, plain[name](split.test), where)
            for name, one in learned.items():
                yield from _ranked(name, one.scores(split.test, language), where)


def _keywords(trainer: Trainer, split: Split) -> Iterator[Found]:
    """Questions by keywords that were taken out of all training texts."""
    config, system = trainer.config, SYSTEMS[KEYWORDS]
    everything = all_texts(trainer.emoji, system.languages)
    hidden = hidden_keywords(everything, config.hidden_share, config.fewest, trainer.seed)
    visible = all_texts(trainer.emoji, system.languages, hidden)
    learned = trainer.train(
        KEYWORDS, system, visible, split.train, split.validation, ", keywords hidden"
    )
    relevant = answers(hidden, everything)
    yield from measure_keywords(hidden, relevant, visible, learned, split.train, split.test)
