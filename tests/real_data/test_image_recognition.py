"""The shipped networks on the publishers' test files: as good as promised, and as recorded."""

import pytest

from mmbook.datasets.images import load_images
from mmbook.evaluation import accuracy, predict
from mmbook.models import load_pretrained, read_facts


@pytest.mark.parametrize(("name", "bar"), [("MNIST", 0.995), ("Fashion-MNIST", 0.935)])
def test_a_shipped_network_reads_the_test_file(name: str, bar: float) -> None:
    model, facts = load_pretrained(name.lower()), read_facts(name.lower())
    _, test = load_images(name)
    assert len(test) == 10_000
    reached = accuracy(predict(model, test), test.target)
    assert reached >= bar
    assert reached == pytest.approx(facts["accuracy"], abs=5e-4)


@pytest.mark.parametrize(("name", "bar"), [("MNIST", 0.99), ("Fashion-MNIST", 0.92)])
def test_raw_images_are_read_as_well(name: str, bar: float) -> None:
    """Bytes as they are in the file go through the preparation of a user's images."""
    model = load_pretrained(name.lower())
    _, test = load_images(name)
    test = test[slice(0, 1_000)]
    raw = (test.inputs["image"][:, 0] * 255).round().byte()
    labels = [model.config.labels[target] for target in test.target.tolist()]
    said = [model.predict(image).label for image in raw]
    assert sum(a == b for a, b in zip(said, labels, strict=True)) >= bar * len(test)
