"""Every check of the book against answers that students write, right and wrong.

`answers/PART/CHAPTER.toml` holds, for each exercise, code by a name that says what is the matter:
under `wrong` what must not pass and under `right` what must. Under `weak` is what is wrong and
passes because its check does not notice; where the check learns to, move it to `wrong`.
"""

import tomllib
from pathlib import Path

import pytest

from tools.editions.chapter import Exercise, exercises, judged
from tools.editions.grading.__main__ import ask
from tools.editions.grading.host import Limits, Request
from tools.notebooks.book import REPOSITORY, Book, read_notebook

ANSWERS = Path(__file__).parent / "answers"
CHAPTERS = {
    path.relative_to(REPOSITORY / "chapters").with_suffix("").as_posix(): path
    for path in Book(REPOSITORY).chapters()
    if exercises(read_notebook(path))
}


def written(name: str) -> dict[str, dict[str, dict[str, str]]]:
    """The answers of a chapter: code by exercise, kind and what is the matter."""
    with (ANSWERS / f"{name}.toml").open("rb") as file:
        return tomllib.load(file)


def own(exercise: Exercise) -> dict[tuple[str, str], str]:
    """The book's stub, which is wrong, and its solution under the names that are asked for."""
    solutions = judged(exercise.solution.source, exercise.name)
    named = (f"{a} = {b}" for a, b in zip(exercise.answers, solutions, strict=True))
    return {
        ("wrong", "the stub"): exercise.stub.source,
        ("right", "the solution"): "\n".join([exercise.solution.source, *named]),
    }


@pytest.mark.parametrize("name", CHAPTERS)
def test_two_wrong_answers_of_each_exercise_are_written_down(name: str) -> None:
    answers, asked = written(name), [one.name for one in exercises(read_notebook(CHAPTERS[name]))]
    assert sorted(answers) == sorted(asked)
    few = [one for one in asked if len(answers[one].get("wrong", {})) < 2]
    assert not few, f"write at least two wrong answers to {few}"


@pytest.mark.parametrize("name", CHAPTERS)
def test_right_answers_pass_and_wrong_ones_do_not(name: str) -> None:
    cases = {
        (one.name, kind, what): code
        for one in exercises(read_notebook(CHAPTERS[name]))
        for kind, what, code in [
            *((*key, code) for key, code in own(one).items()),
            *(
                (kind, what, code)
                for kind, found in written(name)[one.name].items()
                for what, code in found.items()
            ),
        ]
    }
    request = {": ".join(key): ([code], [key[0]]) for key, code in cases.items()}
    verdicts = dict(ask(Request(str(CHAPTERS[name]), request, Limits(seconds=60))))
    mistaken = {
        case: repr(verdicts[case])
        for case, key in zip(request, cases, strict=True)
        if verdicts[case].right != (key[1] == "right")
    }
    assert not mistaken
    crashed = {case: one.reason for case, one in verdicts.items() if "NameError" in one.reason}
    assert not crashed, "an answer must be wrong for its own reason"
