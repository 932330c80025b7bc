"""What every test of a picture needs."""

from collections.abc import Iterator

import matplotlib.pyplot as plt
import pytest


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    """Each test begins without figures of others."""
    yield
    plt.close("all")
