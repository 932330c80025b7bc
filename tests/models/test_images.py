"""Models that say what an image shows."""

import pytest
import torch

from mmbook.models.images import PLAIN_ENCODERS, plain_classifier


@pytest.mark.parametrize("name", PLAIN_ENCODERS)
def test_a_plain_classifier_scores_ten_classes(name: str) -> None:
    torch.manual_seed(0)
    model = plain_classifier(name, 64).eval()
    images = torch.rand(3, 1, 8, 8)
    scores = model({"image": images})
    assert scores.shape == (3, 10)
    moved = model({"image": images.flip(-1)})
    assert (scores - moved).abs().max() > 1e-4


def test_a_dense_classifier_is_two_layers() -> None:
    torch.manual_seed(0)
    model = plain_classifier("dense", 64).eval()
    sizes = [tuple(weight.shape) for weight in model.parameters()]
    assert sizes == [(256, 64), (256,), (10, 256), (10,)]
    images = torch.rand(2, 1, 8, 8)
    first, bias, second, last = model.parameters()
    expected = (images.flatten(1) @ first.T + bias).relu() @ second.T + last
    scores = model({"image": images})  # of late fusion: up to a constant a row
    torch.testing.assert_close(scores.softmax(1), expected.softmax(1))


def test_another_name_is_refused() -> None:
    with pytest.raises(ValueError, match="no encoder 'deep'; there are: dense, convolutional"):
        plain_classifier("deep", 64)
