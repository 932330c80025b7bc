"""Kept tokens are the vectors themselves, all of them real."""

import pytest
import torch

from mmbook.encoders import KeptTokens


def test_the_vectors_are_the_tokens() -> None:
    values = torch.randn(2, 3, 4)
    tokens = KeptTokens()(values)
    assert tokens.values is values and tokens.mask.all() and tokens.mask.shape == (2, 3)


def test_what_is_no_sequence_of_vectors_is_refused() -> None:
    with pytest.raises(ValueError, match=r"\(batch, length, width\)"):
        KeptTokens()(torch.randn(2, 3))
