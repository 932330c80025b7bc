"""An answer is judged in one line that names what is missing, and where."""

import functools
import sys

import pytest
import torch

from mmbook.exercises import Exercises, Verdict, confirm, judge
from mmbook.layers.attention import attention


def double(number):
    return 2 * number


def wrong(number):
    if number > 100:
        return 0
    return number + 1  # the wrong rule


def careless(number):
    total = number
    return total + "1"


def untouched(number):
    raise NotImplementedError


def raises_in_the_library(number):
    return int("x" * number)


def calls_the_package_wrongly(number):
    values = torch.ones(2, 3)
    return attention(values, values, values, mask=torch.ones(2, 2))


def leaves_an_argument_out(number):
    values = torch.ones(2, 3)
    return attention(values, values)


def hands_over_nonsense(number):
    return torch.ones(number, 7)


def softmax_of_integers(number):
    return torch.arange(number).softmax(0)


def ends_the_program(number):
    sys.exit()


def wrapped_in_itself(number):
    return number


wrapped_in_itself.__wrapped__ = wrapped_in_itself


class Settings(dict):
    __getattr__ = dict.__getitem__


class WithoutForward(torch.nn.Module):
    pass


def takes_too_little():
    return 4


@functools.cache
def decorated(number):
    return number + 1


class Doubler:
    def __init__(self, factor):
        self.factor = factor

    def __call__(self, number):
        return self.factor + number


class NoDoubler:
    def __init__(self):
        self.factor = 2


class UntouchedDoubler(Doubler):
    def __call__(self, number):
        raise NotImplementedError


def check_double(double):
    assert double(2) == 4, "twice 2 is 4\nand not something else"
    assert double(5) == 10, "twice 5 is 10"


def check_class(doubler):
    assert doubler(2)(5) == 10, "twice 5 is 10"


def check_by_the_package(answer):
    values = torch.ones(2, 3)
    attention(answer(2), values, values)


def check_module(module):
    module()(torch.ones(2))


def check_settings(settings):
    assert settings["width"] == 3, "a width of 3"


def check_silent(answer):
    if not answer:
        raise AssertionError


@pytest.mark.parametrize(
    ("check", "answer", "said"),
    [
        (check_double, double, "Right."),
        (check_double, untouched, "Not yet: nothing here yet"),
        (check_class, UntouchedDoubler, "Not yet: nothing here yet"),
        (check_silent, [], "Not yet: one of the checks does not hold"),
        (check_silent, [1], "Right."),
    ],
)
def test_says_one_line(check, answer, said):
    assert repr(judge(check, answer)) == said


def test_a_solution_is_right_without_a_word(capsys):
    assert confirm(check_double, double) is None
    assert capsys.readouterr() == ("", "")
    with pytest.raises(AssertionError, match=r"^Not yet: twice 2 is 4 \(line "):
        confirm(check_double, wrong)


def test_a_part_that_the_library_misses_is_no_untouched_exercise():
    verdict = judge(check_module, WithoutForward)
    assert verdict.status == "wrong" and 'missing the required "forward"' in verdict.reason


def test_answers_that_cannot_be_looked_into_are_judged():
    assert judge(check_double, wrapped_in_itself).reason == "twice 2 is 4"
    assert judge(check_settings, Settings(width=2)).reason == "a width of 3"


@pytest.mark.parametrize(
    ("check", "answer", "reason", "text"),
    [
        (check_double, wrong, "twice 2 is 4", "return number + 1  # the wrong rule"),
        (check_double, careless, "TypeError: unsupported operand", 'return total + "1"'),
        (check_double, raises_in_the_library, "ValueError: invalid", 'return int("x" * number)'),
        (check_class, Doubler, "twice 5 is 10", "return self.factor + number"),
        (
            check_double,
            calls_the_package_wrongly,
            "ValueError: mask must be boolean",
            "return attention(values, values, values, mask=torch.ones(2, 2))",
        ),
        (
            check_double,
            leaves_an_argument_out,
            "TypeError: attention() missing 1",
            "return attention(values, values)",
        ),
        (
            check_by_the_package,
            hands_over_nonsense,
            "RuntimeError: ",
            "return torch.ones(number, 7)",
        ),
        (
            check_double,
            takes_too_little,
            "TypeError: takes_too_little() takes 0 positional arguments but 1",
            "def takes_too_little():",
        ),
        (check_class, NoDoubler, "TypeError: NoDoubler.__init__() takes 1", "def __init__(self):"),
        (check_double, decorated, "twice 2 is 4", "return number + 1"),
        (
            check_double,
            softmax_of_integers,
            "NotImplementedError: ",
            "return torch.arange(number).softmax(0)",
        ),
        (check_double, ends_the_program, "SystemExit", "sys.exit()"),
    ],
)
def test_names_the_line_of_the_answer(check, answer, reason, text):
    verdict = judge(check, answer)
    assert verdict.status == "wrong"
    assert verdict.reason.startswith(reason)
    assert verdict.text == text
    assert f"(line {verdict.line} of your cell: {text})" in repr(verdict)


def test_an_error_of_the_check_itself_names_no_line():
    def check_it(answer):
        raise KeyError

    assert repr(judge(check_it, double)) == "Not yet: KeyError"


def test_the_reader_can_still_interrupt():
    def check_it(answer):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        judge(check_it, double)
    assert sys.gettrace() is None or sys.gettrace().__module__ != "mmbook.exercises"


def test_a_debugger_that_is_there_stays():
    def debugger(frame, event, argument):
        return None

    before = sys.gettrace()
    sys.settrace(debugger)
    try:
        verdict = judge(check_double, wrong)
        kept = sys.gettrace()
    finally:
        sys.settrace(before)
    assert kept is debugger
    assert verdict.reason == "twice 2 is 4"


def test_counts_what_is_right():
    exercises = Exercises("double", "class", "silent")
    assert repr(exercises.tally()) == "0 of 3 right. Not yet: double, class, silent."
    assert exercises.attempt(check_double, double).right
    assert not exercises.attempt(check_class, Doubler).right
    assert repr(exercises.tally()) == "1 of 3 right. Not yet: class, silent."
    judge(check_class, lambda factor: lambda number: factor * number)
    assert exercises.tally().right == 1, "a solution beside the answer does not count"
    exercises.attempt(check_class, lambda factor: lambda number: factor * number)
    exercises.attempt(check_silent, "something")
    assert repr(exercises.tally()) == "3 of 3 right."
    exercises.attempt(check_double, wrong)
    assert exercises.tally().right == 2, "the last attempt counts"


def test_a_grader_reads_values():
    assert judge(check_double, untouched) == Verdict("double", "untouched", "nothing here yet")


def test_a_check_of_no_exercise_is_named():
    with pytest.raises(ValueError, match=r"no exercise 'double' here; .* one of loops"):
        Exercises("loops").attempt(check_double, double)


@pytest.mark.parametrize("names", [(), ("loops", "loops")])
def test_names_are_asked_for_once_each(names):
    with pytest.raises(ValueError, match="once"):
        Exercises(*names)
