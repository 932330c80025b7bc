"""The repository's address: what is one, where it is written, and that it can be taken back."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.address import checked, fill_address, fill_notebook, set_address, stored_address

URL = "https://github.com/some-body/multi.modal_2"
PAGE = """# A page

<!--if repository
```bash
git clone https://github.com/NAME/REPO
```
end-->

Between, [a tool](https://github.com/other/tool).

<!--if no repository-->
Ask for a copy.
<!--end-->
"""


@pytest.mark.parametrize("written", [URL, f"{URL}/", f"{URL}.git", f" {URL} "])
def test_an_address_is_stored_in_one_form(written):
    assert checked(written) == URL


@pytest.mark.parametrize("none", ["", " "])
def test_no_address_is_one_too(none):
    assert checked(none) == ""


@pytest.mark.parametrize(
    "wrong",
    [
        "mmbook",
        "somebody/mmbook",
        "github.com/somebody/mmbook",
        "http://github.com/somebody/mmbook",
        "https://github.com/somebody",
        "https://github.com/somebody/mmbook/tree/main",
        "https://github.com/somebody/..",
        "https://github.com/some body/mmbook",
        "https://github.com/somebody/mmbook?x=1",
        "https://github.com/somebody/mmbook\nevil: true",
        "https://github.com/-body/mmbook",
        "https://github.com/NAME/REPO",
        "https://github.com.example.org/somebody/mmbook",
        "git@github.com:somebody/mmbook.git",
        "https://gitlab.com/somebody/mmbook",
    ],
)
def test_what_is_no_address_is_refused(wrong):
    with pytest.raises(ValueError, match=r"must look like https://github\.com/NAME/REPO"):
        checked(wrong)


NAMES = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9-]{0,9}", fullmatch=True)
REPOSITORIES = st.from_regex(r"[A-Za-z0-9_.-]{0,9}[A-Za-z0-9_-]", fullmatch=True)


@given(NAMES, REPOSITORIES.filter(lambda name: not name.endswith(".git")), st.booleans())
def test_a_page_shows_what_fits_and_goes_back(owner, name, twice):
    url = f"https://github.com/{owner}/{name}"
    shown = fill_address(fill_address(PAGE, URL) if twice else PAGE, checked(url))
    assert f"<!--if repository-->\n```bash\ngit clone {url}\n```\n<!--end-->" in shown
    assert "<!--if no repository\nAsk for a copy.\nend-->" in shown
    assert "[a tool](https://github.com/other/tool)" in shown
    assert fill_address(shown, url) == shown
    assert fill_address(shown, "") == PAGE == fill_address(PAGE, "")


@pytest.mark.parametrize(
    "text",
    [
        "<!--if repository-->\nno end\n",
        "<!--if repository-->\nOne.\n<!--if no repository-->\nTwo.\n<!--end-->\n",
        "<!--if repository-->\n<!--result x y %-->1<!--/result-->\n<!--end-->\n",
    ],
)
def test_parts_that_do_not_fit_together_are_refused(text):
    with pytest.raises(ValueError, match="<!--if repository-->"):
        fill_address(text, URL)


def test_a_notebook_changes_in_its_setup_cell_only(chapter, book):
    path = book.root / "chapters" / "part" / "chapter.ipynb"
    text = path.read_text()
    without = fill_notebook(text, "")
    before, after = (json.loads(it)["cells"] for it in (text, without))
    changed = [n for n, (a, b) in enumerate(zip(before, after, strict=True)) if a != b]
    assert changed == [2] and before[2]["source"] != after[2]["source"]
    assert {**before[2], "source": []} == {**after[2], "source": []}
    assert fill_notebook(without, book.repository) == text


def test_a_setup_cell_without_an_address_says_what_to_do(chapter, book, tmp_path, monkeypatch):
    text = (book.root / "chapters" / "part" / "chapter.ipynb").read_text()
    source = "".join(json.loads(fill_notebook(text, ""))["cells"][2]["source"])
    monkeypatch.chdir(tmp_path)
    with pytest.raises(Exception, match=r"knows no repository; put a wheel of the book"):
        exec(source.replace('find_spec("mmbook")', 'find_spec("no_such_package")'), {})
    exec(source, {})


def test_everything_is_written_or_nothing(chapter, book):
    citation, page = book.root / "CITATION.cff", book.root / "README.md"
    citation.write_text("cff-version: 1.2.0\n")
    page.write_text(PAGE)
    assert set_address(book.root, "")
    states = {it: it.read_text() for it in book.root.rglob("*.*") if it.is_file()}
    assert set(set_address(book.root, URL)) == {
        *(citation, page, book.root / "_config.yml"),
        book.root / "chapters" / "part" / "chapter.ipynb",
    }
    assert citation.read_text() == f"cff-version: 1.2.0\nrepository-code: {URL}\n"
    assert stored_address(book.root) == URL
    assert set_address(book.root, URL) == []
    set_address(book.root, "")
    assert {it: it.read_text() for it in states} == states
    page.write_text("<!--if repository-->\nno end\n")
    with pytest.raises(ValueError, match=r"README\.md: .* no line <!--end-->"):
        set_address(book.root, URL)
    assert stored_address(book.root) == ""
    assert citation.read_text() == "cff-version: 1.2.0\n"


def test_settings_must_have_a_place_for_it(book):
    (book.root / "_config.yml").write_text("title: x\n")
    with pytest.raises(ValueError, match=r"_config\.yml has no repository\.url"):
        set_address(book.root, URL)
