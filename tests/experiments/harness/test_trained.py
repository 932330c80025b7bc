"""Weights are read again only where training would give the very same."""

import re
import shutil
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from mmbook.batch import Batch
from mmbook.evaluation import source
from mmbook.experiments.harness import finished
from mmbook.experiments.harness import trained as module
from mmbook.experiments.harness.finished import other_code
from mmbook.experiments.harness.trained import trained
from mmbook.losses import cross_entropy
from mmbook.training import (
    CheckpointError,
    Objective,
    TrainingConfig,
    load_weights,
    save_weights,
    seed_everything,
    supervised,
)
from mmbook.training.optimisers.makers import sgd

CONFIG = TrainingConfig(steps=2, batch_size=4, device="cpu")
MODULE = "mmbook.layers.attention"  # stands for the one that builds the model


class Scores(nn.Module):
    """A linear classifier of one input, always with the same first weights."""

    def __init__(self, hidden: float = 0.0, heads: int = 1) -> None:
        super().__init__()
        self._heads = heads
        self.linear = nn.Linear(3, 2)
        self.dropout = nn.Dropout(hidden)
        with torch.no_grad():
            self.linear.weight.fill_(0.1)
            self.linear.bias.zero_()

    def forward(self, inputs: dict[str, Tensor]) -> Tensor:
        return self.linear(self.dropout(inputs["x"]))


@dataclass(frozen=True)
class Shift:
    """Adds a constant to what is trained on."""

    by: float

    def __call__(self, samples: Batch) -> Batch:
        return Batch({"x": samples.inputs["x"] + self.by}, samples.targets)


def samples(seed: int = 0) -> Batch:
    generator = torch.Generator().manual_seed(seed)
    return Batch({"x": torch.randn(8, 3, generator=generator)}, {"label": torch.arange(8) % 2})


def weights(folder: Path, **changes: Any) -> Tensor:
    """The weights that `trained` gives in a folder, in evaluation mode."""
    settings = {"model": Scores(), "samples": samples(), "config": CONFIG, **changes}
    seconds = trained(**{"name": "scores", "module": MODULE} | settings, folder=folder)
    model = settings["model"]
    assert seconds > 0 and not model.training
    return model.linear.weight.detach()


@pytest.fixture
def no_training(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """From its call on, training is an error."""

    def fit(*_: object, **__: object) -> None:
        raise AssertionError("trained again")

    return lambda: monkeypatch.setattr(module, "fit", fit)


def test_the_same_run_reads_its_weights(tmp_path: Path, no_training: Callable[[], None]) -> None:
    first = weights(tmp_path)
    assert [p.suffix for p in tmp_path.iterdir()] == [".safetensors"]  # no checkpoint is left
    no_training()
    assert weights(tmp_path).equal(first)
    # what does not change what is learned does not count
    assert weights(tmp_path, config=replace(CONFIG, checkpoint_every=1)).equal(first)


def test_the_same_options_are_told_by_what_they_do(
    tmp_path: Path, no_training: Callable[[], None]
) -> None:
    def options(smoothing: float = 0.1, by: float = 1.0) -> dict[str, Any]:
        loss = partial(cross_entropy, label_smoothing=smoothing)
        return {"objectives": Objective(supervised(loss), sgd), "augment": Shift(by)}

    first = weights(tmp_path, **options())
    other = weights(tmp_path, **options(smoothing=0.2)), weights(tmp_path, **options(by=2.0))
    no_training()
    assert weights(tmp_path, **options()).equal(first)
    assert not any(first.equal(weight) for weight in other)


@pytest.mark.parametrize(
    "changes",
    [
        {"model": Scores(hidden=0.5)},
        {"model": Scores(heads=2)},
        {"config": replace(CONFIG, steps=3)},
        {"config": replace(CONFIG, seed=1)},
        {"samples": samples(seed=1)},
        {"objectives": Objective(supervised(partial(cross_entropy, label_smoothing=0.1)))},
        {"objectives": Objective(optimiser=sgd)},
        {"objectives": Objective(optimiser=partial(sgd, momentum=0.0))},
        {"augment": Shift(1.0)},
    ],
    ids=["model", "heads", "steps", "seed", "samples", "loss", "optimiser", "momentum", "augment"],
)
def test_another_run_trains_from_its_own_start(tmp_path: Path, changes: dict[str, Any]) -> None:
    """Neither the finished weights of another run nor a step from them."""
    weights(tmp_path / "used")
    fresh = deepcopy(changes)  # a model is trained in place
    again = weights(tmp_path / "used", **changes)
    assert again.equal(weights(tmp_path / "fresh", **fresh))


class Attending(nn.Module):
    """Scores of the mean of what attention gives, from one input (batch, length, 4)."""

    def __init__(self, heads: int) -> None:
        super().__init__()
        self.attention = nn.MultiheadAttention(4, heads, batch_first=True)

    def forward(self, inputs: dict[str, Tensor]) -> Tensor:
        x = inputs["x"].unflatten(1, (3, 4))
        return self.attention(x, x, x)[0].mean(1)


def test_heads_are_told_apart_though_their_weights_are_alike(tmp_path: Path) -> None:
    """Neither the shapes of an attention's weights nor its repr say how many heads it has."""
    batch = samples()
    batch.inputs["x"] = torch.rand(8, 12, generator=torch.Generator().manual_seed(0))
    found = []
    for heads in (1, 2):
        seed_everything(0)
        model = Attending(heads)
        trained(model, batch, CONFIG, tmp_path, "x", MODULE)
        found.append(model.attention.in_proj_weight.detach())
    assert len(list(tmp_path.glob("*.safetensors"))) == 2
    assert not found[0].equal(found[1])


def test_names_become_names_of_files(tmp_path: Path) -> None:
    weights(tmp_path, name="GRU, bias +3, first of 4/2")
    (file,) = tmp_path.iterdir()
    assert file.name.startswith("GRU-bias-+3-first-of-4-2-")


@pytest.fixture
def code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Takes one module's code for another: appends a line to it, in a copy of the package."""
    copy = tmp_path / "mmbook"
    shutil.copytree(Path(source.__file__).parents[1], copy, ignore=shutil.ignore_patterns("_*"))

    def use(line: str) -> None:
        with (copy / "layers" / "attention.py").open("a") as file:
            file.write(f"{line}\n")
        monkeypatch.setattr(finished, "modules", source.Source(copy).modules)

    return use


def test_weights_of_other_code_are_not_used(
    tmp_path: Path,
    code: Callable[[str], None],
    no_training: Callable[[], None],
    capsys: pytest.CaptureFixture[str],
) -> None:
    runs = tmp_path / "runs"
    code("# as it is")
    weights(runs)
    (old,) = runs.iterdir()
    assert other_code(runs) == []
    code("unused = 1")
    (other,) = other_code(tmp_path)
    assert (other.file, other.modules) == (old, ["mmbook.layers.attention"])
    assert capsys.readouterr().err == ""
    weights(runs)
    said = capsys.readouterr().err
    assert said == f"{old} was trained by other code (in {MODULE}): training again\n"
    assert len(list(runs.iterdir())) == 2 and other_code(tmp_path) == []
    no_training()
    weights(runs)
    assert capsys.readouterr().err == ""


def test_a_comment_changes_nothing(
    tmp_path: Path, code: Callable[[str], None], no_training: Callable[[], None]
) -> None:
    code("")
    first = weights(tmp_path / "runs")
    code("# a thought")
    no_training()
    assert weights(tmp_path / "runs").equal(first)


def test_a_module_that_is_gone_is_other_code(tmp_path: Path) -> None:
    weights(tmp_path)
    (file,) = tmp_path.iterdir()
    model = Scores()
    facts = load_weights(file, model)
    save_weights(file, model, facts | {"module": "mmbook.gone", "source": {"mmbook.gone": "1"}})
    (other,) = other_code(tmp_path)
    assert other.modules == ["mmbook.gone"]


def test_an_interrupted_run_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was finished before is kept, and what was not goes on from its checkpoint."""
    first = weights(tmp_path, name="first")
    config, forward, passes = replace(CONFIG, steps=8, checkpoint_every=2), Scores.forward, 0

    def stop_once(model: Scores, inputs: dict[str, Tensor]) -> Tensor:
        nonlocal passes
        passes += 1
        if passes == 6:
            raise KeyboardInterrupt
        return forward(model, inputs)

    monkeypatch.setattr(Scores, "forward", stop_once)
    with pytest.raises(KeyboardInterrupt):
        weights(tmp_path, name="second", config=config)
    assert sorted(p.suffix for p in tmp_path.iterdir()) == [".ckpt", ".safetensors"]
    again = weights(tmp_path, name="second", config=config)
    assert passes < 6 + 8  # not from the start
    assert again.equal(weights(tmp_path / "other", config=config))
    monkeypatch.setattr(module, "fit", None)
    assert weights(tmp_path, name="first").equal(first)


def flip(content: bytes) -> bytes:
    """One bit of the last weight is another."""
    return content[:-1] + bytes([content[-1] ^ 1])


def without(name: str) -> Callable[[bytes], bytes]:
    """The same length, with a fact that is named otherwise."""
    return lambda content: content.replace(f'\\"{name}\\"'.encode(), f'\\"{name[:-1]}_\\"'.encode())


@pytest.mark.parametrize(
    "damage",
    [
        lambda content: b"cut short",
        lambda content: b"",
        lambda content: content[:-4],
        lambda content: content[: len(content) // 2],
        lambda content: content.replace(b"[2,3]", b"[3,2]"),
        flip,
        without("seconds"),
        without("source"),
        without("module"),
        without("digest"),
        without("hardware"),
        without("versions"),
        lambda content: content.replace(b'\\"seed\\": 0', b'\\"seed\\": x'),
    ],
)
def test_damaged_weights_are_named(tmp_path: Path, damage: Callable[[bytes], bytes]) -> None:
    weights(tmp_path)
    (file,) = tmp_path.iterdir()
    content = file.read_bytes()
    file.write_bytes(damage(content))
    assert file.read_bytes() != content
    with pytest.raises(CheckpointError, match=re.escape(file.name)):
        weights(tmp_path)


def test_half_a_file_beside_its_place_is_not_read(tmp_path: Path) -> None:
    first = weights(tmp_path)
    (file,) = tmp_path.iterdir()
    half = file.with_name(f".{file.name}.tmp")
    file.rename(half)
    half.write_bytes(half.read_bytes()[:50])
    assert weights(tmp_path).equal(first)
    assert load_weights(file, Scores())["name"] == "scores"


def test_weights_that_others_wrote_are_left_alone(tmp_path: Path) -> None:
    other = tmp_path / "mnist.safetensors"
    save_weights(other, Scores(), {})
    before = other.read_bytes()
    weights(tmp_path)
    assert other_code(tmp_path) == [] and other.read_bytes() == before


def test_a_log_gets_lines_and_no_bar(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(module, "SECONDS", 0)
    weights(tmp_path / "seed-0")
    said = capsys.readouterr()
    steps, last = said.out.splitlines()[:2], said.out.splitlines()[2]
    assert steps == [f"seed-0 scores: step {step} of 2" for step in (1, 2)]
    assert last.startswith("seed-0 scores: 0 s, loss ") and "\r" not in said.out + said.err


def test_a_log_is_not_filled_with_lines(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    weights(tmp_path)
    assert "step" not in capsys.readouterr().out
