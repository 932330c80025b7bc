"""Launch buttons and links to the repository: right where it has an address, else none at all."""

import re
import shutil
from pathlib import Path

import nbformat
import pytest
import yaml
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from tools.address import set_address, stored_address
from tools.editions.plain.contents import read_contents
from tools.site.build import REPOSITORY, build, page_names
from tools.site.site_buttons import BRANCH

URL = "https://github.com/somebody/multimodal"
LINK = re.compile(r'href="(https?://[^"]*)"')
BUTTON = re.compile(r"//(?:colab\.|mybinder\.|github\.com/[^/]+/[^/]+/(?:edit|issues/new))")
COMMENT, TAG = re.compile(r"<!--.*?-->", re.S), re.compile(r"<[^>]*>")


def book_with(folder: Path, address: str) -> Path:
    """A book with this book's settings, its setup page and one notebook, at this address."""
    for name in ("_config.yml", "references.bib", "chapters/appendix/setup.md"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(REPOSITORY / name, folder / name)
    for name in ("assets", "tools/site"):
        shutil.copytree(REPOSITORY / name, folder / name)
    pages = [f"  - file: chapters/{name}\n" for name in ("page", "appendix/setup")]
    (folder / "_toc.yml").write_text("format: jb-book\nroot: intro\nchapters:\n" + "".join(pages))
    (folder / "intro.md").write_text("# A book\n")
    cells = [
        new_markdown_cell("# A chapter"),
        new_code_cell("", metadata={"tags": ["setup"]}, execution_count=1),
    ]
    notebook = new_notebook(cells=cells)
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
    notebook.metadata["language_info"] = {"name": "python", "pygments_lexer": "ipython3"}
    nbformat.write(notebook, folder / "chapters" / "page.ipynb")
    set_address(folder, address)
    build(folder)
    return folder / "_build" / "html"


def markup(page: Path) -> str:
    """A page without its comments."""
    return COMMENT.sub("", page.read_text(encoding="utf-8"))


def words(page: Path) -> str:
    """What a reader sees of a page."""
    return TAG.sub("", markup(page))


def buttons(page: Path) -> list[str]:
    """The links that lead to a repository, or open a notebook that lies in one."""
    return [link for link in LINK.findall(markup(page)) if BUTTON.search(link)]


def test_with_an_address_every_button_leads_there(tmp_path):
    site = book_with(tmp_path, URL)
    chapter, setup = site / "chapters/page.html", site / "chapters/appendix/setup.html"
    assert "page.ipynb" in {page.file for page in read_contents(tmp_path)}
    colab = "https://colab.research.google.com/github/somebody/multimodal/blob/notebooks"
    for link in (f"{colab}/page.ipynb", f"{URL}/edit/main/chapters/page.ipynb"):
        assert link in buttons(chapter)
    assert sum("colab" in link for link in buttons(chapter)) == 1
    assert f'href="{URL}"' in markup(chapter)
    assert any(link.startswith(f"{URL}/issues/new") for link in buttons(chapter))
    assert f"git+{URL}" in words(chapter)
    assert f"git clone {URL} mmbook" in words(setup)
    assert "have no launch buttons" not in words(setup)


def test_without_one_no_page_has_a_button_or_a_link_that_must_fail(tmp_path):
    site = book_with(tmp_path, "")
    for page in site.rglob("*.html"):
        assert buttons(page) == [], page
        assert "launch-button" not in markup(page), page
        assert "source-repository-button" not in markup(page), page
    assert "git+" not in words(site / "chapters/page.html")
    assert "have no launch buttons" in words(site / "chapters/appendix/setup.html")
    assert "git clone" not in words(site / "chapters/appendix/setup.html")


def test_the_site_shows_the_state_it_is_in(site):
    address = stored_address(REPOSITORY)
    for name in page_names():
        found = buttons(site / name)
        is_notebook = (REPOSITORY / name).with_suffix(".ipynb").exists()
        assert bool(found) == bool(address), name
        assert any("colab" in link for link in found) == (bool(address) and is_notebook), name


def test_the_branch_that_is_published_is_the_one_that_the_button_opens(repository):
    workflow = yaml.safe_load((repository / ".github/workflows/pages.yml").read_text())
    (step,) = [it for it in workflow["jobs"]["notebooks"]["steps"] if "git push" in str(it)]
    assert step["env"]["BRANCH"] == BRANCH
    assert {"run": "make student"} in workflow["jobs"]["build"]["steps"]


@pytest.mark.parametrize("flaw", [f"{URL}/edit/main/x.md", "https://mybinder.org/v2/gh/a/b/main"])
def test_the_check_knows_a_button_when_it_sees_one(flaw, tmp_path):
    page = tmp_path / "page.html"
    page.write_text(f'<a href="{flaw}">x</a><!-- <a href="{URL}/edit/"> --><a href="{URL}">y</a>')
    assert buttons(page) == [flaw]
