import copy
import re

import pytest

from mmbook.datasets.catalogue import CATALOGUE, find, real_sets
from mmbook.datasets.entries import RealSet
from tools.data.datasets_page import PAGE, describe, fill
from tools.notebooks.book import code_cells, markdown_cells, read_notebook


def test_the_page_says_what_the_catalogue_says():
    notebook = read_notebook(PAGE)
    filled = copy.deepcopy(notebook)
    fill(filled)
    assert [c.source for c in notebook.cells] == [c.source for c in filled.cells], (
        "run python -m tools.data.datasets_page"
    )


def test_every_set_is_listed_once():
    names = [entry.name for entry in CATALOGUE]
    assert len(set(names)) == len(names)


def test_every_citation_is_in_the_references(repository):
    keys = set(re.findall(r"^@\w+\{([^,]+),", (repository / "references.bib").read_text(), re.M))
    for entry in CATALOGUE:
        cited = re.findall(r"\{cite:.\}`([^`]+)`", describe(entry))
        assert set(",".join(cited).split(",")) - {""} <= keys, entry.name


def test_a_way_to_each_real_set_is_named():
    for entry in real_sets():
        assert entry.sources or entry.by_hand, entry.name
        assert entry.way in ("", entry.by_hand) or entry.name in entry.way


def test_cells_of_another_order_are_refused():
    notebook = read_notebook(PAGE)
    notebook.cells = [
        cell
        for _, cell in markdown_cells(notebook)
        if cell.metadata.get("mmbook", {}).get("dataset") != "mnist"
    ]
    with pytest.raises(ValueError, match="the page has cells for"):
        fill(notebook)


def test_nothing_of_a_real_set_is_stored_in_the_page():
    names = {entry.name for entry in real_sets()}
    shown = 0
    for _, cell in code_cells(read_notebook(PAGE)):
        match = re.search(r'^show\(\s*"([^"]+)"', cell.source, re.M)
        if match is None or match[1] not in names:
            continue
        shown += 1
        assert [output.output_type for output in cell.outputs] == ["stream"], match[1]
        assert "is not on this machine" in cell.outputs[0].text
        entry = find(match[1])
        assert isinstance(entry, RealSet)
        assert entry.title in cell.outputs[0].text
        assert entry.way in cell.outputs[0].text, "run the chapter again"
    assert shown == len(names)
