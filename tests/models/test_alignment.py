"""A shared space: unit vectors, the losses written out, and samples that lack a sense."""

import math

import pytest
import torch
import torch.nn.functional as F

from mmbook.batch import Batch
from mmbook.encoders import KeptTokens
from mmbook.models.alignment import LARGEST_SCALE, Align, SharedSpace

WIDTH = 6


def space(names=("image", "text"), **options):
    torch.manual_seed(0)
    return SharedSpace({name: KeptTokens() for name in names}, WIDTH, space=4, **options)


def inputs(n=5, names=("image", "text"), seed=0):
    generator = torch.Generator().manual_seed(seed)
    return {name: torch.randn(n, 3, WIDTH, generator=generator) for name in names}


def test_every_vector_has_the_length_one():
    model = space()
    vectors = model(inputs())
    assert {m: v.shape for m, v in vectors.items()} == dict.fromkeys(("image", "text"), (5, 4))
    for v in vectors.values():
        torch.testing.assert_close(v.norm(dim=1), torch.ones(5))


def test_the_scale_begins_where_it_was_told_and_ends_at_its_limit():
    model = space(scale=20.0)
    assert math.isclose(model.scale.item(), 20.0, rel_tol=1e-6)
    with torch.no_grad():
        model.log_scale.fill_(99.0)
    assert model.scale.item() == LARGEST_SCALE


def test_the_loss_is_a_classification_both_ways():
    model, x = space(), inputs()
    u, v = model(x).values()
    scores = model.scale * u @ v.T
    own = torch.arange(5)
    wanted = (F.cross_entropy(scores, own) + F.cross_entropy(scores.T, own)) / 2
    loss = Align()(model, Batch(x))
    assert loss.count == 5
    torch.testing.assert_close(loss.mean(), wanted)


def test_hard_negatives_are_more_candidates_of_the_first():
    model, x = space(), inputs()
    hard = torch.randn(5, 2, 3, WIDTH, generator=torch.Generator().manual_seed(1))
    u, v = model(x).values()
    h = model.embed("text", hard.flatten(0, 1))
    own = torch.arange(5)
    there = F.cross_entropy(model.scale * u @ torch.cat([v, h]).T, own)
    back = F.cross_entropy(model.scale * v @ u.T, own)
    loss = Align(hard="hard")(model, Batch(x | {"hard": hard}))
    torch.testing.assert_close(loss.mean(), (there + back) / 2)


def test_the_sigmoid_loss_asks_of_each_combination():
    model, x = space(bias=-2.0), inputs()
    u, v = model(x).values()
    wanted = F.binary_cross_entropy_with_logits(
        model.scale * u @ v.T - 2.0, torch.eye(5), reduction="sum"
    )
    torch.testing.assert_close(Align(sigmoid=True)(model, Batch(x)).total, wanted)


def test_a_row_counts_where_both_are_present_and_the_rest_may_hold_anything():
    names = ("image", "text", "audio")
    model, x = space(names), inputs(6, names)
    heard = torch.tensor([True, False, True, True, False, False])
    seen = torch.tensor([True, True, True, False, True, False])
    spoilt = x | {
        "audio": x["audio"].masked_fill(~heard[:, None, None], float("nan")),
        "image": x["image"].masked_fill(~seen[:, None, None], float("nan")),
    }
    pairs = (("image", "text"), ("audio", "text"))
    loss = Align(pairs)(model, Batch(spoilt, present={"audio": heard, "image": seen}))
    apart = [
        Align((pair,))(model, Batch({m: x[m][rows] for m in pair}))
        for pair, rows in zip(pairs, (seen, heard), strict=True)
    ]
    assert loss.count == 4 + 3
    torch.testing.assert_close(loss.total, apart[0].total + apart[1].total)
    loss.mean().backward()
    assert all(p.grad.isfinite().all() for p in model.parameters() if p.grad is not None)


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"pairs": ()}, "pairs must be"),
        ({"pairs": (("image", "image"),)}, "pairs must be"),
        ({"hard": "hard", "sigmoid": True}, "no hard negatives"),
    ],
    ids=["none", "one", "both"],
)
def test_settings_that_do_not_fit(settings, says):
    with pytest.raises(ValueError, match=says):
        Align(**settings)


def test_models_and_inputs_that_do_not_fit():
    x = inputs()
    with pytest.raises(ValueError, match="SharedSpace"):
        Align()(torch.nn.Linear(2, 2), Batch(x))
    with pytest.raises(ValueError, match="bias"):
        Align(sigmoid=True)(space(), Batch(x))
    with pytest.raises(ValueError, match="n, k"):
        Align(hard="hard")(space(), Batch(x | {"hard": torch.zeros(5, 2)}))
    with pytest.raises(ValueError, match="no encoder for 'audio'"):
        space().embed("audio", x["text"])
