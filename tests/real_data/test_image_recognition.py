"""The shipped networks on the publishers' test files: as good as promised, and as recorded."""

import pytest

from mmbook.datasets.images import load_images
from mmbook.evaluation import accuracy, predict
from mmbook.experiments.image_recognition.shipped import load_recogniser


@pytest.mark.parametrize(("name", "bar"), [("MNIST", 0.995), ("Fashion-MNIST", 0.935)])
def test_a_shipped_network_reads_the_test_file(name: str, bar: float) -> None:
    model, facts = load_recogniser(name)
    _, test = load_images(name)
    assert len(test) == 10_000
    reached = accuracy(predict(model, test), test.target)
    assert reached >= bar
    assert reached == pytest.approx(facts["accuracy"], abs=5e-4)
