"""Two processes with uneven parts learn what one does from the whole."""

from pathlib import Path
from typing import Any

import pytest
import torch

from tests.training.processes import start
from tests.training.systems import SYSTEMS, train_all, train_layers


@pytest.fixture(scope="module", params=[1, 2], ids=["whole", "micro-batches"])
def runs(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """What one process found, and what each of two did."""
    alone, both = (tmp_path_factory.mktemp(name) for name in ("one", "two"))
    assert start(1, train_all, alone) == [0]
    assert start(2, train_all, both, request.param) == [0, 0]
    return torch.load(alone / "0.pt"), [torch.load(both / f"{rank}.pt") for rank in (0, 1)]


@pytest.mark.parametrize("name", SYSTEMS)
def test_losses_gradients_and_weights_are_those_of_one_process(runs: Any, name: str) -> None:
    one, two = runs
    for found in two:
        if name not in found:
            pytest.skip("fewer others to be told from in a micro-batch: another loss")
        torch.testing.assert_close(found[name]["losses"], one[name]["losses"], atol=1e-6, rtol=1e-6)
        for kind in ("gradients", "weights"):
            pairs = list(zip(found[name][kind], one[name][kind], strict=True))
            assert [(a is None) == (b is None) for a, b in pairs] == [True] * len(pairs)
            for ours, expected in pairs:
                if ours is not None:
                    torch.testing.assert_close(ours, expected, atol=1e-6, rtol=1e-6)


def test_what_no_process_used_has_no_gradient_and_does_not_decay(runs: Any) -> None:
    one, two = runs
    unused = [gradient is None for gradient in one["classes"]["gradients"]]
    assert unused == [False, False, False, False, True, True]
    for found in two:
        assert [g is None for g in found["classes"]["gradients"]] == unused
        never = found["classes"]["weights"][4:], one["classes"]["weights"][4:]
        assert all(ours.equal(expected) for ours, expected in zip(*never, strict=True))


@pytest.mark.parametrize("accumulate", [1, 2])
def test_a_sharded_model_learns_what_a_whole_one_does(tmp_path: Path, accumulate: int) -> None:
    alone, both = tmp_path / "one", tmp_path / "two"
    for folder in (alone, both):
        folder.mkdir()
    assert start(1, train_layers, alone, False, 1) == [0]
    assert start(2, train_layers, both, True, accumulate) == [0, 0]
    expected, found = (torch.load(folder / "result.pt") for folder in (alone, both))
    torch.testing.assert_close(found, expected, atol=1e-6, rtol=1e-6)
