"""The built site in a browser, and a small book with all syntax that has a plain form."""

import shutil
from pathlib import Path

import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from tests.notebooks.conftest import exercise_cells, picture, png, printed
from tests.site.conftest import address, chromium, site  # noqa: F401  fixtures of the browser
from tools.notebooks.book import REPOSITORY, Book, write_notebook

CONTENTS = """\
format: jb-book
root: intro
parts:
  - caption: First part
    numbered: true
    chapters:
      - file: chapters/part/first
      - file: chapters/part/pairs
  - caption: Appendix
    numbered: false
    chapters:
      - file: chapters/appendix/words
      - file: chapters/appendix/works
"""
HEADER = """\
:::{admonition} This chapter
:class: header-box

**You will be able to**
- add two numbers.

**You need** a pencil; {doc}`first` explains it.

**Measured.** <!--measured-->Run time 1 s, peak memory 90 MB on two CPU cores.<!--/measured-->
:::"""
PROSE = """\
## Doubling

A {term}`pair` of {term}`numbers <number>` {cite:p}`one2001first,three2003third`;
{cite:t}`one2001first` began.
Both reach <!--result a-mini x mean %-->96.1 %<!--/result-->, says [](first.ipynb)
([why](#usage)).

$$
x = 2 y
$$ (pa-double)

:::{note}
See {eq}`pa-double`, {eq}`fi-one` and {ref}`the exercise <double>`. Here

$$
y = 1
$$
:::"""
PENCIL = """\
````{exercise} Why?
:label: pa-why

Say why.

```{dropdown} Show an answer
Because of {eq}`pa-double`.
```
````

```{solution} pa-why
:class: dropdown

Since $1 + 1 = 2$.
```"""
WORDS = """\
(words)=
# Words

Both names work.

```{glossary}
:sorted:

pair
一对
  Two {term}`numbers <number>`.

number
数
  What is counted.
```

(usage)=
## Usage

<!--if repository
Nobody sees this.
end-->

<!--if no repository-->
Say `{term}` in [words](words).
<!--end-->
"""
WORKS = "# Works\n\n```{bibliography}\n```\n"
BIBLIOGRAPHY = """\
@article{one2001first, author = {One, Ann}, title = {First}, journal = {A}, year = {2001},
  doi = {10.1000/1}}
@article{two2002second, author = {Two, Bo}, title = {Never Cited}, journal = {A}, year = {2002}}
@article{three2003third, author = {Thr{\\'e}e, C. and Four, D. and Five, E.}, title = {Third},
  journal = {A}, year = {2003}, eprint = {2003.00001}, archiveprefix = {arXiv}}
"""


def pairs() -> NotebookNode:
    """A chapter with a header box, text, a figure, a coding exercise and one for a pencil."""
    setup = new_code_cell("import math", metadata={"tags": ["setup", "hide-input"]})
    cells = [
        new_markdown_cell("# Pairs\n\nYou will add two numbers."),
        new_markdown_cell(HEADER, metadata={"tags": ["header"]}),
        setup,
        new_markdown_cell(PROSE),
        new_code_cell("print(1)", outputs=[printed("1\n")]),
        new_code_cell("pass", outputs=[picture(png())]),
        *exercise_cells(),
        new_markdown_cell(PENCIL),
    ]
    notebook = new_notebook(cells=cells)
    for count, cell in enumerate((it for it in cells if it.cell_type == "code"), 1):
        cell.execution_count = count
        for output in cell.outputs:
            if output.output_type == "execute_result":
                output.execution_count = count
    notebook.metadata["mmbook"] = {"seconds": 1.2, "peak_memory_mb": 90}
    notebook.metadata["kernelspec"] = {
        "display_name": "Python 3",
        "language": "python",
        "name": "python3",
    }
    return notebook


def first() -> NotebookNode:
    """The chapter before it, with one equation."""
    text = "# A first chapter\n\nYou will see an equation.\n\n$$\nx = 1\n$$ (fi-one)"
    return new_notebook(cells=[new_markdown_cell(text)])


@pytest.fixture
def small(tmp_path: Path) -> Book:
    """A book of two chapters and two pages."""
    return small_book(tmp_path / "book")


def small_book(root: Path) -> Book:
    """Write a book of two chapters and two pages into a folder, with this book's settings."""
    for folder in ("chapters/part", "chapters/appendix"):
        (root / folder).mkdir(parents=True)
    shutil.copy(REPOSITORY / "_config.yml", root)
    (root / "_toc.yml").write_text(CONTENTS)
    (root / "references.bib").write_text(BIBLIOGRAPHY)
    (root / "chapters/appendix/words.md").write_text(WORDS)
    (root / "chapters/appendix/works.md").write_text(WORKS)
    write_notebook(first(), root / "chapters/part/first.ipynb")
    write_notebook(pairs(), root / "chapters/part/pairs.ipynb")
    return Book(root)
