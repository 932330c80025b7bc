"""The stored form of a notebook has nothing in it that changes by itself."""

import base64
import copy
from io import BytesIO

import matplotlib.pyplot as plt
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

from tools.notebooks.normalise import normalise, without_addresses, without_png_text


def figure() -> bytes:
    """A picture with matplotlib's name and version in it."""
    file = BytesIO()
    plt.figure(figsize=(1, 1))
    plt.savefig(file, format="png")
    plt.close()
    return file.getvalue()


def test_twice_is_once(chapter):
    once = copy.deepcopy(chapter)
    normalise(once)
    assert once == chapter


def test_png_loses_its_comments_and_keeps_its_pixels():
    before = figure()
    after = without_png_text(before)
    assert b"Software" in before and b"Software" not in after
    assert (plt.imread(BytesIO(before)) == plt.imread(BytesIO(after))).all()
    with pytest.raises(ValueError, match="PNG signature"):
        without_png_text(b"GIF89a")


def test_outputs_lose_what_is_volatile():
    widget = {"application/vnd.jupyter.widget-view+json": {"model_id": "1"}, "text/plain": "bar"}
    cell = new_code_cell(
        "x",
        metadata={"execution": {"iopub.status.busy": "now"}, "tags": ["measured"]},
        outputs=[
            new_output("stream", name="stdout", text="a\n"),
            new_output("stream", name="stdout", text="<X at 0x7f3a00c0ffee>\n"),
            new_output("stream", name="stderr", text="b\n"),
            new_output("display_data", data=widget),
            new_output("display_data", data={"image/png": base64.b64encode(figure()).decode()}),
        ],
    )
    notebook = new_notebook(cells=[cell], metadata={"widgets": {"state": {}}})
    normalise(notebook)
    out, err, bar, shown = cell.outputs
    assert (out.text, err.text) == ("a\n<X at 0x...>\n", "b\n")
    assert list(bar.data) == ["text/plain"]
    assert b"Software" not in base64.b64decode(shown.data["image/png"])
    assert cell.metadata == {"tags": ["measured"]}
    assert set(notebook.metadata) == {"kernelspec", "language_info"}


def test_ids_stay_and_missing_ones_are_always_the_same():
    cells = [new_code_cell("x", id="mine"), new_code_cell("y", id="mine"), new_code_cell("z")]
    cells[2].pop("id")
    first, second = new_notebook(), new_notebook()
    first.cells, second.cells = cells, copy.deepcopy(cells)
    normalise(first)
    normalise(second)
    ids = [cell.id for cell in first.cells]
    assert ids[0] == "mine" and len(set(ids)) == 3
    assert ids == [cell.id for cell in second.cells]


def test_colours_are_not_addresses():
    assert without_addresses("0xff and #c0ffee00") == "0xff and #c0ffee00"
