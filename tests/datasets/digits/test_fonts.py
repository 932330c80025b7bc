"""Signs from fonts: as many of each, in their box, the same for the same seed, and legible."""

import pytest
import torch
from sklearn.linear_model import LogisticRegression

from mmbook.datasets.digits.fonts import LETTERS, draw_signs


def test_each_sign_as_often_as_any_other() -> None:
    images, labels = draw_signs(25)
    assert images.shape == (25, 1, 14, 14) and images.dtype == torch.float32
    assert images.min() >= 0 and images.max() <= 1
    assert torch.bincount(labels).tolist() == [3] * 5 + [2] * 5
    assert draw_signs(len(LETTERS), LETTERS)[1].tolist() == list(range(len(LETTERS)))


def test_a_sign_just_fits_into_its_box() -> None:
    images, _ = draw_signs(40, side=14, box=10)
    for image in images[:, 0]:
        rows, columns = (int(image.any(dim=axis).sum()) for axis in (1, 0))
        assert 9 <= max(rows, columns) <= 10
    assert not images[:, :, :2].any() and not images[:, :, -2:].any()


def test_the_seed_decides() -> None:
    assert draw_signs(10, seed=3)[0].equal(draw_signs(10, seed=3)[0])
    assert not draw_signs(10, seed=3)[0].equal(draw_signs(10, seed=4)[0])


def test_they_can_be_read() -> None:
    images, labels = draw_signs(1_000, seed=0)
    asked, expected = draw_signs(500, seed=1)
    model = LogisticRegression(max_iter=300).fit(images.flatten(1), labels)
    assert model.score(asked.flatten(1), expected) > 0.8


@pytest.mark.parametrize(
    ("count", "signs", "box", "said"),
    [(0, "1", 5, "one sign"), (5, "", 5, "one sign"), (5, "1", 15, "fit"), (5, "1", 0, "fit")],
)
def test_says_what_is_wrong(count: int, signs: str, box: int, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        draw_signs(count, signs, side=14, box=box)
