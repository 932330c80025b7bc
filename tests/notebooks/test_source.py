"""The source of an object is read as it stands, without importing its module."""

import ast
from pathlib import Path

import pytest

from tools.notebooks.source import object_source

MODULE = '''raise SystemExit("imported")

WIDTH: int = 4
NAMES = [
    "a",
]


@decorated
@again(
    1
)
def function(x):
    """Text."""

    return x  # as it is


class Outer:
    class Inner:
        def method(self):
            return 1

    async def wait(self): ...
'''


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "mmbook" / "deep").mkdir(parents=True)
    (tmp_path / "mmbook" / "deep" / "code.py").write_text(MODULE)
    (tmp_path / "mmbook" / "deep" / "__init__.py").write_text(
        "from .code import function\n\nHERE = 1\n"
    )
    return tmp_path


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [
        ("function", "@decorated", "    return x  # as it is"),
        ("WIDTH", "WIDTH: int = 4", "WIDTH: int = 4"),
        ("NAMES", "NAMES = [", "]"),
        ("Outer", "class Outer:", "    async def wait(self): ..."),
        ("Outer.Inner", "class Inner:", "        return 1"),
        ("Outer.Inner.method", "def method(self):", "    return 1"),
        ("Outer.wait", "async def wait(self): ...", "async def wait(self): ..."),
    ],
)
def test_exact_source(root, name, first, last):
    source = object_source(root, f"mmbook.deep.code.{name}")
    assert (source.splitlines()[0], source.splitlines()[-1]) == (first, last)
    ast.parse(source)


def test_a_package_holds_definitions_too(root):
    assert object_source(root, "mmbook.deep.HERE") == "HERE = 1"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("mmbook.deep.code.nothing", "mmbook/deep/code.py defines no 'nothing'"),
        ("mmbook.deep.code.function.inner", "defines no 'function.inner'"),
        ("mmbook.deep.function", "mmbook/deep/__init__.py defines no 'function'"),
        ("elsewhere.code.function", "no module of the package holds 'elsewhere.code.function'"),
        ("function", "write mmbook.module.Name"),
    ],
)
def test_says_what_is_missing(root, name, said):
    with pytest.raises(ValueError, match=said):
        object_source(root, name)
