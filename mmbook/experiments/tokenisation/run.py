"""Measure every seed of a tier."""

import hashlib
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path

from mmbook.evaluation import Result, Row
from mmbook.experiments.harness.measured import measured
from mmbook.experiments.tokenisation.counting import (
    count_captions,
    count_segments,
    count_sentences,
    count_tokens,
    count_unknown,
)
from mmbook.experiments.tokenisation.matching import (
    SAME_SCENE,
    chance_of_the_same_scene,
    match_scenes,
    read_statements,
)
from mmbook.experiments.tokenisation.texts import Corpus, full_corpus, mini_corpus
from mmbook.preprocessing.text.bpe import FIRST_MERGE


@dataclass(frozen=True)
class TokenisationConfig:
    """Sizes: merges to learn, sentence pairs to learn from, scenes that are chosen.

    scenes: for the test in the mini tier, to be matched in the full one. pairs: full tier only.
    """

    seeds: tuple[int, ...] = (0, 1, 2)
    merges: int = 300
    scenes: int = 12
    pairs: int = 0


TIERS = {
    "mini": TokenisationConfig(),
    "full": TokenisationConfig(merges=2000, scenes=500, pairs=6600),
}
_SPLITS = {
    "mini": "12 of the 48 scenes of the shipped captions, chosen by the seed; to match scenes, all",
    "full": "Tatoeba's groups of sentences in the test split; 500 of Flickr8k's 1000 test "
    "photographs, chosen by the seed",
}


def run(tier: str, config: TokenisationConfig, folder: Path) -> Result:
    """Measure tokens, unknown words, segments, and what bags of words can tell, seed by seed."""
    rows, data, seconds = [], {}, 0.0
    for seed in config.seeds:
        if tier == "mini":
            corpus = mini_corpus(seed, config.scenes)
        else:
            corpus = full_corpus(seed, config.pairs, config.scenes)
        data[f"seed {seed}"] = _digest(corpus)
        settings = [tier, replace(config, seeds=(seed,)), data[f"seed {seed}"]]
        settings += [corpus.segmented, sorted(corpus.lexicon.counts.items())]
        found, spent = measured(
            partial(_measure, tier, config, corpus), settings, folder, f"seed-{seed}", __name__
        )
        rows += found
        seconds += spent
    return Result(
        experiment="tokenisation",
        tier=tier,
        rows=rows,
        baselines=["chance", "one answer to all"],
        seeds=config.seeds,
        split=_SPLITS[tier],
        config=asdict(config),
        parameters={"ids": FIRST_MERGE + config.merges},
        seconds=round(seconds, 1),
        data=data,
    )


def _measure(tier: str, config: TokenisationConfig, corpus: Corpus) -> list[Row]:
    chance = chance_of_the_same_scene(corpus)
    return [
        *count_tokens(corpus, config.merges),
        *count_unknown(corpus),
        *count_captions(corpus),
        *count_segments(corpus),
        *(count_sentences(corpus) if tier == "full" else []),
        *match_scenes(corpus),
        *read_statements(corpus.seed),
        Row("chance", "accuracy", corpus.seed, chance, {"task": SAME_SCENE}),
        Row("one answer to all", "accuracy", corpus.seed, 0.5, {"task": "statements"}),
    ]


def _digest(corpus: Corpus) -> str:
    """What identifies the texts of one seed."""
    parts = repr((corpus.train, corpus.test, corpus.scenes, corpus.to_segment))
    return hashlib.sha256(parts.encode()).hexdigest()
