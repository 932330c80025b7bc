"""Each piece of MyST in its plain form, and what has none is refused with its place."""

import json

import pytest
from nbformat.v4 import new_markdown_cell, new_notebook

from tools.editions.student import student_edition
from tools.notebooks.book import write_notebook


def texts(edition: dict[str, bytes], name: str) -> str:
    """The Markdown of a notebook of the edition, its cells one after the other."""
    cells = json.loads(edition[name])["cells"]
    return "\n\n".join("".join(c["source"]) for c in cells if c["cell_type"] == "markdown")


@pytest.fixture
def edition(small):
    return student_edition(small)


def test_the_header_box_is_a_quotation_with_a_bold_title(edition):
    assert (
        "> **This chapter**\n>\n> **You will be able to**\n> - add two numbers.\n>\n"
        "> **You need** a pencil; [A first chapter](first.ipynb) explains it.\n>\n"
        "> **Measured.** Run time 1 s, peak memory 90 MB on two CPU cores.\n"
    ) in texts(edition, "part/pairs.ipynb")


def test_links_lead_to_notebooks_of_the_edition_and_say_titles(edition):
    text = texts(edition, "part/pairs.ipynb")
    assert "says [A first chapter](first.ipynb)\n([why](../appendix/words.ipynb#usage))." in text
    assert "A [pair](../appendix/words.ipynb#term-pair) of [numbers](../appendix" in text
    assert "[the exercise](#double)" in text


def test_a_section_without_a_label_gets_an_anchor_where_a_page_leads_to_it(small):
    path = small.root / "chapters/part/first.ipynb"
    text = "# A\n\n$$\n1\n$$ (fi-one)\n\n## More than `one`: 1!\n\nB.\n\n## Nobody"
    write_notebook(new_notebook(cells=[new_markdown_cell(text)]), path)
    with (small.root / "chapters/appendix/works.md").open("a") as file:
        file.write("\nSee [](../part/first.ipynb#more-than-one-1).\n")
    edition = student_edition(small)
    heading = '<a id="more-than-one-1" name="more-than-one-1"></a>\n\n## More than `one`: 1!\n'
    assert f"\n\n{heading}" in texts(edition, "part/first.ipynb")
    assert texts(edition, "part/first.ipynb").endswith("B.\n\n## Nobody")
    assert "See [More than `one`: 1!](../part/first.ipynb#more-than-one-1)." in texts(
        edition, "appendix/works.ipynb"
    )


def test_citations_name_author_and_year_and_lead_to_a_list(edition):
    text = texts(edition, "part/pairs.ipynb")
    assert "([One, 2001](#ref-one2001first); [Thrée et al., 2003](#ref-three2003third));" in text
    assert "[One (2001)](#ref-one2001first) began." in text
    _, listed = text.split("## References\n")
    assert '\n- <a id="ref-one2001first" name="ref-one2001first"></a>Ann One. First.' in listed
    assert "(https://doi.org/10.1000/1)" in listed
    assert "(https://arxiv.org/abs/2003.00001)" in listed
    assert "two2002" not in texts(edition, "appendix/works.ipynb")
    assert "one2001" in texts(edition, "appendix/works.ipynb")


def test_equations_have_the_numbers_of_the_site(edition):
    text = texts(edition, "part/pairs.ipynb")
    assert '<a id="eq-pa-double" name="eq-pa-double"></a>\n\n$$\nx = 2 y\n\\tag{2.1}\n$$' in text
    assert "> See [(2.1)](#eq-pa-double), [(1.1)](first.ipynb#eq-fi-one)" in text
    assert "\n> $$ y = 1 $$" in text


def test_exercises_have_numbers_and_answers_are_folded(edition):
    text = texts(edition, "part/pairs.ipynb")
    assert '<a id="double" name="double"></a>**Exercise 2.1: Doubling.**\n\nWrite' in text
    assert "**Exercise 2.2: Why?**\n\nSay why." in text
    folded = "<details>\n<summary>{}</summary>\n\n{}\n\n</details>"
    assert folded.format("Show an answer", "Because of [(2.1)](#eq-pa-double).") in text
    assert folded.format("Solution to Exercise 2.2", "Since $1 + 1 = 2$.") in text


def test_marks_are_gone_and_what_they_marked_stays(edition):
    assert "Both reach 96.1 %, says" in texts(edition, "part/pairs.ipynb")
    words = texts(edition, "appendix/words.ipynb")
    assert "<!--" not in words and "Nobody sees this" not in words
    assert "Say `{term}` in [words](#words)." in words


def test_a_glossary_is_sorted_and_every_entry_can_be_linked_to(edition):
    words = texts(edition, "appendix/words.ipynb")
    number, pair = words.index('<a id="term-number"'), words.index('<a id="term-pair"')
    assert number < pair
    assert "**pair** · 一对  \nTwo [numbers](#term-number)." in words


def test_what_is_no_notebook_becomes_one_with_a_cell_for_each_section(edition):
    cells = json.loads(edition["appendix/words.ipynb"])["cells"]
    first = ["".join(cell["source"]).split("\n")[0] for cell in cells]
    assert first == ['<a id="words" name="words"></a>', '<a id="usage" name="usage"></a>']


def test_pictures_come_with_the_edition(small):
    path, picture = small.root / "chapters/part/first.ipynb", small.root / "assets/dot.svg"
    picture.parent.mkdir()
    picture.write_text("<svg/>")
    (small.root / "chapters/part/b.svg").write_text("<svg></svg>")
    text = """# A\n\n$$\n1\n$$ (fi-one)

```{image} ../../assets/dot.svg
:alt: A dot.
```

A ![B.](b.svg) and ![C.](https://example.org/c.png)."""
    write_notebook(new_notebook(cells=[new_markdown_cell(text)]), path)
    edition = student_edition(small)
    assert "\n\n![A dot.](../assets/dot.svg)\n\nA ![B.](b.svg) and" in texts(
        edition, "part/first.ipynb"
    )
    assert "![C.](https://example.org/c.png)" in texts(edition, "part/first.ipynb")
    assert edition["assets/dot.svg"] == b"<svg/>"
    assert edition["part/b.svg"] == b"<svg></svg>"


def test_of_a_network_to_play_with_the_picture_and_the_words_stay(small):
    path, picture = small.root / "chapters/part/first.ipynb", small.root / "assets/live/a.svg"
    picture.parent.mkdir(parents=True)
    picture.write_text("<svg/>")
    text = """# A\n\n$$\n1\n$$ (fi-one)

<div class="live" data-model="a" data-input="b">

![Bars.](../../assets/live/a.svg)

On the site you can move it.

</div>

Why?"""
    write_notebook(new_notebook(cells=[new_markdown_cell(text)]), path)
    edition = student_edition(small)
    assert "$$\n\n![Bars.](../assets/live/a.svg)\n\nOn the site you can move it.\n\nWhy?" in texts(
        edition, "part/first.ipynb"
    )
    assert edition["assets/live/a.svg"] == b"<svg/>"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("One.\n\n:::{figure} x.png\n:::", "line 3: the directive {figure} has no plain form"),
        ("A {numref}`x`.", "line 1: the role {numref} has no plain form"),
        ("A [section](pairs.ipynb#none).", "line 1: chapters/part/pairs has no section 'none'"),
        ("One.\nA {doc}`nowhere`.", "line 1: no page 'nowhere' is in _toc.yml"),
        ("\n\nA {eq}`none`.", "line 3: nothing in the book is called 'none'"),
        ("A {term}`none`.", "line 1: nothing in the book is called 'none'"),
        ("A {cite:p}`none1999`.", "line 1: references.bib has no work 'none1999'"),
        (":::{note}\nOne.\n\nA {doc}`nowhere`.\n:::", "line 4: no page 'nowhere'"),
        ("![a picture](a.png)", r"line 1: there is no picture chapters/part/a\.png"),
        ("```{solution} none\n```", "line 1: a solution of 'none', which is no exercise"),
        ("> $$\n> x\n> $$", "line 1: a directive or formula in a quotation has no plain form"),
        ("% a comment", "line 1: myst_line_comment has no plain form"),
        ("> A {doc}`long\n> name <first>`.", "line 1: .* stands over two lines; write it on one"),
    ],
)
def test_what_has_no_plain_form_is_refused_with_its_place(small, text, problem):
    path = small.root / "chapters/part/first.ipynb"
    equation = "# A\n\n$$\n1\n$$ (fi-one)"
    cells = [new_markdown_cell(equation), new_markdown_cell(text)]
    write_notebook(new_notebook(cells=cells), path)
    with pytest.raises(ValueError, match=rf"first\.ipynb, cell 2, {problem}"):
        student_edition(small)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("# A\n\n$$\n1\n$$ (pa-double)", r"'pa-double' is also in .*first\.ipynb"),
        ("No title.", r"first\.ipynb: the page has no title"),
        ("# A\n\n```{exercise} B\n```", r"first\.ipynb: Exercise 1\.1 has no label"),
    ],
)
def test_what_cannot_be_linked_to_is_refused(small, text, problem):
    path = small.root / "chapters/part/first.ipynb"
    write_notebook(new_notebook(cells=[new_markdown_cell(text)]), path)
    with pytest.raises(ValueError, match=problem):
        student_edition(small)


def test_a_page_without_a_file_is_named(small):
    (small.root / "chapters/appendix/words.md").unlink()
    with pytest.raises(ValueError, match=r"_toc\.yml names chapters/appendix/words, of which"):
        student_edition(small)
