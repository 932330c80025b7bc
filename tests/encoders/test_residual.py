"""The residual encoder: tokens by formula, values by its blocks, and what batches may change."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from mmbook.encoders import ResidualEncoder
from mmbook.encoders.cnn import LayerNorm2d
from mmbook.layers.residual import PostActivationBlock


def small(**changes: object) -> ResidualEncoder:
    return ResidualEncoder(**{"width": 8, "stages": (4, 6), "depths": (1, 2), **changes})  # type: ignore[arg-type]


@settings(max_examples=25)
@given(
    batch=st.integers(1, 3),
    channels=st.integers(1, 3),
    height=st.integers(1, 19),
    breadth=st.integers(1, 19),
    depths=st.lists(st.integers(1, 2), min_size=1, max_size=3),
)
def test_a_image_has_a_token_for_each_cell(
    batch: int, channels: int, height: int, breadth: int, depths: list[int]
) -> None:
    encoder = ResidualEncoder(channels, 6, [4] * len(depths), depths).eval()
    tokens = encoder(torch.randn(batch, channels, height, breadth))
    factor = 2 ** len(depths)
    assert tokens.values.shape == (batch, -(-height // factor) * -(-breadth // factor), 6)
    assert tokens.mask.all() and (tokens.values >= 0).all()


def test_tokens_are_the_cells_of_the_last_map_in_reading_order() -> None:
    encoder, x = small().double().eval(), torch.randn(2, 1, 8, 12, dtype=torch.float64)
    maps = encoder.norm(encoder.blocks(encoder.first(x))).relu()
    cells = [maps[:, :, row, column] for row in range(2) for column in range(3)]
    torch.testing.assert_close(encoder(x).values, torch.stack(cells, dim=1))


def test_a_cell_sees_its_own_place() -> None:
    encoder = ResidualEncoder(1, 8, (4,), (1,), norm=LayerNorm2d).double()
    image = torch.zeros(1, 1, 16, 24, dtype=torch.float64)
    dotted = image.clone()
    dotted[..., 8, 16] = 1.0
    changed = (encoder(dotted).values != encoder(image).values).any(dim=-1)
    rows, columns = changed.reshape(8, 12).nonzero().unbind(dim=1)
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (2, 6, 6, 10)


@pytest.mark.parametrize("block", [None, PostActivationBlock])
def test_gradients_reach_every_parameter(block: type[nn.Module] | None) -> None:
    torch.manual_seed(0)
    encoder = small(channels=3, **({"block": block} if block else {}))
    encoder(torch.randn(4, 3, 13, 10)).values.square().sum().backward()
    without = [n for n, p in encoder.named_parameters() if p.grad is None or not p.grad.any()]
    assert not without


def test_only_training_looks_at_the_batch() -> None:
    encoder, images = small().double(), torch.randn(3, 1, 9, 9, dtype=torch.float64)
    together = encoder.train()(images).values[1:2]
    assert (together - encoder(images[1:2]).values).abs().max() > 1e-3
    together = encoder.eval()(images).values[1:2]
    torch.testing.assert_close(together, encoder(images[1:2]).values)
    encoder = small(norm=LayerNorm2d).double().train()
    torch.testing.assert_close(encoder(images).values[1:2], encoder(images[1:2]).values)


def test_bfloat16_is_close() -> None:
    torch.manual_seed(0)
    encoder, images = small().train(), torch.randn(8, 1, 12, 12)
    exact = encoder(images).values
    with torch.autocast("cpu", dtype=torch.bfloat16):
        rough = encoder(images).values.float()
    assert (rough - exact).norm() < 0.05 * exact.norm()


@pytest.mark.parametrize("shape", [(28, 28), (1, 28, 28), (2, 3, 28, 28), (2, 1, 1, 28, 28)])
def test_other_images_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r"\(batch, 1, height, width\), not \(\d"):
        small()(torch.zeros(shape))


@pytest.mark.parametrize(
    ("stages", "depths"), [((4,), (1, 1)), ((), ()), ((4, 4), (1, 0)), ((4, 4), (1,))]
)
def test_stages_need_their_depths(stages: tuple[int, ...], depths: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="each stage needs a depth of one block or more"):
        ResidualEncoder(stages=stages, depths=depths)
