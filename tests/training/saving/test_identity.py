"""Descriptions differ where what is done differs, and are the same in another process."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import numpy
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn
from torch.nn.functional import cross_entropy

from mmbook.training.saving.identity import describe

ROOT = Path(__file__).parents[3]
RATE = 3
WEIGHTS = torch.tensor([1.0, 2.0])
TABLE = {"a": [1, torch.tensor(2)]}
STEPS = [1, 2]
SMOOTHED = partial(cross_entropy, label_smoothing=0.1)
UNKNOWN = {"file": object(), "circle": [TABLE]}


@dataclass(frozen=True)
class Shift:
    by: float

    def __call__(self, x: float) -> float:
        return x + self.by


SHIFT = Shift(1.0)
WORDS, DIGITS = {"one"}, numpy.arange(3)


class Scale:
    def __init__(self, by: Any) -> None:
        self.by = by

    def __call__(self, x: float) -> float:
        return x * self.by

    def method(self, x: float) -> float:
        return x


def enclosing(factor: float) -> Callable[[float], float]:
    def times(x: float) -> float:
        return factor * x

    return times


def defaulting(factor: float = 2.0, *, shift: float = 1.0) -> float:
    return factor + shift


def same_line() -> tuple[Callable, Callable]:
    return (lambda p: 1 - p), (lambda p: p)


def names_a_constant() -> int:
    return RATE


def names_what_the_module_keeps(x: Any) -> Any:
    return [(lambda: WEIGHTS)(), TABLE, STEPS, SMOOTHED, WORDS, SHIFT, x.DIGITS]


class Base:
    """A loss of which others are made; two methods of it name what the module keeps."""

    def scaled(self, x: float) -> Any:
        return x * WEIGHTS

    @staticmethod
    def shifted(x: float) -> float:
        return x + RATE


class Derived(Base):
    def __call__(self, x: float) -> Any:
        return super().scaled(x)


def names_a_function() -> int:
    return names_a_constant()


def circular() -> None:
    circular()


@lru_cache
def cached() -> int:
    return 1


ALIKE: list[Callable[[], Any]] = [
    lambda: partial(cross_entropy, label_smoothing=0.1),
    lambda: partial(partial(max, 1), 2),
    lambda: Shift(1.0),
    lambda: Scale({"a": [1, 2], "b": {3, 4}}),
    lambda: Scale(1).method,
    lambda: enclosing(2.0),
    lambda: torch.arange(3),
    lambda: numpy.arange(3),
    lambda: [numpy.array(["a", None]), numpy.float32(1), numpy.str_("a")],
    lambda: nn.Linear(2, 2).requires_grad_(False).eval() and nn.ReLU(),
    lambda: [len, torch.relu, torch.Tensor.add, str.upper, numpy.add],
    lambda: circular,
    lambda: cached,
    lambda: names_what_the_module_keeps,
    lambda: Derived(),
    lambda: {"path": Path("a"), "none": None, "type": torch.float16},
]
DIFFERENT: list[tuple[Any, Any]] = [
    (partial(cross_entropy, label_smoothing=0.1), partial(cross_entropy, label_smoothing=0.2)),
    (partial(cross_entropy, label_smoothing=0.1), cross_entropy),
    (Shift(1.0), Shift(2.0)),
    (Shift(1.0), Scale(1.0)),
    (Scale(1), Scale(1.0)),
    (Scale(1).method, Scale(2).method),
    (enclosing(2.0), enclosing(3.0)),
    same_line(),
    (torch.tensor([1.0]), torch.tensor([2.0])),
    (torch.tensor([1.0]), torch.tensor([[1.0]])),
    (torch.tensor([1]), torch.tensor([1.0])),
    ("1", 1),
    ([1], (1,)),
    ([[1], 2], [[1, 2]]),
    (nn.Dropout(0.1), nn.Dropout(0.2)),
    (len, max),
    (numpy.array(["a", "b"]), numpy.array(["a", "c"])),
    (numpy.float32(1), numpy.float32(2)),
]


@pytest.mark.parametrize("make", ALIKE)
def test_what_does_the_same_has_one_description(make: Callable[[], Any]) -> None:
    assert describe(make()) == describe(make())


@pytest.mark.parametrize("pair", DIFFERENT)
def test_what_does_something_else_has_another(pair: tuple[Any, Any]) -> None:
    assert describe(pair[0]) != describe(pair[1])


@given(st.recursive(st.integers() | st.text(max_size=3), st.lists, max_leaves=8), st.data())
def test_other_values_have_other_descriptions(value: Any, data: st.DataObject) -> None:
    other = data.draw(st.recursive(st.integers() | st.text(max_size=3), st.lists, max_leaves=8))
    assert (describe(value) == describe(other)) == (value == other)


def test_constants_and_defaults_of_a_function_count(monkeypatch: pytest.MonkeyPatch) -> None:
    direct, through = describe(names_a_constant), describe(names_a_function)
    defaults = describe(defaulting)
    monkeypatch.setattr(sys.modules[__name__], "RATE", 4)
    assert describe(names_a_constant) != direct
    assert describe(names_a_function) != through
    monkeypatch.setattr(defaulting, "__defaults__", (5.0,))
    assert describe(defaulting) != defaults


OTHERS = {
    "WEIGHTS": torch.tensor([1.0, 3.0]),
    "TABLE": {"a": [1, torch.tensor(3)]},
    "STEPS": [1, 3],
    "SMOOTHED": partial(cross_entropy, label_smoothing=0.2),
    "WORDS": {"two"},
    "SHIFT": Shift(2.0),
}


@pytest.mark.parametrize("name", OTHERS)
def test_what_a_function_names_of_its_module_counts(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    first = describe(names_what_the_module_keeps)
    monkeypatch.setattr(sys.modules[__name__], "DIGITS", numpy.arange(4))
    assert describe(names_what_the_module_keeps) == first, "an attribute is no global name"
    monkeypatch.setattr(sys.modules[__name__], name, OTHERS[name])
    assert describe(names_what_the_module_keeps) != first


@pytest.mark.parametrize(("name", "other"), [("WEIGHTS", OTHERS["WEIGHTS"]), ("RATE", 4)])
def test_what_methods_name_counts_also_those_of_a_base_class(
    monkeypatch: pytest.MonkeyPatch, name: str, other: Any
) -> None:
    first = describe(Derived())
    monkeypatch.setattr(sys.modules[__name__], name, other)
    assert describe(Derived()) != first


def test_a_changed_method_of_a_base_class_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    first = describe(Derived())
    monkeypatch.setattr(Base, "scaled", Scale.method)
    assert describe(Derived()) != first


def test_a_changed_source_of_a_base_class_counts(tmp_path: Path) -> None:
    def description(by: int) -> str:
        (tmp_path / "bases.py").write_text(f"class Base:\n    def f(self): return {by}\n")
        (tmp_path / "losses.py").write_text("import bases\nclass Loss(bases.Base): pass\n")
        code = (
            "import losses\nfrom mmbook.training.saving.identity import describe\n"
            "print(describe(losses.Loss()))"
        )
        environment = {
            **os.environ,
            "PYTHONPATH": f"{ROOT}{os.pathsep}{tmp_path}",
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        command = [sys.executable, "-c", code]
        return subprocess.run(
            command, env=environment, capture_output=True, text=True, check=True
        ).stdout

    assert description(1) == description(1) != description(2)


def test_what_a_module_keeps_is_left_out_where_it_cannot_be_described(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def names_it() -> Any:
        return UNKNOWN

    for unknown in (UNKNOWN, [torch.empty(2, device="meta")], [torch.eye(2).to_sparse()]):
        monkeypatch.setattr(sys.modules[__name__], "UNKNOWN", unknown)
        assert "UNKNOWN" not in describe(names_it)


def test_of_what_is_huge_only_kind_and_size_are_described(monkeypatch: pytest.MonkeyPatch) -> None:
    large: list[Any] = [torch.zeros(1), *[torch.zeros(1).expand(2**26)] * 2]
    module, found = sys.modules[__name__], []
    for value in ([large], {"a": large}, large[1], large[1][1:], [0] * 2_000_000):
        monkeypatch.setattr(module, "WEIGHTS", value)
        start = time.perf_counter()
        found.append(describe(names_what_the_module_keeps))
        assert time.perf_counter() - start < 5, "256 MiB, or two million objects, are not read"
    assert len(set(found)) == len(found) and all(len(text) < 2000 for text in found)


@pytest.mark.parametrize("number", range(3))
def test_what_nobody_could_find_again_is_refused(number: int) -> None:
    with Path(__file__).open() as file:
        thing = [file, torch.Generator(), (i for i in ())][number]
        for held in (thing, [thing], partial(max, thing), Scale(thing)):
            with pytest.raises(ValueError, match="cannot be described"):
                describe(held)


SCRIPT = """
from tests.training.saving.test_identity import ALIKE, describe
print(*(describe(make()) for make in ALIKE), sep="\\n")
factor = 3
print(describe(lambda x: factor * x))
class Local:
    def __call__(self, x): return x
print(describe(Local()))
"""


def test_another_process_finds_the_same() -> None:
    def descriptions(seed: str) -> list[str]:
        environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)}
        command = [sys.executable, "-c", SCRIPT]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, cwd=ROOT)
        assert done.returncode == 0, done.stderr
        return done.stdout.splitlines()

    first, second = descriptions("1"), descriptions("2")
    assert first == second and len(first) == len(ALIKE) + 2
    assert not any("0x" in line for line in first)


class Softened(torch.nn.Module):
    """A loss with a setting that its repr does not show."""

    def __init__(self, temperature: float) -> None:
        super().__init__()
        self.temperature = temperature


def test_settings_of_a_module_tell_it_apart() -> None:
    assert describe(Softened(1.0)) == describe(Softened(1.0)) != describe(Softened(5.0))
