import pytest

from tools.editions.grading.slicing import needed


def run(cells: list[str], *names: str) -> dict[str, object]:
    """The namespace after the statements that `names` need."""
    space: dict[str, object] = {}
    for statement in needed(cells, names):
        if isinstance(statement.code, SyntaxError):
            raise statement.code
        exec(statement.code, space)
    return space


def test_only_what_the_answer_needs_is_run() -> None:
    cells = [
        "raise SystemExit",
        "import math\nimport nowhere_to_be_found",
        "def half(x):\n    return x / 2\n\n\nwhile True:\n    pass",
        "def answer(x):\n    return math.floor(half(x))\n\n\n1 / 0",
    ]
    assert run(cells, "answer")["answer"](5) == 2


@pytest.mark.parametrize(
    "change",
    [
        'table["a"] = 1',
        "table.update(a=1)",
        'for key in list(table):\n    table[key] = "a b".count("a")',
        "table = {**table, 'a': 1}",
        "table |= {'a': 1}",
    ],
)
def test_a_value_that_is_changed_later_is_the_answer(change: str) -> None:
    assert run(["table = {'a': ...}", change], "table")["table"] == {"a": 1}


def test_the_last_of_two_answers_counts() -> None:
    assert run(["def f():\n    return 1", "def f():\n    return 2"], "f")["f"]() == 2


def test_answers_before_their_helpers_work() -> None:
    assert run(["def f():\n    return g()", "def g():\n    return 3"], "f")["f"]() == 3


def test_magics_and_shell_commands_are_not_run() -> None:
    assert run(["%timeit 1\n!rm -rf nothing\nx = 1", "%%bash\nx = 2"], "x")["x"] == 1


def test_names_inside_functions_are_not_those_outside() -> None:
    assert len(needed(["x = endless()", "def f():\n    x = 1\n    return x"], ["f"])) == 1


def test_star_imports_are_run() -> None:
    assert run(["from math import *", "def f():\n    return floor(2.5)"], "f")["f"]() == 2


def test_a_cell_that_cannot_be_read_costs_what_it_defines() -> None:
    cells = ["def f(:\n    pass", "def g():\n    return 1"]
    assert run(cells, "g")["g"]() == 1
    with pytest.raises(SyntaxError):
        run(cells, "f")
