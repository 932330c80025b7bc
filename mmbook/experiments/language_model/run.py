"""Measure every seed of a tier."""

import hashlib
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from mmbook.decoders import RecurrentDecoder
from mmbook.evaluation import Result, best_weight, mix, perplexity, token_log_probabilities
from mmbook.experiments.language_model.texts import Text, load_texts
from mmbook.experiments.trained import trained
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
    measured: dict[str, list[float]] = {}
    baselines: dict[str, list[float]] = {}
    data, parameters, seconds = {}, {}, 0.0
    for seed in config.seeds:
        for name, text in load_texts(tier, config.fewest, seed).items():
            digest = hashlib.sha256(repr((text.train, text.test)).encode()).hexdigest()
            data[f"{name}, seed {seed}"] = digest
            for size in config.sizes:
                part, label = replace(text, train=text.train[:size]), f"{name} {size}"
                for plain, value in _plain(part).items():
                    baselines.setdefault(f"{label}, {plain}", []).append(value)
                model = _network(part, config, seed)
                parameters[f"{name}, GRU"] = sum(p.numel() for p in model.parameters())
                seconds += _train(model, part, config, seed, folder / f"seed-{seed}", label)
                for system, value in _compare(model, part, config).items():
                    measured.setdefault(f"{label}, {system}", []).append(value)
    return Result(
        experiment="language-model",
        tier=tier,
        metrics=measured,
        baselines={name: {"perplexity": values} for name, values in baselines.items()},
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
        f"trigram plus {amount:g}": AdditiveSmoothing.fit(text.train, 3, amount, text.choices)
        for amount in (1, 0.01)
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
    samples, file = next_token_batch(text.train), name.replace(" ", "-")
    objectives = Objective(next_token_loss)
    return trained(model, samples, settings, folder, file, objectives=objectives)


def _compare(model: NextToken, text: Text, config: LanguageModelConfig) -> Values:
    """Perplexities on the test; the weights of the mixture are chosen on validation."""
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
        logs = counted.log_probabilities(text.test)
        found[f"Kneser-Ney {order}"] = perplexity(logs)
        if order == config.partner:
            validation = counted.log_probabilities(text.validation)
            weight = best_weight(network["validation"], validation)
            found["mixture"] = perplexity(mix(network["test"], logs, weight))
            found["weight of GRU"] = weight
    return found
