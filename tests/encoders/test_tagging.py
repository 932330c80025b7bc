"""Encoders that tag: what their last token is made of, and what they refuse."""

import pytest
import torch

from mmbook.encoders.feature_grid import FeatureGridEncoder
from mmbook.encoders.tagging import KeptGrid, TaggingEncoder
from mmbook.tokens import Tokens


def tagging(dropout: float = 0.0) -> TaggingEncoder:
    torch.manual_seed(0)
    grid = FeatureGridEncoder(3, 8, (4,), (2, 2))
    return TaggingEncoder(grid, 8, 5, dropout).eval()


def test_the_last_token_is_made_of_the_scores_of_the_cells() -> None:
    encoder, images = tagging(), torch.randn(2, 3, 8, 8)
    tokens = encoder(images)
    assert tokens.values.shape == (2, 2 * 2 + 1, 8)
    torch.testing.assert_close(tokens.values[:, :-1], encoder.encoder(images).values)
    scores = encoder.scores(tokens)
    assert scores.shape == (2, 5)
    torch.testing.assert_close(tokens.values[:, -1], encoder.describe(scores.sigmoid()))


def test_tags_are_rare_at_first() -> None:
    scores = tagging().scores(Tokens.of(torch.randn(50, 5, 8)))
    assert scores.sigmoid().mean() < 0.05


def test_dropout_takes_whole_tokens_and_only_in_training() -> None:
    encoder, images = tagging(0.5), torch.randn(8, 3, 8, 8)
    whole = encoder(images).values
    torch.testing.assert_close(encoder(images).values, whole)
    encoder.drop_tokens.train()
    gone = (encoder(images).values == 0).all(dim=-1)
    assert gone.any() and not gone.all()
    assert not (whole == 0).all(dim=-1).any()


def test_kept_maps_become_tokens_row_by_row() -> None:
    torch.manual_seed(0)
    grid = KeptGrid(6, 8).eval()
    maps = torch.randn(2, 6, 2, 3)
    tokens = grid(maps)
    assert tokens.values.shape == (2, 2 * 3, 8)
    changed = maps.clone()
    changed[:, :, 1, 0] += 1
    differs = (grid(changed).values != tokens.values).any(dim=-1)
    assert differs.tolist() == [[False, False, False, True, False, False]] * 2


@pytest.mark.parametrize("shape", [(6, 2, 3), (2, 5, 2, 3)])
def test_maps_of_another_shape_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r"\(batch, 6, rows, columns\)"):
        KeptGrid(6, 8)(torch.zeros(shape))
