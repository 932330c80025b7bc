"""What is each part of a transformer for? Take one away, train in the same way, and measure.

The task is the next word of a caption; the first text of the experiment `language-model`.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

import torch
from torch import Tensor, nn

from mmbook.datasets.texts import load_texts
from mmbook.decoders import RecurrentDecoder, TransformerDecoder
from mmbook.evaluation import Result, Row, perplexity, token_log_probabilities
from mmbook.experiments.harness.trained import trained
from mmbook.layers.transformer import TransformerBlock, TransformerStack
from mmbook.models import KneserNey, NextToken, next_token_batch, next_token_loss
from mmbook.training import Objective, TrainingConfig, seed_everything


@dataclass(frozen=True)
class TransformerPartsConfig:
    """Sizes, and the settings of the training loop; all networks have the same, but for the rates.

    fewest: how often a word must occur to be known. order: of the n-gram model beside them.
    gru_rate: the learning rate of the GRU. Its rate and that of the complete transformer were
    chosen from three each, on the validation captions of seed 0.
    """

    seeds: tuple[int, ...] = (0, 1, 2)
    fewest: int = 2
    order: int = 4
    width: int = 64
    heads: int = 4
    layers: int = 2
    gru_rate: float = 1e-2
    training: TrainingConfig = field(
        default_factory=lambda: TrainingConfig(
            steps=100, batch_size=32, learning_rate=1e-3, warmup=0.1
        )
    )


TIERS = {
    "mini": TransformerPartsConfig(),
    "full": TransformerPartsConfig(
        fewest=4,
        width=128,
        training=TrainingConfig(
            steps=500, batch_size=64, learning_rate=3e-3, warmup=0.1, precision="bfloat16"
        ),
    ),
}
SPLITS = {
    "mini": "8 of the 48 scenes of the shipped captions, chosen by the seed",
    "full": "Flickr8k: the captions of the publishers' 1000 test photographs",
}


class Nothing(nn.Module):
    """Adds nothing to the stream."""

    def forward(self, x: Tensor) -> Tensor:
        return torch.zeros_like(x)


def _blocks(model: TransformerDecoder) -> list[TransformerBlock]:
    return [block for block in model.stack.blocks if isinstance(block, TransformerBlock)]


def _keep(model: TransformerDecoder) -> None:
    pass


def _take_positions(model: TransformerDecoder) -> None:
    for block in _blocks(model):
        block.attention.rotary = False


def _take_feed_forward(model: TransformerDecoder) -> None:
    for block in _blocks(model):
        block.register_module("feed_forward", Nothing())


def _take_normalisation(model: TransformerDecoder) -> None:
    for block in _blocks(model):
        block.register_module("attention_norm", nn.Identity())
        block.register_module("feed_forward_norm", nn.Identity())
    model.stack.norm = nn.Identity()


def _take_residual_connections(model: TransformerDecoder) -> None:
    for block in _blocks(model):
        block._add = lambda x, norm, part: part(norm(x))


def _normalise_after(model: TransformerDecoder) -> None:
    blocks = _blocks(model)
    width, heads = blocks[0].attention.width, blocks[0].attention.heads
    model.stack = TransformerStack(width, heads, len(blocks), norm_first=False, rotary=True)


def _take_blocks(model: TransformerDecoder) -> None:
    model.stack.blocks = nn.ModuleList(_blocks(model)[:1])


WITHOUT_WARM_UP = ", without warm-up"
VARIANTS: Mapping[str, Callable[[TransformerDecoder], None]] = {
    "complete": _keep,
    "complete" + WITHOUT_WARM_UP: _keep,
    "without positions": _take_positions,
    "without feed-forward": _take_feed_forward,
    "without normalisation": _take_normalisation,
    "without residual connections": _take_residual_connections,
    "post-norm": _normalise_after,
    "post-norm" + WITHOUT_WARM_UP: _normalise_after,
    "one block": _take_blocks,
}


def network(name: str, vocabulary: int, config: TransformerPartsConfig, seed: int) -> NextToken:
    """A variant of the transformer, or the "GRU" beside it, with weights that the seed decides."""
    seed_everything(seed)
    if name == "GRU":
        return NextToken(RecurrentDecoder(vocabulary, config.width, config.layers))
    model = TransformerDecoder(vocabulary, config.width, config.heads, config.layers)
    VARIANTS[name](model)
    return NextToken(model)


def run(tier: str, config: TransformerPartsConfig, folder: Path) -> Result:
    """Perplexities on held-out captions of every variant, and of a GRU and counts beside them."""
    rows: list[Row] = []
    parameters, data, seconds = {}, {}, 0.0
    counts = f"Kneser-Ney {config.order}"
    for seed in config.seeds:
        text = next(iter(load_texts(tier, config.fewest, seed).values()))
        train, test = next_token_batch(text.train), next_token_batch(text.test)
        data[f"seed {seed}"] = text.digest
        for name in (*VARIANTS, "GRU"):
            model = network(name, len(text.vocabulary), config, seed)
            settings = replace(config.training, seed=seed)
            if name.endswith(WITHOUT_WARM_UP):
                settings = replace(settings, warmup=0.0)
            elif name == "GRU":
                settings = replace(settings, learning_rate=config.gru_rate)
            place = folder / f"seed-{seed}"
            objective = Objective(next_token_loss)
            seconds += trained(model, train, settings, place, name, __name__, objectives=objective)
            found = perplexity(token_log_probabilities(model, test))
            rows.append(Row(name, "perplexity", seed, found))
            parameters[name] = sum(p.numel() for p in model.parameters())
        counted = KneserNey.fit(text.train, config.order, text.choices)
        found = perplexity(counted.log_probabilities(text.test))
        rows.append(Row(counts, "perplexity", seed, found))
    return Result(
        experiment="transformer-parts",
        tier=tier,
        rows=rows,
        baselines=["GRU", counts],
        seeds=config.seeds,
        split=SPLITS[tier],
        config=asdict(config),
        parameters=parameters,
        seconds=round(seconds, 1),
        data=data,
    )
