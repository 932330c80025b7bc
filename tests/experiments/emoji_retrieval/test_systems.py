"""Each system against what it is defined as, on numbers made up for it."""

import math

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from skimage.feature import hog
from sklearn.linear_model import Ridge

from mmbook.batch import Batch
from mmbook.experiments.emoji_retrieval.bridging import halves, one_language
from mmbook.experiments.emoji_retrieval.keywords import (
    answers,
    chance_of_a_hit,
    hidden_keywords,
    precision,
)
from mmbook.experiments.emoji_retrieval.neighbours import (
    mixed_cosines,
    nearest_pixels,
    ridge_scorers,
    soft_neighbours,
)
from mmbook.experiments.emoji_retrieval.pictures import (
    HandMade,
    colour_histograms,
    gradient_histograms,
)
from mmbook.experiments.emoji_retrieval.texts import TextSpace, whole
from mmbook.experiments.emoji_retrieval.towers import (
    Draw,
    PairLoss,
    PixelTower,
    Towers,
    VectorTower,
    some,
)

TEXTS = {
    "en": [("red sun", "sky"), ("moon", "sky"), ("dog", "pet"), ("cat", "pet"), ("sunny", "sky")],
    "zh": [("太阳", "天"), ("月亮", "天"), ("狗",), ("猫",), ("天气",)],
}
TRAIN = torch.tensor([0, 1, 2, 3])


def test_gradients_agree_with_the_usual_ones() -> None:
    """In what is near to what: blocks are cut at 0.2 once, and cells have no smooth edges."""
    torch.manual_seed(0)
    images = F.interpolate(torch.rand(30, 3, 9, 9), size=72, mode="bilinear")
    images = (images * 255).to(torch.uint8)
    ours = gradient_histograms(images)
    pixels = images.permute(0, 2, 3, 1).numpy()
    usual = [hog(x, cells_per_block=(2, 2), channel_axis=-1) for x in pixels]
    usual = F.normalize(torch.from_numpy(np.array(usual)).float(), dim=1)
    pairs = torch.triu_indices(30, 30, 1).unbind()
    found = torch.corrcoef(torch.stack([(x @ x.T)[pairs] for x in (ours, usual)]))
    assert found[0, 1] > 0.9


def test_features_have_length_one_and_tell_colours_apart() -> None:
    red, blue = torch.full((2, 1, 3, 72, 72), 255, dtype=torch.uint8)
    red[:, 1:, 20:50, 20:50] = 0
    blue[:, :2, 20:50, 20:50] = 0
    both = torch.cat([red, blue])
    made = HandMade.of(both)
    torch.testing.assert_close(made.joined().norm(dim=1), torch.ones(2))
    joined = made.joined(0.5, 0.25)
    torch.testing.assert_close(made.similarities(0.5, 0.25), joined @ joined.T)
    colours = colour_histograms(both)
    assert colours[0] @ colours[1] < 0.5 < 0.9 < made.gradients[0] @ made.gradients[1]


def made_up(count: int = 12) -> tuple[torch.Tensor, torch.Tensor]:
    torch.manual_seed(1)
    return torch.randn(count, 5), F.normalize(torch.rand(count, 7), dim=1)


def test_ridge_regression_is_that_of_scikit_learn() -> None:
    features, texts = made_up()
    train, rows = torch.arange(8), torch.arange(8, 12)
    (score,) = ridge_scorers(features @ features.T, texts @ texts.T, train, [0.7])
    model = Ridge(alpha=0.7).fit(features[train].numpy(), texts[train].numpy())
    mean = texts[train].mean(dim=0)
    foretold = torch.tensor(model.predict(features[rows].numpy())) - mean
    expected = F.normalize(foretold, dim=1) @ F.normalize(texts[rows] - mean, dim=1).T
    torch.testing.assert_close(score(rows), expected, rtol=1e-3, atol=1e-4)


def test_soft_neighbours_become_the_nearest_one() -> None:
    features, texts = made_up()
    train, rows = torch.arange(8), torch.arange(8, 12)
    products = texts @ texts.T
    found = soft_neighbours(features @ features.T, products, train, rows, 1e-4)
    nearest = (features[rows] @ features[train].T).argmax(dim=1)
    torch.testing.assert_close(found, products[nearest][:, rows])
    even = mixed_cosines(torch.ones(4, 8), products, train, rows)
    expected = F.normalize(texts[train].sum(dim=0), dim=0) @ texts[rows].T
    torch.testing.assert_close(even, expected.expand(4, 4))


def test_the_nearest_pixels_bring_their_text() -> None:
    images = torch.tensor([0, 100, 250, 90, 255]).to(torch.uint8)[:, None, None, None]
    images = images.expand(5, 3, 2, 2)
    products = torch.arange(25.0).reshape(5, 5)
    found = nearest_pixels(images, products, torch.tensor([0, 1, 2]), torch.tensor([3, 4]))
    assert found.tolist() == [[8.0, 9.0], [13.0, 14.0]]


def test_a_text_is_the_sum_of_its_phrases() -> None:
    space = TextSpace.of(TEXTS, TRAIN, 3)
    encoded = space.encode(TEXTS)
    assert encoded.shape == (5, 2, 2, 3)
    joined = F.normalize(space.vectors(["red sun sky"]), dim=1)
    torch.testing.assert_close(whole(encoded[:1, 0]), joined)
    assert not encoded[2, 1, 1].any()  # 狗 is the only phrase
    identity = space.directions.T @ space.directions
    torch.testing.assert_close(identity, torch.eye(3), rtol=0, atol=1e-4)


def test_a_step_draws_one_language_that_is_there_and_some_phrases() -> None:
    torch.manual_seed(0)
    texts = torch.zeros(200, 2, 3, 4)
    texts[:, 0] = torch.eye(3, 4)  # no text in the second language
    views = torch.arange(2.0).expand(200, 2)[..., None]
    batch = Batch({"picture": views, "text": texts})
    drawn = Draw(sampled=True)(batch)
    assert drawn.inputs["text"].shape == (200, 4)
    counts = (drawn.inputs["text"] > 0).sum(dim=1).bincount(minlength=4)
    assert counts[0] == 0 and counts[3] > 90 and counts[1] > 30
    assert 50 < drawn.inputs["picture"].sum() < 150
    assert (Draw()(batch).inputs["text"] > 0).sum() == 600
    assert some(torch.tensor([[False, True]])).tolist() == [[False, True]]


def test_pictures_may_change_and_be_seen_twice() -> None:
    torch.manual_seed(0)
    images = torch.rand(4, 1, 3, 16, 16)
    batch = Batch({"picture": images, "text": torch.ones(4, 1, 1, 3)})
    drawn = Draw(changed=True, twice=True)(batch).inputs
    assert drawn["picture"].shape == drawn["other"].shape == (4, 3, 16, 16)
    assert not drawn["picture"].equal(drawn["other"])
    assert drawn["picture"].min() >= 0 and drawn["picture"].max() <= 1
    assert PixelTower(16, 8, 0.1)(drawn["picture"]).shape == (4, 8)


def test_soft_partners_become_the_right_one_where_texts_differ() -> None:
    torch.manual_seed(0)
    model = Towers(VectorTower(6, 4, 0.0, 5), VectorTower(3, 4, 0.0)).eval()
    inputs = {"picture": torch.randn(3, 6), "text": torch.eye(3)}
    batch = Batch(inputs, {"whole": torch.eye(3)})
    hard, soft = (PairLoss(softness)(model, batch).mean() for softness in (0.0, 0.01))
    torch.testing.assert_close(hard, soft)
    alike = Batch(inputs, {"whole": F.normalize(torch.ones(3, 3), dim=1)})
    assert PairLoss(0.01)(model, alike).mean() >= math.log(3) - 1e-4  # any partner is as right


def test_hidden_keywords_are_common_ones_and_their_answers_are_known() -> None:
    found = hidden_keywords(TEXTS, 1.0, 2, seed=0)
    assert found == ("pet", "sky")
    assert answers(found, TEXTS).long().tolist() == [[0, 0, 1, 1, 0], [1, 1, 0, 0, 1]]


def test_precision_and_chance() -> None:
    relevant = torch.tensor([[True, False, True, False]])
    assert precision(torch.tensor([[4.0, 3, 2, 1]]), relevant, 2) == 0.5
    assert precision(torch.zeros(1, 4), relevant, 2) == pytest.approx(0.5)
    assert precision(torch.tensor([[4.0, 0, 4, 1]]), relevant, 2) == 1
    assert chance_of_a_hit(relevant, 2) == pytest.approx(1 - 1 / 6)
    assert chance_of_a_hit(relevant, 9) == 1


def test_no_training_emoji_keeps_both_languages() -> None:
    english, chinese = halves(torch.tensor([0, 1, 2, 2, 3]), TRAIN, seed=0)
    assert sorted([*english.tolist(), *chinese.tolist()]) == TRAIN.tolist()
    apart = one_language(TEXTS, english, chinese)
    for row in TRAIN.tolist():
        assert bool(apart["en"][row]) != bool(apart["zh"][row])
    assert apart["en"][4] and apart["zh"][4]
