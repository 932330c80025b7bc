import dataclasses

import pytest

from mmbook.training import TrainingConfig


@pytest.mark.parametrize(
    "setting",
    [
        {"steps": 0},
        {"steps": 1.5},
        {"batch_size": 0},
        {"learning_rate": 0.0},
        {"learning_rate": float("nan")},
        {"weight_decay": -0.1},
        {"warmup": 1.1},
        {"warmup": -0.1},
        {"clip_norm": 0.0},
        {"clip_norm": float("nan")},
        {"seed": -1},
        {"precision": "float8"},
        {"device": "abacus"},
        {"checkpoint_every": -1},
    ],
    ids=str,
)
def test_a_setting_out_of_range_is_refused_by_name(setting: dict) -> None:
    with pytest.raises(ValueError, match=next(iter(setting))):
        TrainingConfig(**setting)


def test_the_digest_tells_what_is_learned() -> None:
    config = TrainingConfig()
    assert config.digest() == TrainingConfig().digest()
    same = dataclasses.replace(config, device="cpu", checkpoint_every=5)
    assert same.digest() == config.digest()
    for setting in ({"seed": 1}, {"steps": 2}, {"learning_rate": 0.1}, {"precision": "float32"}):
        assert dataclasses.replace(config, **setting).digest() != config.digest()
