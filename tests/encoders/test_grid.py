"""One token an image, which changes when what is seen changes its place."""

import pytest
import torch

from mmbook.encoders.grid import GridEncoder


def test_one_token_of_the_width():
    tokens = GridEncoder(20, channels=3, width=12, stages=(4,), narrow=5, hidden=7)(
        torch.rand(2, 3, 20, 20)
    )
    assert tokens.values.shape == (2, 1, 12)
    assert tokens.mask.all()


def test_it_knows_where_things_are_as_a_mean_over_cells_does_not():
    torch.manual_seed(0)
    encoder = GridEncoder(32, channels=1, width=8, stages=(4, 8))
    images = torch.zeros(2, 1, 32, 32)
    images[0, :, 10:14, 10:14] = images[1, :, 18:22, 10:14] = 1  # a cell of 8 pixels further down
    first, second = encoder(images).values
    assert (first - second).abs().max() > 1e-3
    cells = encoder.convolutions(images).mean()
    assert (cells[0] - cells[1]).abs().max() < 1e-6


@pytest.mark.parametrize("shape", [(1, 3, 16, 32), (1, 3, 16, 16), (1, 1, 32, 32), (3, 32, 32)])
def test_other_shapes_are_refused(shape):
    with pytest.raises(ValueError, match="images must"):
        GridEncoder(32)(torch.zeros(shape))
