"""Configurations to JSON and back, and what is refused on the way."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mmbook.models import ConfigError, ModelConfig
from mmbook.models.config import from_json, to_json


class PartConfig(ModelConfig):
    """What parts have in common."""


@dataclass(frozen=True)
class Leaf(PartConfig, kind="test-leaf"):
    """All simple fields."""

    whole: int = 1
    share: float = 0.5
    name: str = "ä"
    is_on: bool = False
    sizes: tuple[int, ...] = ()
    mode: Literal["a", "b"] = "a"
    perhaps: int | None = None

    def __post_init__(self) -> None:
        if self.whole < 0:
            raise ValueError(f"whole must be 0 or more, not {self.whole}")


@dataclass(frozen=True)
class Tree(ModelConfig, kind="test-tree"):
    """Parts by name, and one that must be there."""

    first: PartConfig
    rest: Mapping[str, PartConfig]
    rows: tuple[Leaf, ...] = ()


LEAVES = st.builds(
    Leaf,
    whole=st.integers(0),
    share=st.floats(allow_nan=False, allow_infinity=False),
    name=st.text(st.characters(exclude_categories=["Cs"])),
    is_on=st.booleans(),
    sizes=st.lists(st.integers(), max_size=3).map(tuple),
    mode=st.sampled_from(["a", "b"]),
    perhaps=st.none() | st.integers(),
)
TREES = st.builds(
    Tree,
    LEAVES,
    st.dictionaries(st.text("kind", max_size=4), LEAVES, max_size=2),
    st.tuples(LEAVES),
)


@given(TREES)
def test_what_is_written_comes_back(tree: Tree) -> None:
    assert from_json(json.loads(json.dumps(to_json(tree)))) == tree


def leaf(**changes: Any) -> dict[str, Any]:
    return {"kind": "test-tree", "first": {"kind": "test-leaf", **changes}, "rest": {}}


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (None, 'config must be an object with a "kind", not None'),
        ({"kind": 3}, 'config must be an object with a "kind"'),
        ({"kind": "subprocess.run"}, "no configuration is called 'subprocess.run'; there are: "),
        ({"kind": "test-tree", "rest": {}}, "config: 'test-tree' lacks the field 'first'"),
        (leaf(other=1), r"config\.first: 'test-leaf' has no field 'other', only \['is_on'"),
        (leaf(__class__=1), "has no field '__class__'"),
        (leaf(whole="1"), r"config\.first\.whole must be a whole number, not '1'"),
        (leaf(whole=True), "whole must be a whole number, not True"),
        (leaf(whole=1.0), "whole must be a whole number"),
        (leaf(whole=-1), r"config\.first: whole must be 0 or more, not -1"),
        (leaf(share=float("nan")), "share must be a number, not nan"),
        (leaf(name=None), "name must be a string, not None"),
        (leaf(is_on=1), "is_on must be true or false, not 1"),
        (leaf(sizes=3), "sizes must be a list, not 3"),
        (leaf(sizes=[1, "x"]), r"config\.first\.sizes\[1\] must be a whole number, not 'x'"),
        (leaf(mode="c"), r"mode must be one of \['a', 'b'\], not 'c'"),
        (leaf() | {"rest": []}, r"config\.rest must be an object"),
        (leaf() | {"rest": {"x": 1}}, r'config\.rest\.x must be an object with a "kind"'),
        (leaf() | {"first": leaf()}, "config.first must be a PartConfig, and 'test-tree' is none"),
    ],
)
def test_what_is_refused_is_named_with_its_place(value: Any, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        from_json(value)


def test_a_kind_belongs_to_one_class() -> None:
    with pytest.raises(ConfigError, match="two configurations are called 'test-leaf'"):

        class Other(ModelConfig, kind="test-leaf"):
            pass

    assert ModelConfig.kinds["test-leaf"] is Leaf
    assert PartConfig not in ModelConfig.kinds.values()


@pytest.mark.parametrize("bad", [float("inf"), object(), b"x", {1, 2}])
def test_what_json_cannot_hold_is_refused(bad: Any) -> None:
    with pytest.raises(ConfigError, match=r"config\.first\.name cannot be written as JSON"):
        to_json(Tree(Leaf(name=bad), {}))
