"""Which code made it: what counts as other code, and whose code counts."""

from pathlib import Path

import pytest

from mmbook.evaluation import source
from mmbook.evaluation.source import Source, differences, modules, package

FILES = {
    "__init__": '"""Book."""\n__version__ = "1"\n',
    "a": '"""A."""\nfrom book.inner import Named, deep\nfrom book.tools import *\n',
    "inner/__init__": (
        '"""Passes on."""\nfrom book.inner.one import Named\nfrom book.inner.two import Other\n'
        "from book.inner import deep\n__all__ = ['Named', 'Other', 'deep']\n"
    ),
    "inner/one": "import os\nfrom . import relative\nclass Named: pass\n",
    "inner/two": "class Other: pass\n",
    "inner/deep": "from ..b import value as v\n",
    "inner/relative": "x = 1\n",
    "b": "def f():\n    from book.lazy import g\nvalue = 1\n",
    "lazy": "def g(): pass\n",
    "tools/__init__": "from book.tools.thing import t\nregistered = t()\n",
    "tools/thing": "def t(): return 1\n",
    "tools/other": "import book.unused\n",
    "unused": "import book.a\n",
}
OF_A = ["a", "b", "inner.deep", "inner.one", "inner.relative", "lazy", "tools", "tools.thing"]


@pytest.fixture
def book(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        file = tmp_path / "book" / f"{name}.py"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return tmp_path / "book"


def change(book: Path, name: str, text: str) -> None:
    (book / f"{name}.py").write_text(text)


def test_what_is_imported_counts_and_who_passes_on_is_looked_through(book: Path) -> None:
    assert list(Source(book).modules("book.a")) == [f"book.{name}" for name in OF_A]
    # A package that does more than that counts for everything in it.
    assert "book.tools" in Source(book).modules("book.tools.other")
    assert "book.inner" not in Source(book).modules("book.inner.two")
    assert list(Source(book).modules("book.unused")) == sorted(
        ["book.unused", *(f"book.{name}" for name in OF_A)]
    )


def test_a_name_that_is_passed_on_from_elsewhere_is_other_code(book: Path) -> None:
    before = Source(book).modules("book.a")
    text = FILES["inner/__init__"].replace("one import Named", "two import Other as Named")
    change(book, "inner/__init__", text)
    now = Source(book).modules("book.a")
    assert differences(before, now) == ["book.inner.one", "book.inner.relative", "book.inner.two"]


@pytest.mark.parametrize("name", [name.replace(".", "/") for name in OF_A])
def test_a_line_in_any_of_them_is_other_code(book: Path, name: str) -> None:
    before = Source(book).modules("book.a")
    file = name if (book / f"{name}.py").is_file() else f"{name}/__init__"
    change(book, file, FILES[file] + "added = 1\n")
    now = Source(book).modules("book.a")
    assert differences(before, now) == [f"book.{name.replace('/', '.')}"]


def test_a_line_elsewhere_is_not(book: Path) -> None:
    before = Source(book).modules("book.a")
    for name in ("unused", "inner/two", "tools/other"):
        change(book, name, FILES[name] + "added = 1\n")
    change(book, "__init__", FILES["__init__"].replace('"1"', '"2"'))
    assert Source(book).modules("book.a") == before


CODE = '''
"""What it is for."""
import math


class Layer:
    """A layer."""

    width: int = 3
    "of the tokens"

    def forward(self, x, *, scale=1.0):
        """Scale x."""
        # a comment
        return [f"{x!r:>{scale}}" "语" f"{math.pi:.2f} {{}}", b"\\xff", {**x, 1: None}, x[..., ::2]]
'''


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("# a comment", "# another\n\n        # and more"),
        ("What it is for.", "What else."),
        ("Scale x.", "Multiply."),
        ("of the tokens", "of all"),
        (
            "(self, x, *, scale=1.0)",
            "(\n        self,\n        x,\n        *,\n        scale=1.0,\n    )",
        ),
        ('b"\\xff"', "b'\\xff'"),
        ('"语" f"', 'f"语" f"'),
        ("1.0", "1.00"),
    ],
)
def test_what_does_the_same_has_the_same_digest(old: str, new: str) -> None:
    assert source._digest(CODE) == source._digest(CODE.replace(old, new))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("1.0", "1"),
        ("1.0", "'1.0'"),
        ("width: int", "width: float"),
        ("x!r", "x!s"),
        ("语", "語"),
        ("\\xff", "\\xfe"),
        (" {{}}", "{{}}"),
        ("**x", "'x': x"),
        ("1: None", "1: 0"),
        ("*, scale", "scale"),
        ("::2", ":2"),
        ("import math", "import cmath as math"),
        ("return", "yield"),
        ("class Layer", "@final\nclass Layer"),
        ("class Layer", "class layer"),
    ],
)
def test_what_does_something_else_has_another(old: str, new: str) -> None:
    assert old in CODE
    assert source._digest(CODE) != source._digest(CODE.replace(old, new))


def test_every_version_of_python_gives_this_digest() -> None:
    """As 3.11, 3.12 and 3.13 gave it; a change here makes every record one of other code."""
    assert source._digest(CODE) == "751912945c77"


def test_a_root_that_is_not_there_is_named(book: Path) -> None:
    with pytest.raises(ValueError, match=r"'book\.c' is not there; the nearest is 'book\.[ab]'"):
        Source(book).modules("book.c")


def test_the_package_is_read_once(book: Path) -> None:
    """What runs is what was loaded: an edit while it runs is none of its code."""
    seen = Source(book)
    before = seen.modules("book.a")
    change(book, "a", "x = 2\n")
    assert seen.modules("book.a") == before
    assert package() is package()


def test_an_experiment_stands_on_its_layers_and_not_on_its_neighbours() -> None:
    found = modules("mmbook.experiments.copying")
    assert {"mmbook.layers.attention", "mmbook.training.loop", "mmbook.batch"} <= set(found)
    assert not any("digits" in name or "plotting" in name for name in found)
    assert not {"mmbook.evaluation.record", "mmbook.experiments.harness.registry"} & set(found)
    assert all(len(digest) == source.LENGTH for digest in found.values())
