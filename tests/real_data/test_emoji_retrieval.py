"""Emoji as published: that the split is what the experiment says."""

import torch

from mmbook.experiments.emoji_retrieval import TIERS
from mmbook.experiments.emoji_retrieval.data import load_grouped, near_equal, split_groups


def test_no_near_equal_emoji_are_in_two_parts() -> None:
    data, config = load_grouped(), TIERS["full"]
    assert len(data.emoji) == 1642 and not any("keycap" in x for x in data.emoji.names["en"])
    alike = near_equal(data.emoji.images)
    for seed in config.seeds:
        split = split_groups(data.groups, seed, config.validation_size, config.test_size)
        assert (len(split.validation), len(split.test)) == (150, 300)
        assert not torch.isin(data.groups[split.test], data.groups[split.train]).any()
        assert not alike[split.test][:, torch.cat([split.train, split.validation])].any()
