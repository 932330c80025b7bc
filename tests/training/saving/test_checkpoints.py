import pickle
from pathlib import Path

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from torch import nn

from mmbook.training import (
    CheckpointError,
    load_checkpoint,
    load_weights,
    save_checkpoint,
    save_weights,
)

STATE = {"weights": {"a": torch.arange(5.0)}, "losses": [1.5, 0.5]}
IDENTITY = {"model": "m", "samples": "s"}


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("checkpoints") / "new folder" / "run.checkpoint"
    save_checkpoint(path, STATE, IDENTITY)
    return path


def test_what_is_saved_comes_back_and_nothing_else_is_left(path: Path) -> None:
    state = load_checkpoint(path, IDENTITY)
    assert torch.equal(state["weights"]["a"], STATE["weights"]["a"])
    assert state["losses"] == STATE["losses"]
    assert list(path.parent.iterdir()) == [path]


def test_another_run_is_refused_by_name(path: Path) -> None:
    with pytest.raises(CheckpointError, match=r"run\.checkpoint is of .* another samples;"):
        load_checkpoint(path, {**IDENTITY, "samples": "others"})


def test_a_missing_file_is_no_damaged_one(tmp_path: Path) -> None:
    for load in (
        lambda path: load_checkpoint(path, {}),
        lambda path: load_weights(path, nn.ReLU()),
    ):
        with pytest.raises(FileNotFoundError):
            load(tmp_path / "none")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.data())
def test_a_cut_off_file_is_refused(path: Path, tmp_path: Path, data: st.DataObject) -> None:
    whole, cut = path.read_bytes(), tmp_path / "cut"
    cut.write_bytes(whole[: data.draw(st.integers(0, len(whole) - 1))])
    with pytest.raises(CheckpointError, match=r"cut is not a whole checkpoint.*delete"):
        load_checkpoint(cut, IDENTITY)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.data())
def test_a_changed_byte_is_refused(path: Path, tmp_path: Path, data: st.DataObject) -> None:
    content, bad = bytearray(path.read_bytes()), tmp_path / "bad"
    content[data.draw(st.integers(0, len(content) - 1))] ^= data.draw(st.integers(1, 255))
    bad.write_bytes(content)
    with pytest.raises(CheckpointError, match="bad is not a whole checkpoint"):
        load_checkpoint(bad, IDENTITY)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(content=st.binary(max_size=300))
def test_a_foreign_file_is_refused(tmp_path: Path, content: bytes) -> None:
    foreign = tmp_path / "foreign"
    foreign.write_bytes(content)
    with pytest.raises(CheckpointError, match="foreign"):
        load_checkpoint(foreign, IDENTITY)
    with pytest.raises(CheckpointError, match="foreign"):
        load_weights(foreign, nn.Linear(2, 2))


def test_code_in_a_checkpoint_is_not_run(tmp_path: Path) -> None:
    save_checkpoint(tmp_path / "code", {"path": tmp_path}, {})
    with pytest.raises(pickle.UnpicklingError, match="PosixPath"):
        load_checkpoint(tmp_path / "code", {})


def test_a_write_that_fails_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "run"
    save_checkpoint(path, STATE, IDENTITY)
    before = path.read_bytes()
    with pytest.raises(Exception, match="pickle"):
        save_checkpoint(path, {"unpicklable": lambda: 0}, IDENTITY)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


class Tied(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.embedding, self.output = nn.Embedding(5, 3), nn.Linear(3, 5, bias=False)
        self.output.weight = self.embedding.weight


def test_weights_come_back_with_their_metadata(tmp_path: Path) -> None:
    path, metadata = tmp_path / "w.safetensors", {"seed": 3, "command": "train", "z": [1], "a": ""}
    for build in (lambda: nn.Linear(3, 2), Tied):
        model, other = build(), build()
        save_weights(path, model, metadata)
        assert load_weights(path, other) == metadata
        for a, b in zip(model.parameters(), other.parameters(), strict=True):
            assert torch.equal(a, b)


def test_the_same_weights_give_the_same_bytes(tmp_path: Path) -> None:
    model, metadata = nn.Linear(3, 2), {str(number): number for number in range(20)}
    for name in ("a", "b"):
        save_weights(tmp_path / name, model, metadata)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


@pytest.mark.parametrize(
    "other", [nn.Linear(3, 4), nn.Linear(3, 2, bias=False), nn.Bilinear(3, 2, 2)]
)
def test_weights_of_another_model_are_refused(tmp_path: Path, other: nn.Module) -> None:
    path = tmp_path / "w.safetensors"
    save_weights(path, nn.Linear(3, 2), {})
    with pytest.raises(CheckpointError, match=r"w\.safetensors does not fit"):
        load_weights(path, other)


def test_cut_off_weights_are_refused(tmp_path: Path) -> None:
    path, model = tmp_path / "w.safetensors", nn.Linear(3, 2)
    save_weights(path, model, {"seed": 0})
    whole = path.read_bytes()
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        with pytest.raises(CheckpointError, match=r"w\.safetensors"):
            load_weights(path, model)
