"""What is erased is what was said, and the fall is the score's."""

import pytest
import torch

from mmbook.explaining import erasing_curve, occlusion, target_scores
from tests.explaining.networks import Formula, linear, pictures, smooth_network


def test_of_a_linear_model_a_square_is_worth_its_weights():
    network, x = linear(), torch.randn(2, 3, 4).double()
    share = (network[1].weight[1].view(3, 4) * (x - 0.5)).detach()
    torch.testing.assert_close(occlusion(network, x, 1, 1, baseline=0.5), share)
    squares = [share[:, a : a + 2, b : b + 2].sum((1, 2)) for a in (0, 2) for b in (0, 2)]
    found = occlusion(network, x, 1, 2, baseline=0.5)
    torch.testing.assert_close(found.flatten(1), torch.stack(squares, dim=1))


@pytest.mark.parametrize(("size", "step"), [(3, None), (3, 1), (4, 3), (6, 5), (1, 1)])
def test_every_place_is_painted(size, step):
    everywhere = Formula(lambda x: x.flatten(1).sum(1, keepdim=True))
    x = pictures()
    found = occlusion(everywhere, x, 0, size, step)
    step = step or size
    for row in range(found.shape[1]):
        for column in range(found.shape[2]):
            square = x[..., step * row : step * row + size, step * column : step * column + size]
            torch.testing.assert_close(found[:, row, column], square.flatten(1).sum(1))
    rows, columns = found.shape[1:]
    assert step * (rows - 1) + size >= 8 > step * (rows - 1)
    assert step * (columns - 1) + size >= 6 > step * (columns - 1)


def test_the_curve_erases_the_largest_first():
    network, x = smooth_network(), pictures()
    maps = torch.rand(3, 8, 6, generator=torch.Generator().manual_seed(0))
    found = erasing_curve(network, x, 1, maps, (0, 0.25, 1), baseline=0.3)
    assert found.shape == (3, 3) and found[0].tolist() == [0, 0, 0]
    cut = maps.flatten(1).sort(dim=1).values[:, -12].view(3, 1, 1)  # 12 of 48 places
    erased = torch.where((maps >= cut).unsqueeze(1), 0.3, x)
    whole = target_scores(network, x, 1)
    torch.testing.assert_close(found[1], whole - target_scores(network, erased, 1))
    nothing = target_scores(network, torch.full_like(x, 0.3), 1)
    torch.testing.assert_close(found[2], whole - nothing)


def test_what_does_not_fit_is_refused():
    network, x, maps = smooth_network(), pictures(), torch.zeros(3, 8, 6)
    for size, step in ((0, None), (7, None), (3, 0), (3, 4)):
        with pytest.raises(ValueError, match=r"1 <= step <= size|(size|step) must be 1 or more"):
            occlusion(network, x, 0, size, step)
    with pytest.raises(ValueError, match="maps \\(n, height, width\\)"):
        erasing_curve(network, x, 0, maps[:, :7], (0.5,))
    with pytest.raises(ValueError, match="maps must be numbers"):
        erasing_curve(network, x, 0, maps.log() * 0, (0.5,))
    with pytest.raises(ValueError, match="shares in \\[0, 1\\]"):
        erasing_curve(network, x, 0, maps, (0.5, 1.5))


def test_sizes_that_are_not_whole_and_no_shares_are_refused():
    network, x = smooth_network(), pictures()
    with pytest.raises(ValueError, match=r"size must be 1 or more, a whole number, not 1\.5"):
        occlusion(network, x, 0, size=1.5)
    with pytest.raises(ValueError, match="one or more, not"):
        erasing_curve(network, x, 0, torch.zeros(3, 8, 6), [])
