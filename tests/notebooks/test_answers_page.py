"""The page of questions and answers: many questions, each answered and shown in a chapter."""

import re
from dataclasses import dataclass

import pytest

from tools.editions.plain.contents import read_contents
from tools.editions.plain.myst import myst_parser
from tools.editions.plain.targets import find_targets
from tools.notebooks.book import REPOSITORY

NAME = "chapters/appendix/questions-and-answers"
LINK = re.compile(r"\]\((?P<address>[^)\s]+)\)")
COMMENT = re.compile(r"<!--.*?-->", re.S)
ROLE = re.compile(r"\{[a-z:]+\}`([^`<]+?)(?: <[^`>]+>)?`")


@dataclass(frozen=True)
class Answer:
    """A heading of the page and the text below it."""

    question: str
    text: str

    @property
    def words(self) -> int:
        """Words of the answer, without the sentence that says where it is shown."""
        answer = ROLE.sub(r"\1", COMMENT.sub("", self.text.partition("\nShown ")[0]))
        return len(answer.split())

    @property
    def links(self) -> list[str]:
        """Where the answer's links lead."""
        return [found["address"] for found in LINK.finditer(self.text)]


def read_answers() -> list[Answer]:
    """Every question of the page."""
    text = (REPOSITORY / f"{NAME}.md").read_text(encoding="utf-8")
    found = []
    for part in re.split(r"^## .*\n", text, flags=re.M):
        for block in re.split(r"^### ", part, flags=re.M)[1:]:
            question, _, answer = block.partition("\n")
            found.append(Answer(question.strip(), answer.strip()))
    return found


ANSWERS = read_answers()
PAGES = read_contents(REPOSITORY)
(PAGE,) = (page for page in PAGES if page.name == NAME)
TARGETS = find_targets(PAGES, myst_parser(REPOSITORY))


def test_there_are_many_questions_and_no_two_are_alike():
    assert len(ANSWERS) >= 28
    same = {re.sub(r"\W+", " ", answer.question.lower()).strip() for answer in ANSWERS}
    assert len(same) == len(ANSWERS)
    assert len({answer.text for answer in ANSWERS}) == len(ANSWERS)


@pytest.mark.parametrize("answer", ANSWERS, ids=lambda answer: answer.question[:40])
class TestAnswer:
    """What holds of each."""

    def test_it_answers_a_question_in_one_paragraph(self, answer: Answer):
        assert answer.question.endswith("?")
        assert 40 <= answer.words <= 150
        assert "\n\n" not in answer.text

    def test_it_leads_to_a_section_of_a_chapter(self, answer: Answer):
        assert "\nShown " in answer.text
        assert answer.links
        for address in answer.links:
            target = TARGETS.place(address, PAGE)
            assert target.anchor, f"{address} leads to a page and not to a section"
            assert target.page.number is not None, f"{address} is in no chapter"
