"""Each check passes a chapter in which nothing is wrong and fails one in which something is."""

import base64
from collections.abc import Callable

import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from tools.notebooks.book import tags
from tools.notebooks.checks import CHECKS, problems
from tools.notebooks.checks.length import CELL_LINES, LINES, WORDS, open_words
from tools.notebooks.checks.prose import typed_numbers_in


def cell_with(notebook: NotebookNode, text: str) -> NotebookNode:
    """The first cell whose source has `text` in it."""
    return next(cell for cell in notebook.cells if text in cell.source)


def tagged(notebook: NotebookNode, tag: str) -> NotebookNode:
    """The first cell with a tag."""
    return next(cell for cell in notebook.cells if tag in tags(cell))


def skip_a_count(n):
    cell_with(n, "print(Pair").execution_count = 9


def add_equation(n, code, label="a-sum"):
    n.cells.append(new_markdown_cell(f"$$\ny = a + b\n$$ ({label})"))
    n.cells.append(new_code_cell(code))


def tie_to_nothing(n):
    add_equation(n, "y = 1 + 2  # eq. a-sum\nz = 2 * y  # eq. a-product")


def forget_to_tie(n):
    add_equation(n, "y = 1 + 2  # eq. a-sum")
    add_equation(n, "z = 2 * 3", "a-product")


def tie_to_a_longer_name(n):
    add_equation(n, "y = 1 + 2  # eq. a-sum-of-two", "a-sum-of-two")
    add_equation(n, "z = 2 + 3", "a-sum")


def never_run(n):
    for cell in n.cells:
        if cell.cell_type == "code":
            cell.execution_count = None


def lose_printed_text(n):
    cell_with(n, "print(Pair").outputs = []


def lose_picture(n):
    cell_with(n, "plt.show()").outputs = []


def lose_value(n):
    n.cells.append(new_code_cell("Pair(1, 2).left"))


def end_in_error(n):
    error = new_output("error", ename="KeyError", evalue="'x'", traceback=["KeyError"])
    cell_with(n, "print(Pair").outputs.append(error)


def warn(n):
    output = new_output("stream", name="stderr", text="UserWarning: slow\n")
    cell_with(n, "print(Pair").outputs.append(output)


def drop_alt(n):
    del cell_with(n, "plt.show()").metadata["mystnb"]


def empty_alt(n):
    cell_with(n, "plt.show()").metadata["mystnb"]["image"]["alt"] = " "


def markdown_picture(n):
    n.cells.append(new_markdown_cell("![](x.svg)"))


def html_picture(n):
    n.cells.append(new_markdown_cell('<img src="x.svg">'))


def figure_directive(n):
    n.cells.append(new_markdown_cell(":::{figure} x.svg\nA caption.\n:::"))


def huge_picture(n):
    data = cell_with(n, "plt.show()").outputs[0].data
    data["image/png"] = base64.b64encode(
        base64.b64decode(data["image/png"]) + bytes(100_000)
    ).decode()


def store_times(n):
    cell_with(n, "print(Pair").metadata["execution"] = {"iopub.execute_input": "2030-01-01"}


def store_python_version(n):
    n.metadata["language_info"]["version"] = "3.11.7"


def store_address(n):
    cell_with(n, "print(Pair").outputs[0].text = "<Pair at 0x7f3a00c0ffee>\n"


def repeat_an_id(n):
    n.cells[4].id = n.cells[3].id


def no_title(n):
    n.cells[0].source = "Pairs"


def header_later(n):
    n.cells.insert(1, new_markdown_cell("Before the box."))


def two_setups(n):
    n.cells.append(
        new_code_cell(tagged(n, "setup").source, metadata={"tags": ["setup", "hide-input"]})
    )


def unknown_tag(n):
    cell_with(n, "print(Pair").metadata["tags"] = ["importent"]


def open_solution(n):
    tagged(n, "solution").metadata["tags"] = ["solution"]


def object_without_tag(n):
    tagged(n, "mmbook").metadata["tags"] = []


def other_seconds(n):
    n.metadata["mmbook"]["seconds"] = 31.0


def change_measured_code(n):
    cell_with(n, "print(Pair").source = "print(Pair(1, 2).total() + 0)"


def too_slow(n):
    n.metadata["mmbook"]["seconds"] = 61.0


def never_measured(n):
    del n.metadata["mmbook"]


def edit_setup(n):
    tagged(n, "setup").source += "\n%pip install torch"


def path_in_code(n):
    cell_with(n, "print(Pair").source = 'print(open("/home/me/data/x.txt"))'


def path_in_output(n):
    cell_with(n, "print(Pair").outputs[0].text = "saved to /home/reader/x.png\n"


def path_in_prose(n):
    n.cells[3].source += "\nSee /tmp/run for more."


def semicolon(n):
    cell_with(n, "plt.show()").source = "plt.show();  # quiet"


def drift(n):
    tagged(n, "mmbook").source = tagged(n, "mmbook").source.replace("self.left +", "self.left -")


def unknown_object(n):
    tagged(n, "mmbook").metadata["mmbook"]["object"] = "mmbook.pairs.Triple"


def solution_fails(n):
    tagged(n, "solution").outputs = [
        new_output("execute_result", {"text/plain": "Not yet: 2 is not 4"}, execution_count=1)
    ]


def stub_passes(n):
    tagged(n, "check").outputs[0].data["text/plain"] = "Right."


def no_solution(n):
    n.cells.remove(tagged(n, "solution"))


def solution_not_attempted(n):
    tagged(n, "solution").source = "print('Right.')"


def solution_overwrites(n):
    cell = tagged(n, "solution")
    cell.source = cell.source.replace("double_solution", "double")


def solution_without_title(n):
    cell = tagged(n, "solution")
    cell.source = cell.source.split("\n", 1)[1]


def solution_counts_as_the_readers(n):
    cell = tagged(n, "solution")
    cell.source = cell.source.replace("confirm(", "exercises.attempt(")


def solution_before_the_tally(n):
    solution = tagged(n, "solution")
    n.cells.remove(solution)
    n.cells.insert(n.cells.index(tagged(n, "tally")), solution)


def no_tally(n):
    n.cells.remove(tagged(n, "tally"))


def tally_of_another_run(n):
    tagged(n, "tally").outputs[0].data["text/plain"] = "1 of 1 right."


def exercise_not_counted(n):
    cell = tagged(n, "exercises")
    cell.source = cell.source.replace('"double"', '"triple"')


def check_open_on_the_page(n):
    tagged(n, "check").metadata["tags"].remove("hide-input")


def check_open_in_jupyterlab(n):
    del tagged(n, "check").metadata["jupyter"]


def solution_open_in_jupyterlab(n):
    del tagged(n, "solution").metadata["jupyter"]


def check_of_another_name(n):
    tagged(n, "check").source = tagged(n, "check").source.replace("check_double", "check_it")


def exercise_without_directive(n):
    n.cells.remove(cell_with(n, "{exercise}"))


def exercise_without_name(n):
    del tagged(n, "exercise").metadata["mmbook"]


def double_a_backslash(notebook: NotebookNode) -> None:
    notebook.cells.append(new_markdown_cell("A norm divides by $\\\\sqrt{s}$."))


def leave_a_heading_out(notebook: NotebookNode) -> None:
    notebook.cells.append(new_markdown_cell("| | weights |\n|---|---|\n| GRU | many |"))


def type_a_percentage(n):
    n.cells[3].source += " The picture alone reaches 81.2 %."


def type_points(n):
    n.cells[3].source += " That is 15 points more."


def change_marked_number(n):
    n.cells[3].source = n.cells[3].source.replace("96.1", "96.2")


def mark_nothing(n):
    n.cells[3].source = n.cells[3].source.replace("both senses", "sight")


def open_mark(n):
    n.cells[3].source = n.cells[3].source.replace("<!--/result-->", "")


def write_too_much(n):
    n.cells[3].source += " word" * WORDS


def show_too_much_code(n):
    n.cells.append(new_code_cell("\n".join(["x = 1"] * (LINES + 1))))


def show_one_long_cell(n):
    n.cells.append(new_code_cell("\n".join(["x = 1"] * (CELL_LINES + 1))))


WRONG: list[tuple[str, Callable[[NotebookNode], None]]] = [
    ("execution counts", skip_a_count),
    ("execution counts", never_run),
    ("outputs present", lose_printed_text),
    ("outputs present", lose_picture),
    ("outputs present", lose_value),
    ("no errors", end_in_error),
    ("no stderr", warn),
    ("alternative text", drop_alt),
    ("alternative text", empty_alt),
    ("alternative text", markdown_picture),
    ("alternative text", html_picture),
    ("alternative text", figure_directive),
    ("small pictures", huge_picture),
    ("normal form", store_times),
    ("normal form", store_python_version),
    ("normal form", store_address),
    ("normal form", repeat_an_id),
    ("opening", no_title),
    ("opening", header_later),
    ("opening", two_setups),
    ("tags", unknown_tag),
    ("tags", open_solution),
    ("tags", object_without_tag),
    ("header", other_seconds),
    ("header", change_measured_code),
    ("header", too_slow),
    ("header", never_measured),
    ("setup", edit_setup),
    ("length", write_too_much),
    ("length", show_too_much_code),
    ("length", show_one_long_cell),
    ("no absolute paths", path_in_code),
    ("no absolute paths", path_in_output),
    ("no absolute paths", path_in_prose),
    ("no trailing semicolons", semicolon),
    ("package cells", drift),
    ("package cells", unknown_object),
    ("exercises", solution_fails),
    ("exercises", stub_passes),
    ("exercises", no_solution),
    ("exercises", solution_not_attempted),
    ("exercises", check_of_another_name),
    ("exercises", solution_overwrites),
    ("exercises", solution_without_title),
    ("exercises", solution_counts_as_the_readers),
    ("exercises", solution_before_the_tally),
    ("exercises", no_tally),
    ("exercises", tally_of_another_run),
    ("exercises", exercise_not_counted),
    ("tags", solution_open_in_jupyterlab),
    ("tags", check_open_on_the_page),
    ("tags", check_open_in_jupyterlab),
    ("exercises", exercise_without_directive),
    ("exercises", exercise_without_name),
    ("typed numbers", type_a_percentage),
    ("typed numbers", type_points),
    ("result marks", change_marked_number),
    ("result marks", mark_nothing),
    ("result marks", open_mark),
    ("table headings", leave_a_heading_out),
    ("doubled backslashes", double_a_backslash),
    ("tied equations", tie_to_nothing),
    ("tied equations", forget_to_tie),
    ("tied equations", tie_to_a_longer_name),
]


@pytest.mark.parametrize("name", CHECKS)
def test_passes_what_is_right(name, chapter, book):
    assert CHECKS[name](chapter, book) == []


def test_equations_that_are_tied_or_none_that_is_pass(chapter, book):
    add_equation(chapter, "y = 1 + 2")
    assert CHECKS["tied equations"](chapter, book) == []
    add_equation(chapter, "y = 1 + 2  # eq. a-sum, and eq. a-difference", "a-difference")
    assert CHECKS["tied equations"](chapter, book) == []


@pytest.mark.parametrize(
    ("name", "mutate"), WRONG, ids=lambda value: getattr(value, "__name__", "")
)
def test_fails_what_is_wrong(name, mutate, chapter, book):
    mutate(chapter)
    assert CHECKS[name](chapter, book)


@pytest.mark.parametrize(
    "fold",
    [
        "````{{dropdown}} Going further\n\n```{{note}}\n{}\n```\n````",
        ":::{{admonition}} The formula\n:class: note dropdown\n{}\n:::",
        "```{{solution}} a-label\n:class: dropdown\n{}\n```",
    ],
)
def test_what_is_folded_is_not_long(fold, chapter, book):
    chapter.cells[3].source += "\n\n" + fold.format("word " * WORDS)
    code = "\n".join(["x = 1"] * (LINES + 1))
    chapter.cells.append(new_code_cell(code, metadata={"tags": ["hide-input"]}))
    assert CHECKS["length"](chapter, book) == []


def test_text_behind_a_fold_is_counted(chapter, book):
    fold = "\n\n:::{dropdown} Going further\nfolded\n:::\n\n"
    chapter.cells[3].source += fold + "word " * WORDS
    assert CHECKS["length"](chapter, book)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("```{dropdown} Show\nfour five\n```", 0),
        ("```{solution} a\n:class: dropdown\n\nfour five\n```", 0),
        ("````{exercise} T\n:label: a\n\none two three\n\n```{dropdown} Show\nfour\n```\n````", 3),
        (":::{note}\none\n\n```{admonition} A\n:class: tip dropdown\nfour\n```\ntwo three\n:::", 3),
    ],
)
def test_only_what_is_folded_itself_is_not_counted(text: str, words: int) -> None:
    assert open_words(new_notebook(cells=[new_markdown_cell(text)])) == words


def test_every_check_has_been_seen_to_fail():
    assert {name for name, _ in WRONG} == set(CHECKS)


def test_a_check_leaves_the_notebook_alone(chapter, book):
    before = str(chapter)
    for check in CHECKS.values():
        check(chapter, book)
    assert str(chapter) == before


def test_problems_name_the_file_and_the_check(chapter, book):
    path = book.root / "chapters" / "part" / "chapter.ipynb"
    assert problems(path, book) == []
    path.write_text(path.read_text().replace("3\\n", "/home/me\\n"))
    (problem,) = problems(path, book)
    assert problem.startswith("chapters/part/chapter.ipynb: cell 7: ")
    assert problem.endswith("[no absolute paths]")


@pytest.mark.parametrize(
    "prose",
    [
        "It reaches 99.2 % {cite}`lecun1998` on the test set.",
        "It reaches <!--result a-mini x %-->99.2 %<!--/result--> there.",
        "Take `90 %` of it, or $p = 90\\%$, or\n$$p = 90\\%$$",
        "```python\nprint('90 %')\n```",
        "~~~\n90 %\n~~~",
        "```{code-block} python\nprint('90 %')\n```",
        "It reaches {glue:text}`share` of them.",
        "Take 3 chapters and two points of view.",
    ],
)
def test_numbers_with_a_source_pass(prose):
    assert typed_numbers_in(prose) == []


@pytest.mark.parametrize(
    ("prose", "found"),
    [
        ("It reaches 99.2%.", "99.2%"),
        ("It is 1.5 percentage points better.", "1.5 percentage points"),
        ("Ten percent is 10 percent.", "10 percent"),
        ("It was 97 % there {cite}`a`. Here it is 98 %.", "98 %"),
        ("```{exercise} Share\nWhy is it 50 %?\n```", "50 %"),
        ("| model | share |\n|---|---|\n| both | 96 % |", "96 %"),
        ("Between $x$ and 40 % and $y$.", "40 %"),
    ],
)
def test_numbers_without_a_source_fail(prose, found):
    assert typed_numbers_in(prose) == [found]
