"""Which of a student's statements an answer needs; all others are not run."""

import ast
import dis
import linecache
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from types import CodeType

from IPython.core.inputtransformer2 import TransformerManager

BEGINS = re.compile(r"^(?:(?:async )?def|class) +(\w+)|^(\w+) *[:=]", re.M)
# What Python says of code that is none: of null bytes, half characters and endless brackets too.
UNREADABLE = (SyntaxError, ValueError, RecursionError, MemoryError)
LOADS = ("LOAD_NAME", "LOAD_GLOBAL", "LOAD_FROM_DICT_OR_GLOBALS")


@dataclass(frozen=True)
class Statement:
    """A statement at the top level of a cell, or a whole cell that Python cannot read.

    `binds` are the names that it gives a value, `changes` those whose value it changes in place,
    `loads` those that it or a function inside it reads. `node` is the statement itself, if it can
    be read.
    """

    code: CodeType | Exception
    binds: frozenset[str]
    changes: frozenset[str] = frozenset()
    loads: frozenset[str] = frozenset()
    imports: bool = False
    node: ast.stmt | None = None


def needed(cells: Sequence[str], names: Sequence[str]) -> list[Statement]:
    """The statements of `cells`, in order, on which the values of `names` depend."""
    statements = [
        found for place, cell in enumerate(cells, 1) for found in _statements(place, cell)
    ]
    values = {name for one in statements if not one.imports for name in one.binds} | {*names}
    wanted, kept = set(names), set()
    while True:
        more = {
            place
            for place, one in enumerate(statements)
            if place not in kept
            and (wanted & one.binds or wanted & values & one.changes or "*" in one.binds)
        }
        if not more:
            return [statements[place] for place in sorted(kept)]
        kept |= more
        wanted |= {name for place in more for name in statements[place].loads}


def _statements(place: int, cell: str) -> Iterator[Statement]:
    file = f"<cell {place}>"
    try:
        # What only IPython understands (%magic, !command) becomes calls, which no answer needs.
        source = TransformerManager().transform_cell(cell)
        linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
        for node in ast.parse(source, file).body:
            yield _statement(node, compile(ast.Module([node], []), file, "exec"))
    except UNREADABLE as error:
        names = {name for found in BEGINS.findall(cell) for name in found if name}
        yield Statement(error, frozenset(names))


def _statement(node: ast.stmt, code: CodeType) -> Statement:
    if isinstance(node, ast.ImportFrom) and node.names[0].name == "*":
        return Statement(code, frozenset("*"), imports=True, node=node)
    top = {one.argval for one in dis.get_instructions(code) if one.opname == "STORE_NAME"}
    every = [one for inner in codes(code) for one in dis.get_instructions(inner)]
    return Statement(
        code,
        binds=frozenset(top | {one.argval for one in every if one.opname == "STORE_GLOBAL"}),
        changes=frozenset(_changed(node)),
        loads=frozenset(one.argval for one in every if one.opname in LOADS),
        imports=isinstance(node, ast.Import | ast.ImportFrom),
        node=node,
    )


def codes(code: CodeType) -> Iterator[CodeType]:
    """A code and those of all functions and classes inside it."""
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from codes(constant)


def _changed(node: ast.AST) -> Iterator[str]:
    """The names whose items or attributes are set, or of which a method is called as a statement.

    As in `jobs["first"] = "fusion"` and `jobs.update(more)`.
    """
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
        return
    if isinstance(node, ast.Subscript | ast.Attribute) and not isinstance(node.ctx, ast.Load):
        yield from _root(node)
    call = node.value if isinstance(node, ast.Expr) else None
    if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute):
        yield from _root(call.func)
    for child in ast.iter_child_nodes(node):
        yield from _changed(child)


def _root(node: ast.expr) -> Iterator[str]:
    while isinstance(node, ast.Subscript | ast.Attribute):
        node = node.value
    if isinstance(node, ast.Name):
        yield node.id
