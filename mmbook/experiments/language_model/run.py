"""Measure every seed of a tier."""

from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from mmbook.datasets.texts import Text, load_texts
from mmbook.decoders import RecurrentDecoder
from mmbook.evaluation import Result, Row, best_weight, mix, perplexity, token_log_probabilities
from mmbook.experiments.harness.trained import trained
from mmbook.models import (
    AdditiveSmoothing,
    KneserNey,
    NextToken,
    next_token_batch,
    next_token_loss,
)
from mmbook.training import Objective, TrainingConfig, seed_everything

Values = dict[str, float]
FIXED_DISCOUNT = 0.75  # the usual one where nothing is estimated
TRIGRAMS = {f"trigram plus {amount:g}": amount for amount in (1, 0.01)}


@dataclass(frozen=True)
class LanguageModelConfig:
    """Sizes, and the settings of the training loop.

    fewest: how often a word must occur to be known. orders: of the n-gram models; `partner` is the
    one mixed with the network. sizes: numbers of training sentences, as many as there are where
    there are fewer. epochs: passes over the sentences, but at least training.steps steps are taken.
    """

    seeds: tuple[int, ...] = (0, 1, 2)
    fewest: int = 2
    orders: tuple[int, ...] = (2, 3, 4, 5)
    partner: int = 4
    sizes: tuple[int, ...] = (96,)
    width: int = 128
    dropout: float = 0.3
    epochs: int = 0
    training: TrainingConfig = field(
        default_factory=lambda: TrainingConfig(
            steps=100, batch_size=32, learning_rate=4e-3, weight_decay=0.01
        )
    )


TIERS = {
    "mini": LanguageModelConfig(),
    "full": LanguageModelConfig(
        fewest=4,
        sizes=(1_000, 5_000, 30_000),
        dropout=0.1,
        epochs=5,
        training=TrainingConfig(
            steps=300,
            batch_size=64,
            learning_rate=4e-3,
            weight_decay=0.01,
            precision="bfloat16",
        ),
    ),
}
SPLITS = {
    "mini": "8 of the 48 scenes of the shipped captions, chosen by the seed; 8 more for validation",
    "full": "Flickr8k: the captions of the publishers' 1000 test photographs; "
    "Tatoeba: groups of linked sentences, about 5 of 100",
}


def run(tier: str, config: LanguageModelConfig, folder: Path) -> Result:
    """Perplexities on held-out text of n-gram models, a recurrent network, and both mixed."""
    rows: list[Row] = []
    data, parameters, seconds = {}, {}, 0.0
    for seed in config.seeds:
        for name, text in load_texts(tier, config.fewest, seed).items():
            data[f"{name}, seed {seed}"] = text.digest
            for size in config.sizes:
                part, label = replace(text, train=text.train[:size]), f"{name} {size}"
                model = _network(part, config, seed)
                parameters[f"{name}, GRU"] = sum(p.numel() for p in model.parameters())
                seconds += _train(model, part, config, seed, folder / f"seed-{seed}", label)
                found, weight = _compare(model, part, config)
                condition = {"text": name, "sentences": size}
                rows += [
                    Row(system, "perplexity", seed, value, condition)
                    for system, value in (_plain(part) | found).items()
                ]
                rows.append(Row("mixture", "weight_of_network", seed, weight, condition))
    return Result(
        experiment="language-model",
        tier=tier,
        rows=rows,
        baselines=["uniform", *TRIGRAMS],
        seeds=config.seeds,
        split=SPLITS[tier],
        config=asdict(config),
        parameters=parameters,
        seconds=round(seconds, 1),
        data=data,
    )


def _plain(text: Text) -> Values:
    """Perplexities without Kneser-Ney: no model at all, and counts with a constant added."""
    trigrams = {
        name: AdditiveSmoothing.fit(text.train, 3, amount, text.choices)
        for name, amount in TRIGRAMS.items()
    }
    found = {name: perplexity(m.log_probabilities(text.test)) for name, m in trigrams.items()}
    return {"uniform": float(text.choices)} | found


def _network(text: Text, config: LanguageModelConfig, seed: int) -> NextToken:
    seed_everything(seed)
    model = RecurrentDecoder(len(text.vocabulary), config.width, dropout=config.dropout)
    return NextToken(model)


def _train(
    model: NextToken, text: Text, config: LanguageModelConfig, seed: int, folder: Path, name: str
) -> float:
    """Train the model, once, and return the seconds that it took."""
    passes = config.epochs * len(text.train) // config.training.batch_size
    settings = replace(config.training, seed=seed, steps=max(config.training.steps, passes))
    samples = next_token_batch(text.train)
    objectives = Objective(next_token_loss)
    return trained(model, samples, settings, folder, name, __name__, objectives=objectives)


def _compare(model: NextToken, text: Text, config: LanguageModelConfig) -> tuple[Values, float]:
    """Perplexities on the test, and the network's weight in the mixture, chosen on validation."""
    held_out = {"validation": text.validation, "test": text.test}
    network = {
        split: token_log_probabilities(model, next_token_batch(rows))
        for split, rows in held_out.items()
    }
    fixed = KneserNey.fit(text.train, config.partner, text.choices, FIXED_DISCOUNT)
    found = {
        "GRU": perplexity(network["test"]),
        f"Kneser-Ney {config.partner}, discount {FIXED_DISCOUNT}": perplexity(
            fixed.log_probabilities(text.test)
        ),
    }
    for order in config.orders:
        counted = KneserNey.fit(text.train, order, text.choices)
        found[f"Kneser-Ney {order}"] = perplexity(counted.log_probabilities(text.test))
    partner = KneserNey.fit(text.train, config.partner, text.choices)
    weight = best_weight(network["validation"], partner.log_probabilities(text.validation))
    mixed = mix(network["test"], partner.log_probabilities(text.test), weight)
    return found | {"mixture": perplexity(mixed)}, weight
