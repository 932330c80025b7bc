"""The source text of an object of the package, read without importing it."""

import ast
import textwrap
from collections.abc import Sequence
from pathlib import Path


def object_source(root: Path, name: str) -> str:
    """The exact source of `name`, such as `mmbook.tokens.Tokens` or `mmbook.tokens.Tokens.mean`.

    A definition inside a class is moved to the left margin. `name` starts with the module that
    holds the definition; a re-export is not followed. Raises `ValueError` naming what is missing.
    """
    file, inner = _split(root, name)
    text = file.read_text(encoding="utf-8")
    node = _find(ast.parse(text).body, inner)
    if node is None:
        where = file.relative_to(root).as_posix()
        raise ValueError(f"{where} defines no {'.'.join(inner)!r}; name the module that does")
    decorators = getattr(node, "decorator_list", [])
    first = min([node.lineno, *(decorator.lineno for decorator in decorators)])
    lines = text.splitlines()[first - 1 : node.end_lineno]
    return textwrap.dedent("\n".join(lines))


def _split(root: Path, name: str) -> tuple[Path, list[str]]:
    """The file of the longest module in `name`, and the names inside it."""
    parts = name.split(".")
    for length in range(len(parts) - 1, 0, -1):
        base = root.joinpath(*parts[:length])
        for file in (base.with_suffix(".py"), base / "__init__.py"):
            if file.is_file():
                return file, parts[length:]
    raise ValueError(f"no module of the package holds {name!r}; write mmbook.module.Name")


def _find(body: Sequence[ast.stmt], names: list[str]) -> ast.stmt | None:
    for node in body:
        if names[0] not in _bound(node):
            continue
        if len(names) == 1:
            return node
        if isinstance(node, ast.ClassDef):
            return _find(node.body, names[1:])
    return None


def _bound(node: ast.stmt) -> set[str]:
    """The names that a statement defines."""
    if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
        return {node.name}
    if isinstance(node, ast.Assign):
        return {target.id for target in node.targets if isinstance(target, ast.Name)}
    if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
        return {node.target.id}
    return set()
