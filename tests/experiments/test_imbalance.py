"""The imbalance of an easy sense and a hard one, end to end and tiny."""

from dataclasses import replace
from pathlib import Path

import torch

from mmbook.batch import Batch
from mmbook.experiments.imbalance import BOTH, SYSTEMS, TIERS, UNTRAINED, ImageToo, run
from mmbook.losses import cross_entropy
from mmbook.models import recogniser
from mmbook.training import TrainingConfig

TINY = replace(
    TIERS["mini"],
    seeds=(0, 1),
    train_size=32,
    test_size=20,
    width=8,
    training=TrainingConfig(steps=1, batch_size=8, device="cpu"),
)


def test_every_system_is_measured_with_and_without_the_easy_sense(tmp_path: Path) -> None:
    result = run("mini", TINY, tmp_path)
    joint = [name for name, senses in SYSTEMS.items() if senses == BOTH]
    assert set(result.systems) == {
        "majority",
        *(name for name in SYSTEMS if name != UNTRAINED),
        *(f"{name}, word missing" for name in joint),
        *(f"{name}, probe of its image tokens" for name in SYSTEMS if name != "text alone"),
    }
    assert all(0 <= row.value <= 1 for row in result.rows)
    assert run("mini", TINY, tmp_path).rows == result.rows


def test_the_loss_of_its_own_is_that_of_both_and_a_share_of_the_image() -> None:
    torch.manual_seed(0)
    model = recogniser(BOTH, 12, width=8)
    inputs = {"image": torch.rand(4, 1, 28, 28), "text": torch.randint(1, 12, (4, 5))}
    target = torch.arange(4)
    found = ImageToo(0.5)(model, Batch(inputs, {"label": target}))
    both, alone = (cross_entropy(model(x), target) for x in (inputs, {"image": inputs["image"]}))
    torch.testing.assert_close(found.mean(), both.mean() + 0.5 * alone.mean())
