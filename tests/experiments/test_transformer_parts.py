"""The parts of a transformer: tiny and end to end, and each variant lacks what its name says."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import Tensor

from mmbook.experiments.transformer_parts import TIERS, VARIANTS, network, run
from mmbook.layers.transformer import TransformerStack
from mmbook.training import TrainingConfig

TINY = replace(
    TIERS["mini"],
    seeds=(0, 1),
    order=2,
    width=8,
    heads=2,
    training=TrainingConfig(steps=2, batch_size=16, warmup=0.5, device="cpu"),
)
IDS = torch.tensor([[2, 5, 6, 7, 8]])


def states(name: str, ids: Tensor = IDS) -> Tensor:
    """(length, width) of a variant whose first weights are those of all others."""
    return network(name, 9, TINY, seed=0).model.states(None, ids)[0]


def test_every_variant_is_trained_once_and_measured(tmp_path: Path) -> None:
    result = run("mini", TINY, tmp_path)
    assert result.baselines == ["GRU", "Kneser-Ney 2"]
    assert set(result.systems) == {*VARIANTS, *result.baselines}
    assert all(1 < row.value < 1000 for row in result.rows)
    complete, hurried = (
        result.select(name, "perplexity") for name in ("complete", "complete, without warm-up")
    )
    assert complete != hurried
    assert len(list((tmp_path / "seed-1").iterdir())) == len(VARIANTS) + 1
    assert run("mini", TINY, tmp_path).rows == result.rows


def test_without_positions_the_order_of_what_came_before_is_unknown() -> None:
    turned = IDS[:, [0, 2, 1, 3, 4]]
    assert (states("complete") - states("complete", turned))[-1].abs().max() > 1e-4
    with_one = network("without positions", 9, replace(TINY, layers=1), seed=0).model
    before, after = (with_one.states(None, ids)[0, -1] for ids in (IDS, turned))
    torch.testing.assert_close(before, after)


def test_without_feed_forward_only_attention_adds() -> None:
    model = network("without feed-forward", 9, TINY, seed=0).model
    assert isinstance(model.stack, TransformerStack)
    for block in model.stack.blocks:
        torch.nn.init.zeros_(block.attention.output.weight)
    expected = model.stack.norm(model.embedding(IDS))[0]
    torch.testing.assert_close(model.states(None, IDS)[0], expected)


def test_without_normalisation_no_size_is_brought_back() -> None:
    model = network("without normalisation", 9, TINY, seed=0).model
    assert not any("norm" in name for name, _ in model.named_parameters())
    usual = model.states(None, IDS)
    with torch.no_grad():
        model.embedding.weight.mul_(100)
    assert model.states(None, IDS).abs().mean() > 20 * usual.abs().mean()


def test_without_residual_connections_what_adds_nothing_leaves_nothing() -> None:
    model = network("without residual connections", 9, TINY, seed=0).model
    assert isinstance(model.stack, TransformerStack)
    for block in model.stack.blocks:
        torch.nn.init.zeros_(block.feed_forward[2].weight)
        torch.nn.init.zeros_(block.feed_forward[2].bias)
    assert (model.states(None, IDS) == 0).all()
    assert (states("complete") != 0).any()


def test_post_norm_normalises_every_sum() -> None:
    found = states("post-norm")
    torch.testing.assert_close(found.mean(-1), torch.zeros(5), atol=1e-5, rtol=0)
    torch.testing.assert_close(found.var(-1, unbiased=False), torch.ones(5), atol=1e-3, rtol=0)
    assert not states("complete").allclose(found)


@pytest.mark.parametrize(("name", "blocks"), [("one block", 1), ("complete", 2)])
def test_a_block_can_be_taken(name: str, blocks: int) -> None:
    assert len(network(name, 9, TINY, seed=0).model.stack.blocks) == blocks


def test_all_variants_begin_with_the_same_weights() -> None:
    weights = [network(name, 9, TINY, seed=3).model.embedding.weight for name in VARIANTS]
    assert all(weights[0].equal(other) for other in weights)
    assert not weights[0].equal(network("complete", 9, TINY, seed=4).model.embedding.weight)


def test_the_gru_has_a_rate_of_its_own(tmp_path: Path) -> None:
    slow, fast = (run("mini", replace(TINY, gru_rate=rate), tmp_path) for rate in (1e-3, 1e-1))
    for system in slow.systems:
        same = slow.select(system, "perplexity") == fast.select(system, "perplexity")
        assert same == (system != "GRU"), system
