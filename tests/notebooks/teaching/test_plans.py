"""A lecturer's tables are made from the chapters, and a plan that cannot work is refused."""

import pytest

from tools.notebooks.book import Book
from tools.notebooks.sync import sync_book
from tools.teaching.graph import PICTURE
from tools.teaching.plans import fill_plans

PLAN = "<!--plan week {count}:\npart/chapter;\nother/later\n-->\nold\n<!--/plan-->\n"


def filled(book: Book, text: str) -> str:
    page = book.root / "chapters" / "appendix" / "teaching.md"
    return fill_plans(text, book, page).replace("\u00a0", " ")


def test_a_plan_has_a_row_a_week_and_sums(two):
    made = filled(two, f"Before.\n\n{PLAN.format(count='all')}\nAfter.\n")
    assert made.startswith(
        "Before.\n\n<!--plan week all:\npart/chapter;\nother/later\n-->\n\n| week"
    )
    assert "| 1 | [Chapter](../part/chapter) | 5 min | Doubling | 15 min |\n" in made
    assert "| 2 | [Later](../other/later) | 5 min | Doubling | 15 min |\n" in made
    assert "| all | | 10 min | | 30 min |\n\n<!--/plan-->\n\nAfter.\n" in made
    assert filled(two, made) == made


def test_a_plan_asks_for_as_many_exercises_as_it_says(two):
    assert "Doubling" in filled(two, PLAN.format(count=1))
    assert "Doubling" not in filled(two, PLAN.format(count=0))


def test_the_workload_lists_every_chapter(two):
    made = filled(two, "<!--workload-->\n<!--/workload-->")
    assert "| [Chapter](../part/chapter) | none | 1 min | 1 min | 1 | 15 min | 1 s |\n" in made
    assert "| [Later](../other/later) | [Chapter](../part/chapter) | 3 min | 4 min |" in made
    assert "| all 2 |" in made
    assert "so each can be left out: [Later](../other/later)." in made
    assert filled(two, made) == made


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("<!--plan week all: other/later; part/chapter-->\n<!--/plan-->", "later before part/chap"),
        ("<!--plan week all: part/none-->\n<!--/plan-->", "names 'part/none'; the chapters are"),
        ("<!--plan week some: part/chapter-->\n<!--/plan-->", "a table is malformed"),
        ("<!--workload-->\n", "a table is malformed"),
    ],
)
def test_a_plan_that_cannot_work_is_refused(two, text, said):
    with pytest.raises(ValueError, match=said):
        filled(two, text)


def test_sync_fills_the_page_and_draws_the_picture(two):
    page = two.root / "chapters" / "appendix" / "teaching.md"
    page.parent.mkdir()
    page.write_text(PLAN.format(count="all"))
    picture = two.root / PICTURE
    picture.parent.mkdir()
    picture.write_text("old")
    assert {page, picture} <= set(sync_book(two, check=True))
    assert picture.read_text() == "old"
    sync_book(two)
    assert picture.read_text().startswith("<svg") and "| week |" in page.read_text()
    assert sync_book(two, check=True) == []


def test_the_plans_of_the_book_are_up_to_date(repository):
    page = repository / "chapters" / "appendix" / "teaching.md"
    text = page.read_text(encoding="utf-8")
    assert fill_plans(text, Book(), page) == text, "run make sync"
    assert text.count("<!--plan ") == 2
