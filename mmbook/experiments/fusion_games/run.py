"""The experiment from data to result."""

from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path

import torch
from torch import Tensor

from mmbook.datasets.digits.bank import TOKENIZER, DigitBank, load_bank
from mmbook.datasets.digits.tasks import find_task
from mmbook.decoders import Classifier
from mmbook.encoders import KeptTokens, RecurrentEncoder
from mmbook.evaluation import Result, Row, accuracy, majority_accuracy, predict
from mmbook.evaluation.additive import additive_projection
from mmbook.experiments.fusion_games.config import (
    FUSIONS,
    INSTRUCTED,
    SYSTEMS,
    FusionGamesConfig,
)
from mmbook.experiments.fusion_games.senses import SEEDS, SENSES, Game, play, recognisers
from mmbook.experiments.harness.trained import trained
from mmbook.models import MultimodalModel, classifier
from mmbook.training import seed_everything
from mmbook.training.saving.checkpoints import digest

PROJECTED = 300  # samples whose senses are exchanged with each other's, all with all


def run(tier: str, config: FusionGamesConfig, folder: Path) -> Result:
    """Train and measure every fusion in every game for every seed."""
    banks = {split: load_bank(split, config.bank) for split in SEEDS}
    rows: list[Row] = []
    sizes: dict[str, int] = {}
    seconds = 0.0
    for seed in config.seeds:
        place = folder / f"seed-{seed}"
        models, took = recognisers(config, banks["train"], seed, place)
        seconds += took
        for game in config.games:
            splits = _splits(models, config, banks, game, seed)
            rows += _baselines(splits, game, seed)
            for name in SYSTEMS:
                best, took = _tuned(name, game, splits, config, seed, place)
                seconds += took
                sizes[name] = max(sizes.get(name, 0), _size(best))
                rows += _measured(name, best, splits["test"], game, seed)
    return Result(
        experiment="fusion-games",
        tier=tier,
        rows=rows,
        baselines=["majority", "recognised", "image alone", "audio alone"],
        seeds=config.seeds,
        split="images and voices of training, validation and test are apart; rates are chosen on "
        "validation",
        config=asdict(config),
        parameters=sizes,
        seconds=round(seconds, 1),
        data={s: digest({"images": b.images, "clips": b.clips}) for s, b in banks.items()},
    )


def _splits(
    models: Mapping[str, MultimodalModel],
    config: FusionGamesConfig,
    banks: Mapping[str, DigitBank],
    game: str,
    seed: int,
) -> dict[str, Game]:
    """Training, validation and test samples of a game."""
    sizes = {
        "train": (config.train_size, config.training_noise),
        "validation": (config.validation_size, config.noise),
        "test": (config.test_size, config.noise),
    }
    return {
        split: play(models, banks[split], game, size, noise, SEEDS[split] + seed)
        for split, (size, noise) in sizes.items()
    }


def _baselines(splits: Mapping[str, Game], game: str, seed: int) -> list[Row]:
    """The most frequent answer; that for the digit of one sense; and what follows from both.

    What eye and ear take a sample for is all that is known here, and the rule of the game.
    """
    train, test, condition = splits["train"], splits["test"], {"game": game}
    target = test.samples.target
    seen, heard = (test.recognised[sense] for sense in SENSES)
    answer = find_task(game).label(seen, heard, test.listen)
    rows = [
        Row("majority", "accuracy", seed, majority_accuracy(target), condition),
        Row("recognised", "accuracy", seed, _share(answer == target), condition),
    ]
    for sense in SENSES:
        counts = torch.zeros(10, find_task(game).classes)
        here = train.recognised[sense], train.samples.target
        counts.index_put_(here, torch.ones(len(here[0])), accumulate=True)
        likely = counts.argmax(dim=1)[test.recognised[sense]]
        rows.append(Row(f"{sense} alone", "accuracy", seed, _share(likely == target), condition))
    return rows


def _share(right: Tensor) -> float:
    return right.double().mean().item()


def _tuned(
    name: str,
    game: str,
    splits: Mapping[str, Game],
    config: FusionGamesConfig,
    seed: int,
    folder: Path,
) -> tuple[MultimodalModel, float]:
    """The fusion with the rate that does best on validation, and the seconds of all rates."""
    found, seconds = [], 0.0
    for rate in config.rates:
        seed_everything(seed)
        model = player(name, game, config.width)
        settings = replace(config.joining, seed=seed, learning_rate=rate)
        samples = splits["train"].samples
        seconds += trained(model, samples, settings, folder, f"{game} {name} {rate:g}", __name__)
        held_out = splits["validation"].samples
        found.append((accuracy(predict(model, held_out), held_out.target), model))
    return max(found, key=lambda pair: pair[0])[1], seconds


def player(name: str, game: str, width: int) -> MultimodalModel:
    """A fusion of what eye and ear took in, and of an instruction where the game has one."""
    encoders: dict = {sense: KeptTokens() for sense in SENSES}
    if game == INSTRUCTED:
        encoders["text"] = RecurrentEncoder(len(TOKENIZER), width)
    names, classes = tuple(encoders), find_task(game).classes
    if name == "late":
        return classifier(encoders, width, classes)
    return MultimodalModel(encoders, FUSIONS[name](names, width), Classifier(width, classes))


def _size(model: MultimodalModel) -> int:
    """The parameters of the fusion and of what reads it."""
    return sum(p.numel() for part in (model.fusion, model.decoder) for p in part.parameters())


def _measured(name: str, model: MultimodalModel, test: Game, game: str, seed: int) -> list[Row]:
    """Accuracy, and for two senses that of the nearest additive model."""
    target, condition = test.samples.target, {"game": game}
    rows = [Row(name, "accuracy", seed, accuracy(predict(model, test.samples), target), condition)]
    if game != INSTRUCTED:
        scores = additive_projection(_all_with_all(model, test))
        own = scores.diagonal().T  # (n, classes)
        value = accuracy(own, target[: len(own)])
        rows.append(Row(name, "additive_accuracy", seed, value, condition))
    return rows


@torch.inference_mode()
def _all_with_all(model: MultimodalModel, test: Game) -> Tensor:
    """Scores of each image with each sound, (n, n, classes)."""
    device = next(model.parameters()).device
    seen, heard = (test.samples.inputs[s][:PROJECTED].to(device) for s in SENSES)
    rows = [
        model({"image": image.expand(len(heard), -1, -1), "audio": heard}).cpu() for image in seen
    ]
    return torch.stack(rows)
