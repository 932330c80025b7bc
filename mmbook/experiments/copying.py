"""How long a sequence can a network remember? Say its first symbol again, or all of it.

The symbols are drawn at random, so nothing can be guessed. A recurrent network has to carry them
in its state, past everything that it reads; attention looks back.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path

import torch
from torch import Tensor, nn

from mmbook.batch import Batch
from mmbook.decoders import AutoregressiveDecoder, RecurrentDecoder, TransformerDecoder
from mmbook.evaluation import Result, Row, accuracy, predict
from mmbook.experiments.harness.trained import trained
from mmbook.training import TrainingConfig, seed_everything

BLANK, FIRST = 1, 2  # the sign for "answer now", and the first of the symbols


@dataclass(frozen=True)
class CopyingConfig:
    """The lengths of the sequences, and how the networks are trained at each.

    symbols: how many different ones there are. width: of all networks; their states are as wide.
    """

    lengths: tuple[int, ...]
    training: TrainingConfig
    symbols: int = 8
    width: int = 32
    test_size: int = 1_000
    seeds: tuple[int, ...] = (0, 1, 2)


def _training(steps: int) -> TrainingConfig:
    return TrainingConfig(
        steps=steps, learning_rate=5e-3, weight_decay=0.0, warmup=0.1, precision="float32"
    )


TIERS = {
    "mini": CopyingConfig(lengths=(4, 12, 40), training=_training(steps=500)),
    "full": CopyingConfig(lengths=(4, 8, 16, 32, 64), training=_training(steps=1500)),
}

TASKS: Mapping[str, Callable[[int], int]] = {  # name: the number of answers by length
    "first symbol": lambda length: 1,
    "copy": lambda length: length,
}


def sequences(
    count: int, length: int, answers: int, symbols: int, generator: torch.Generator
) -> Batch:
    """Symbols to read, then a blank for each answer; the targets are the first symbols read.

    inputs {"text": (count, length + answers) ids}, targets (count, answers) from 0 up.
    Raises ValueError where there are more answers than symbols read.
    """
    if not 1 <= answers <= length:
        raise ValueError(f"of {length} symbols, 1 to {length} can be asked for, not {answers}")
    read = torch.randint(symbols, (count, length), generator=generator)
    blanks = torch.full((count, answers), BLANK)
    return Batch({"text": torch.cat([read + FIRST, blanks], dim=1)}, {"label": read[:, :answers]})


class Copier(nn.Module):
    """The scores of a decoder without memory at the blanks: (batch, answers, symbols)."""

    def __init__(self, model: AutoregressiveDecoder, answers: int) -> None:
        super().__init__()
        self.model, self.answers = model, answers

    def forward(self, inputs: Mapping[str, Tensor]) -> Tensor:
        states = self.model.states(None, inputs["text"])[:, -self.answers :]
        return self.model.output(states)[..., FIRST:]


def remembering(vocabulary: int, width: int, push: float = 3.0) -> RecurrentDecoder:
    """A GRU whose update gate is pushed towards keeping its state when training begins."""
    model = RecurrentDecoder(vocabulary, width, cell="gru")
    biases = model.network.get_parameter("bias_ih_l0")  # of the gates r, z and of the candidate
    with torch.no_grad():
        biases[width : 2 * width] += push
    return model


NETWORKS: Mapping[str, Callable[[int, int], AutoregressiveDecoder]] = {
    "RNN": partial(RecurrentDecoder, cell="rnn"),
    "LSTM": partial(RecurrentDecoder, cell="lstm"),
    "GRU": partial(RecurrentDecoder, cell="gru"),
    "GRU, bias +3": remembering,
    "attention": partial(TransformerDecoder, heads=1, layers=1),
}


def run(tier: str, config: CopyingConfig, folder: Path) -> Result:
    """Train every network on every task at every length; weights go to the folder."""
    rows = [Row("chance", "accuracy", seed, 1 / config.symbols) for seed in config.seeds]
    parameters, seconds = {}, 0.0
    points = [(task, length) for task in TASKS for length in config.lengths]
    for seed in config.seeds:
        for task, length in points:
            train, test = _draw(config, seed, length, TASKS[task](length))
            for name, make in NETWORKS.items():
                seed_everything(seed)
                model = Copier(make(FIRST + config.symbols, config.width), test.target.shape[1])
                settings = replace(config.training, seed=seed)
                seconds += trained(
                    model,
                    train,
                    settings,
                    folder / f"seed-{seed}",
                    f"{name}, {task} of {length}",
                    __name__,
                )
                found = accuracy(predict(model, test).flatten(0, 1), test.target.flatten())
                rows.append(Row(name, "accuracy", seed, found, {"task": task, "length": length}))
                parameters[name] = sum(p.numel() for p in model.parameters())
    return Result(
        experiment="copying",
        tier=tier,
        rows=rows,
        baselines=["chance"],
        seeds=config.seeds,
        split=f"{config.test_size} new sequences for each task and length; trained on "
        f"{config.training.steps * config.training.batch_size} others, each read once",
        config=asdict(config),
        parameters=parameters,
        seconds=round(seconds, 1),
        data={},
    )


def _draw(config: CopyingConfig, seed: int, length: int, answers: int) -> tuple[Batch, Batch]:
    """Sequences to train on, as many as training has room for, and others to test on."""
    generator = torch.Generator().manual_seed(seed)
    sizes = (config.training.steps * config.training.batch_size, config.test_size)
    train, test = (sequences(size, length, answers, config.symbols, generator) for size in sizes)
    return train, test
