"""One token a cell, which changes when its cell is elsewhere."""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from mmbook.encoders import FeatureGridEncoder
from mmbook.encoders.feature_grid import TURNS, FourierPositions


@settings(max_examples=15)
@given(height=st.integers(1, 20), width=st.integers(1, 20), batch=st.integers(1, 3))
def test_a_token_a_cell(height: int, width: int, batch: int) -> None:
    encoder = FeatureGridEncoder(1, 6, stages=(4,), strides=(2, 2)).eval()
    tokens = encoder(torch.rand(batch, 1, height, width))
    assert tokens.values.shape == (batch, math.ceil(height / 4) * math.ceil(width / 4), 6)
    assert tokens.mask.all()


def test_a_place_is_a_linear_map_of_waves() -> None:
    torch.manual_seed(0)
    positions = FourierPositions(5)
    cells = torch.randn(2, 3, 4, 5)
    found = positions(cells)
    for row in range(3):
        for column in range(4):
            y, x = (row + 0.5) / 3, (column + 0.5) / 4
            features = [y, x]
            for turns in TURNS:
                for wave in (math.sin, math.cos):
                    features += [wave(turns * math.pi * y), wave(turns * math.pi * x)]
            place = positions.project(torch.tensor(features))
            torch.testing.assert_close(found[:, row, column], cells[:, row, column] + place)


def test_the_middle_of_a_picture_is_one_place_whatever_the_grid() -> None:
    positions = FourierPositions(5)
    small, large = (positions(torch.zeros(1, n, n, 5))[0, n // 2, n // 2] for n in (3, 9))
    torch.testing.assert_close(small, large)


def test_with_positions_what_moves_changes_and_without_it_does_not() -> None:
    torch.manual_seed(0)
    images = torch.zeros(2, 1, 32, 32)
    images[0, :, 10:14, 10:14] = images[1, :, 18:22, 10:14] = 1  # a cell of 8 pixels further down
    for positions, moves in ((FourierPositions, True), (lambda width: nn.Identity(), False)):
        encoder = FeatureGridEncoder(1, 8, (4, 6), (2, 2, 2), positions=positions).eval()
        values = encoder(images).values.sort(dim=1).values  # a bag of cells
        assert ((values[0] - values[1]).abs().max() > 1e-3) == moves


def test_rows_of_cells_come_one_after_another() -> None:
    torch.manual_seed(0)
    encoder = FeatureGridEncoder(1, 4, (), (2,)).eval()
    images = torch.rand(1, 1, 8, 8)
    changed = images.clone()
    changed[..., 4, 7] += 5  # row 2, column 3 of 4 cells by 4, at its upper edge
    other = (encoder(images).values - encoder(changed).values).abs().sum(-1)[0] > 0
    assert other.nonzero().flatten().tolist() == [11]


@pytest.mark.parametrize("shape", [(1, 1, 8, 8), (3, 8, 8)])
def test_other_shapes_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="images must have shape"):
        FeatureGridEncoder()(torch.zeros(shape))


def test_strides_must_fit() -> None:
    with pytest.raises(ValueError, match="one more than stages"):
        FeatureGridEncoder(stages=(4, 4), strides=(2, 2))
