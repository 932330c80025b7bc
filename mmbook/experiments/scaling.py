"""How does a language model's loss fall with compute, and does the line foretell a larger run?

Small transformers of several widths read several lengths of text, a character at a time and never
twice. Each run is a whole one, with its own schedule.
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

import torch
from torch import Generator, Tensor

from mmbook.batch import Batch
from mmbook.datasets.real.flickr8k import load_flickr8k_captions
from mmbook.datasets.scenes.captions import LEVELS, describe
from mmbook.datasets.scenes.layout import SceneConfig, draw_scenes
from mmbook.decoders import TransformerDecoder
from mmbook.evaluation import Result, Row
from mmbook.evaluation.cost import TransformerCost
from mmbook.evaluation.scaling import PowerLaw, frontier
from mmbook.experiments.harness.trained import trained
from mmbook.layers.modes import evaluating
from mmbook.models import NextToken, next_token_loss
from mmbook.training import Objective, TrainingConfig, seed_everything
from mmbook.training.saving.checkpoints import digest

ALPHABET = "\n abcdefghijklmnopqrstuvwxyz.,'-"
OTHER = len(ALPHABET) + 1  # 0 is padding, which does not occur
VOCABULARY = OTHER + 1
TUNING_SEED = 100  # of the runs that choose a rate, which are none of those measured


@dataclass(frozen=True)
class ScalingConfig:
    """The grid, and how each of its runs is trained.

    widths, heads, layers: of the transformers. tokens: characters that are read, once each, in
    windows of `window`; rates: learning rates, of which each width takes the one that is best on
    `held_out` validation characters after the smallest number of tokens. held_out: characters of
    the test, too.
    """

    text: str
    seeds: tuple[int, ...] = (0, 1, 2)
    widths: tuple[int, ...] = (16, 32, 64)
    heads: int = 4
    layers: int = 2
    tokens: tuple[int, ...] = (8_192, 32_768, 131_072)
    window: int = 64
    rates: tuple[float, ...] = (3e-3, 1e-2, 3e-2)
    held_out: int = 32_768
    training: TrainingConfig = field(
        default_factory=lambda: TrainingConfig(
            batch_size=16, warmup=0.1, weight_decay=0.01, precision="float32"
        )
    )


TIERS = {
    "mini": ScalingConfig(text="scenes"),
    "full": ScalingConfig(
        text="flickr8k",
        widths=(16, 32, 64, 96),
        tokens=(32_768, 131_072, 524_288),
        held_out=65_536,
    ),
}
SPLITS = {
    "scenes": "sentences on generated scenes, drawn with another seed than those of training",
    "flickr8k": "the captions of the publishers' 1000 test photographs",
}


def run(tier: str, config: ScalingConfig, folder: Path) -> Result:
    """Choose a rate for each width; measure every width after every number of tokens."""
    train, validation, test = load_characters(config)
    rows: list[Row] = []
    rates, parameters, seconds = {}, {}, 0.0
    for width in config.widths:
        trial = _Trainer(config, folder / "rates", train, TUNING_SEED)
        found = {r: trial.loss(width, config.tokens[0], r, validation) for r in config.rates}
        rates[width] = min(found, key=lambda rate: found[rate])
        rows += [Row(f"width {width}", "learning_rate", s, rates[width]) for s in config.seeds]
        parameters[f"width {width}"] = trial.cost(width).parameters
        seconds += trial.seconds
    for seed in config.seeds:
        trainer = _Trainer(config, folder / f"seed-{seed}", train, seed)
        compute, losses = [], []
        for width in config.widths:
            for tokens in config.tokens:
                compute.append(trainer.flops(width, tokens))
                losses.append(trainer.loss(width, tokens, rates[width], test))
                condition = {"tokens": tokens, "gigaflops": round(compute[-1] / 1e9, 1)}
                rows.append(Row(f"width {width}", "loss", seed, losses[-1], condition))
        rows += _foretold(compute, losses, seed)
        seconds += trainer.seconds
    return Result(
        experiment="scaling",
        tier=tier,
        rows=rows,
        baselines=["straight line"],
        seeds=config.seeds,
        split=SPLITS[config.text],
        config=asdict(config),
        parameters=parameters,
        seconds=round(seconds, 1),
        data={"train": digest({"ids": train}), "test": digest({"ids": test})},
    )


def _foretold(compute: list[float], losses: list[float], seed: int) -> Iterator[Row]:
    """The exponent of a seed's frontier; and its last run from the others, by laws and as it was.

    The frontier is of test losses: it says which runs were best here, and chooses none to be used.
    """
    best = frontier(compute, losses)
    x, y = [compute[i] for i in best], [losses[i] for i in best]
    yield Row("frontier", "exponent", seed, PowerLaw.fit(x, y).exponent)
    yield Row("frontier", "runs", seed, len(best))
    yield Row("measured", "last_loss", seed, y[-1])
    yield Row("straight line", "last_loss", seed, PowerLaw.fit(x[:-1], y[:-1]).predict(x[-1]))  # type: ignore[arg-type]


class _Trainer:
    """The runs of one seed, and the seconds that they took."""

    def __init__(self, config: ScalingConfig, folder: Path, text: Tensor, seed: int) -> None:
        self.config, self.folder, self.text, self.seed = config, folder, text, seed
        self.seconds = 0.0

    def cost(self, width: int) -> TransformerCost:
        """Of one step."""
        config = self.config
        batch = config.training.batch_size
        return TransformerCost(VOCABULARY, width, config.heads, config.layers, batch, config.window)

    def flops(self, width: int, tokens: int) -> int:
        """Of a whole run."""
        return self.cost(width).flops * self._steps(tokens)

    def loss(self, width: int, tokens: int, rate: float, held_out: Tensor) -> float:
        """Train on so many characters; the loss on others, in nats a character."""
        seed_everything(self.seed)
        config, start = self.config, self._start(tokens)
        model = NextToken(TransformerDecoder(VOCABULARY, width, config.heads, config.layers))
        settings = replace(
            config.training, seed=self.seed, learning_rate=rate, steps=self._steps(tokens)
        )
        self.seconds += trained(
            model,
            windows(self.text[start : start + tokens + 1], config.window),
            settings,
            self.folder,
            f"width {width}, {tokens} tokens, rate {rate:g}",
            __name__,
            objectives=Objective(next_token_loss),
        )
        return mean_loss(model, windows(held_out, config.window))

    def _steps(self, tokens: int) -> int:
        return tokens // (self.config.window * self.config.training.batch_size)

    def _start(self, tokens: int) -> int:
        """Where a seed's part of the text begins; short runs read the beginning of long ones."""
        room = len(self.text) - max(self.config.tokens) - 1
        return int(torch.randint(room + 1, (), generator=Generator().manual_seed(self.seed)))


@torch.inference_mode()
def mean_loss(model: NextToken, samples: Batch) -> float:
    """Nats a character."""
    with evaluating(model):
        losses = [next_token_loss(model, batch) for batch in samples.batches(64)]
    return float(sum(loss.total for loss in losses) / sum(loss.count for loss in losses))


def windows(ids: Tensor, length: int) -> Batch:
    """Consecutive windows of a text as questions and answers: inputs "text", targets "next".

    ids: (n,). Each window has `length` characters, and what follows each of them; a rest is left.
    Raises ValueError where the text is too short for one.
    """
    count = (len(ids) - 1) // length
    if length < 1 or count < 1:
        raise ValueError(f"{len(ids)} characters are too few for a window of {length} and one more")
    used = count * length
    texts, follows = ids[:used].view(count, length), ids[1 : used + 1].view(count, length)
    return Batch({"text": texts}, {"next": follows.clone()})


def encode(text: str) -> Tensor:
    """Lower-case characters as numbers from 1 up; what ALPHABET lacks is one number more."""
    numbers = {character: i for i, character in enumerate(ALPHABET, 1)}
    return torch.tensor([numbers.get(character, OTHER) for character in text.lower()])


def load_characters(config: ScalingConfig) -> tuple[Tensor, Tensor, Tensor]:
    """Training, validation and test text as numbers (n,): sentences, a line each.

    Raises ValueError for another text than those of SPLITS, or one that is too short.
    """
    sizes = {
        "train": max(config.tokens) + 1,
        "validation": config.held_out,
        "test": config.held_out,
    }
    if config.text not in SPLITS:
        raise ValueError(f"text must be one of {', '.join(SPLITS)}, not {config.text!r}")
    found = []
    for number, (split, size) in enumerate(sizes.items()):
        if config.text == "scenes":
            text = _scenes(number, size + size // 2 if split == "train" else size)
        else:
            captions = load_flickr8k_captions(split)[1]["en"]
            text = "\n".join(caption for five in captions for caption in five)
        ids = encode(text)
        if len(ids) < size:
            raise ValueError(f"the {split} text has {len(ids)} characters, and {size} are needed")
        found.append(ids if split == "train" else ids[:size])
    return found[0], found[1], found[2]


def _scenes(seed: int, size: int) -> str:
    """So many characters of sentences on the scenes of a seed, or some more."""
    lines: list[str] = []
    length = 0
    while length < size:
        for scene in draw_scenes(SceneConfig(), "train", 256, start=len(lines), seed=seed):
            level = LEVELS[len(lines) % len(LEVELS)]
            lines.append(describe(scene, level, f"{seed} {len(lines)}")["en"])
            length += len(lines[-1]) + 1
    return "\n".join(lines)
