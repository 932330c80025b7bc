"""A small book with three exercises that can be executed."""

import shutil
from pathlib import Path

import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from tools.notebooks.book import REPOSITORY, Book, write_notebook

# Each with its answers' stub, its check and its solution; the second is a table to fill in.
PARTS = {
    "double": (
        "def double(number):\n    raise NotImplementedError",
        'def check_double(double):\n    assert double(2) == 4, "twice 2 is 4"\n'
        '    assert abs(double(-1) + 2) < 1e-9, "twice -1 is -2"\n\n\n'
        "exercises.attempt(check_double, double)",
        "# Solution: Double\ndef double_solution(number):\n    return 2 * number\n\n\n"
        "confirm(check_double, double_solution)",
    ),
    "colours": (
        'colours = {"grass": ..., "sky": ...}',
        'def check_colours(colours):\n    assert colours["grass"] == "green", "grass"\n'
        '    assert colours["sky"] == "blue", "sky"\n\n\n'
        "exercises.attempt(check_colours, colours)",
        '# Solution: Colours\ncolours_solution = {"grass": "green", "sky": "blue"}\n'
        "confirm(check_colours, colours_solution)",
    ),
    "area": (
        "def area(width, height):\n    raise NotImplementedError",
        'def check_area(area):\n    assert area(2, 3) == twice(3), "2 by 3 is 6"\n\n\n'
        "exercises.attempt(check_area, area)",
        "# Solution: Area\ndef area_solution(width, height):\n    return width * height\n\n\n"
        "confirm(check_area, area_solution)",
    ),
}
PENCIL = """\
````{exercise} By hand
:label: by-hand

Why is it so?

```{dropdown} Show an answer
Because of this.
```
````

```{solution} by-hand
:class: dropdown
Because of that.
```

```{dropdown} More on colours
Read on.
```"""


def chapter_cells() -> list[NotebookNode]:
    """A title, a definition, three exercises, one for the pencil, and the solutions."""
    cells = [
        new_markdown_cell("# Numbers\n\nYou will double them."),
        new_code_cell("import math\n\n\ndef twice(number):\n    return number + number"),
        new_code_cell(
            "from mmbook.exercises import Exercises, confirm\n\n"
            'exercises = Exercises("double", "colours", "area")',
            metadata={"tags": ["exercises"]},
        ),
    ]
    for name, (stub, check, _) in PARTS.items():
        part = {"exercise": name, "points": 2} if name == "double" else {"exercise": name}
        title = f":::{{exercise}} {name.title()}\n:label: ex-{name}\n\nWrite `{name}`.\n:::"
        cells += [
            new_markdown_cell(title),
            new_code_cell(stub, metadata={"tags": ["exercise"], "mmbook": part}),
            new_code_cell(check, metadata={"tags": ["check"], "mmbook": part}),
        ]
    cells += [
        new_markdown_cell(PENCIL),
        new_code_cell("exercises.tally()", metadata={"tags": ["tally"]}),
        new_markdown_cell("## Solutions\n\nTry first."),
        *(
            new_code_cell(
                solution,
                metadata={"tags": ["solution", "hide-cell"], "mmbook": {"exercise": name}},
            )
            for name, (_, _, solution) in PARTS.items()
        ),
        new_markdown_cell("## Next\n\nMore numbers."),
    ]
    return cells


@pytest.fixture(scope="session")
def course(tmp_path_factory: pytest.TempPathFactory) -> Book:
    """The book, with its chapter part/numbers."""
    root: Path = tmp_path_factory.mktemp("book")
    path = root / "chapters" / "part" / "numbers.ipynb"
    path.parent.mkdir(parents=True)
    write_notebook(new_notebook(cells=chapter_cells()), path)
    contents = "format: jb-book\nroot: intro\nchapters:\n- file: chapters/part/numbers\n"
    (root / "_toc.yml").write_text(contents)
    (root / "references.bib").write_text("")
    shutil.copy(REPOSITORY / "_config.yml", root)
    return Book(root)


@pytest.fixture
def numbers(course: Book) -> NotebookNode:
    """The chapter as it is stored, to be changed at will."""
    return new_notebook(cells=chapter_cells())
