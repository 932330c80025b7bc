"""`attempt` judges an exercise in one line."""

import pytest

from mmbook.exercises import attempt


def right() -> None:
    assert True


def wrong() -> None:
    raise AssertionError("the shape is (2, 3)\nbut (2, 4) was asked for")


def silent() -> None:
    raise AssertionError


def not_begun() -> None:
    raise NotImplementedError("write me")


def broken() -> None:
    raise TypeError("unsupported operand")


def broken_silently() -> None:
    raise KeyError


@pytest.mark.parametrize(
    ("check", "said"),
    [
        (right, "Right."),
        (wrong, "Not yet: the shape is (2, 3)"),
        (silent, "Not yet: one of the checks does not hold"),
        (not_begun, "Not yet: nothing here yet"),
        (broken, "Not yet: TypeError: unsupported operand"),
        (broken_silently, "Not yet: KeyError"),
    ],
)
def test_says_one_line(check, said, capsys):
    attempt(check)
    assert capsys.readouterr().out == said + "\n"


def test_the_reader_can_still_interrupt():
    def interrupted() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        attempt(interrupted)
