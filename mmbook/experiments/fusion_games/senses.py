"""The first stage: an eye and an ear that know digits, and what they make of every sample."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from torch import Tensor

from mmbook.batch import Batch
from mmbook.datasets.digits.bank import TOKENIZER, DigitBank
from mmbook.datasets.digits.items import Corruption, corrupt, draw, draw_items
from mmbook.experiments.fusion_games.config import FusionGamesConfig
from mmbook.experiments.harness.trained import trained
from mmbook.models import MultimodalModel, expert
from mmbook.training import seed_everything

SENSES = ("image", "audio")
SEEDS = {"train": 0, "validation": 10_000, "test": 20_000}  # apart, so that no noise is the same


@dataclass(frozen=True)
class Game:
    """A split's samples of a game, encoded, and what eye and ear alone take them for.

    samples: inputs "image" and "audio" (n, length, width), and "text" where there is an
    instruction. recognised: {sense: (n,) digits}. listen: (n,) whether the ear is asked.
    """

    samples: Batch
    recognised: Mapping[str, Tensor]
    listen: Tensor


def recognisers(
    config: FusionGamesConfig, bank: DigitBank, seed: int, folder: Path
) -> tuple[dict[str, MultimodalModel], float]:
    """The eye and the ear, trained to name the digit, and the seconds that it took."""
    samples = draw(bank, config.train_size, corruption=config.training_noise, seed=seed)
    models, seconds = {}, 0.0
    for sense in SENSES:
        seed_everything(seed)
        models[sense] = expert(sense, len(TOKENIZER), width=config.width)
        settings = replace(config.recognising, seed=seed)
        alone = samples.only(sense)
        seconds += trained(models[sense], alone, settings, folder, f"{sense} alone", __name__)
    return models, seconds


@torch.inference_mode()
def play(
    models: Mapping[str, MultimodalModel],
    bank: DigitBank,
    game: str,
    size: int,
    noise: Corruption,
    seed: int,
) -> Game:
    """Samples of a game as the trained eye and ear take them in."""
    items = draw_items(bank, size, task=game, seed=seed)
    raw = corrupt(bank, items, noise, seed=seed)
    inputs, recognised = {}, {}
    for sense, model in models.items():
        parts = [_taken_in(model, batch) for batch in raw.only(sense).batches(500)]
        inputs[sense] = torch.cat([tokens for tokens, _ in parts])
        recognised[sense] = torch.cat([digits for _, digits in parts])
    if "text" in raw.inputs:
        inputs["text"] = raw.inputs["text"]
    # Where the two digits are the same it does not matter who is asked.
    listen = items.targets != items.image_digits
    return Game(Batch(inputs, raw.targets), recognised, listen)


def _taken_in(model: MultimodalModel, batch: Batch) -> tuple[Tensor, Tensor]:
    """The tokens of a batch, and the digits that they are taken for."""
    device = next(model.parameters()).device
    tokens = model.encode(batch.to(device).inputs)
    found = model.decoder(model.fusion(model.complete(tokens))).argmax(dim=1)
    (only,) = tokens.values()
    return only.values.cpu(), found.cpu()
