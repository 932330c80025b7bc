"""The code that made a result or weights: a digest of every module that has a say in it.

Modules are found by reading import statements, nothing is imported, and a digest is of what the
code does: comments, docstrings and layout do not count.
"""

import ast
import hashlib
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path

from mmbook.evaluation.nearest import nearest_name

Digests = Mapping[str, str]  # {module: digest}
LENGTH = 12  # hexadecimal digits of a digest
# These write down what was measured, and decide neither that nor any weights.
WRITERS = tuple(
    f"mmbook.evaluation.{name}" for name in ("environment", "nearest", "record", "result", "source")
)


class Source:
    """The modules of the package in a folder, as they are when this is made."""

    def __init__(self, folder: Path) -> None:
        self.package = folder.name
        self._texts: dict[str, str] = {}
        self._packages: set[str] = set()
        for file in sorted(folder.rglob("*.py")):
            parts = file.relative_to(folder.parent).with_suffix("").parts
            if is_package := parts[-1] == "__init__":
                parts = parts[:-1]
            name = ".".join(parts)
            self._texts[name] = file.read_text(encoding="utf-8")
            if is_package:
                self._packages.add(name)

    def modules(self, root: str) -> dict[str, str]:
        """{module: digest} of a module and of all it imports, in turn, by name.

        A package that only passes names on is looked through: what counts is the module that
        defines what was asked for. Raises ValueError for a root that is not there.
        """
        if root not in self._texts:
            raise ValueError(f"the module {root!r}{nearest_name(root, list(self._texts))}")
        found: set[str] = set()
        waiting = {root}
        while waiting:
            name = waiting.pop()
            found.add(name)
            waiting |= {*self._imported(name), *self._parents(name)} - found
        return {name: _digest(self._texts[name]) for name in sorted(found)}

    def _parents(self, name: str) -> Iterator[str]:
        """The packages around a module that do more than pass names on."""
        parts = name.split(".")
        for length in range(1, len(parts)):
            package = ".".join(parts[:length])
            if not _only_passes_on(self._texts.get(package, "")):
                yield package

    def _imported(self, name: str) -> Iterator[str]:
        """The modules that define what a module imports."""
        for node in _imports(self._texts[name]):
            if isinstance(node, ast.Import):
                found = [alias.name for alias in node.names]
            else:
                origin = self._origin(name, node)
                found = [self._definer(origin, alias.name) for alias in node.names]
            yield from (one for one in found if one in self._texts and one not in WRITERS)

    def _origin(self, name: str, node: ast.ImportFrom) -> str:
        """The module that a `from` names, also by dots."""
        if not node.level:
            return node.module or ""
        parts = name.split(".")
        base = parts[: len(parts) - node.level + (name in self._packages)]
        return ".".join([*base, *([node.module] if node.module else [])])

    def _definer(self, module: str, name: str) -> str:
        """The module that defines what `from module import name` gives."""
        if module in self._packages:
            for node in _imports(self._texts[module]):
                for alias in node.names:
                    if isinstance(node, ast.ImportFrom) and (alias.asname or alias.name) == name:
                        origin = self._origin(module, node)
                        if origin == module:  # a module of the package itself
                            return f"{module}.{alias.name}"
                        return self._definer(origin, alias.name)
            if f"{module}.{name}" in self._texts:
                return f"{module}.{name}"
        return module


@cache
def package() -> Source:
    """This package as it was when first asked for, which should be when a program begins."""
    return Source(Path(__file__).resolve().parents[1])


@cache
def modules(root: str) -> Digests:
    """{module: digest} of a module of this package and of all it imports, in turn."""
    return package().modules(root)


def differences(recorded: Digests, now: Digests) -> list[str]:
    """The modules that are not the same, or are in one of the two only."""
    return sorted(name for name in {*recorded, *now} if recorded.get(name, "") != now.get(name, ""))


@cache
def _tree(text: str) -> ast.Module:
    return ast.parse(text)


def _imports(text: str) -> list[ast.Import | ast.ImportFrom]:
    return [n for n in ast.walk(_tree(text)) if isinstance(n, ast.Import | ast.ImportFrom)]


def _only_passes_on(text: str) -> bool:
    """Whether a module holds imports, names with __ around them, and a docstring at most."""
    return all(
        isinstance(node, ast.Import | ast.ImportFrom)
        or _is_bare_string(node)
        or (isinstance(node, ast.Assign) and all(map(_is_dunder, node.targets)))
        for node in _tree(text).body
    )


def _is_dunder(target: ast.expr) -> bool:
    return isinstance(target, ast.Name) and target.id.startswith("__")


@cache
def _digest(text: str) -> str:
    """The same for the same code in every version of Python, unlike `ast.dump`."""
    return hashlib.sha256(" ".join(_words(_tree(text))).encode()).hexdigest()[:LENGTH]


def _words(node: object) -> Iterator[str]:
    """A syntax tree as words: the kind of each node and its fields, without what is empty.

    Versions of Python differ in fields that are empty, in how they write non-ASCII characters, and
    in how they part the fixed text of an f-string.
    """
    if isinstance(node, ast.Constant):
        yield f"{type(node.value).__name__} {node.value!a}"
    elif isinstance(node, ast.AST):
        yield f"({type(node).__name__}"
        for name, value in ast.iter_fields(node):
            if value is None or name in ("ctx", "kind", "type_comment", "type_ignores"):
                continue
            if isinstance(value, list):
                value = _parts(node, value)
                if not value:
                    continue
            yield name
            yield from _words(value)
        yield ")"
    elif isinstance(node, list):
        yield "["
        for part in node:
            yield from _words(part)
        yield "]"
    else:
        yield ascii(node)


def _parts(node: ast.AST, parts: list) -> list:
    """What a list holds, without docstrings; the fixed parts of an f-string are joined."""
    if isinstance(node, ast.JoinedStr):
        return list(_joined(parts))
    return [part for part in parts if not _is_bare_string(part)]


def _joined(parts: Iterable[ast.expr]) -> Iterator[ast.expr]:
    text = ""
    for part in parts:
        if isinstance(part, ast.Constant):
            text += str(part.value)
            continue
        if text:
            yield ast.Constant(text)
        text = ""
        yield part
    if text:
        yield ast.Constant(text)


def _is_bare_string(node: object) -> bool:
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )
