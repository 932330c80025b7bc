"""How a chapter judges its exercises: an answer, its check, and a tally at the chapter's end."""

import inspect
import linecache
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import CodeType, FrameType
from typing import Any, Literal

Check = Callable[..., None]


@dataclass(frozen=True)
class Verdict:
    """What a check found in an answer.

    `status` is "right", "wrong" or "untouched"; `reason` says in one line what is missing;
    `line` and `text` are the line of the answer that the reason is about, where there is one.
    """

    exercise: str
    status: Literal["right", "wrong", "untouched"]
    reason: str = ""
    line: int | None = None
    text: str = ""

    @property
    def right(self) -> bool:
        """Whether the answer passed."""
        return self.status == "right"

    def __repr__(self) -> str:
        if self.right:
            return "Right."
        place = "" if self.line is None else f" (line {self.line} of your cell: {self.text})"
        return f"Not yet: {self.reason}{place}"


@dataclass(frozen=True)
class Tally:
    """How many exercises of a chapter are right, and which are not yet."""

    verdicts: tuple[Verdict, ...]

    @property
    def right(self) -> int:
        """The number of exercises that are right."""
        return sum(verdict.right for verdict in self.verdicts)

    def __repr__(self) -> str:
        counted = f"{self.right} of {len(self.verdicts)} right."
        missing = [verdict.exercise for verdict in self.verdicts if not verdict.right]
        return f"{counted} Not yet: {', '.join(missing)}." if missing else counted


class Exercises:
    """The coding exercises of one chapter, by name, and the last verdict on each.

    The check of exercise `loops` is a function `check_loops` that takes the answer (or the
    answers, where the exercise asks for several things) and consists of assertions.
    """

    def __init__(self, *names: str) -> None:
        if not names or len(set(names)) < len(names):
            raise ValueError(f"name each exercise of the chapter once; got {list(names)}")
        self._verdicts = {name: Verdict(name, "untouched", UNTOUCHED) for name in names}

    def attempt(self, check: Check, *answers: Any) -> Verdict:
        """Judge the reader's answers and remember the verdict for the tally."""
        verdict = judge(check, *answers)
        if verdict.exercise not in self._verdicts:
            raise ValueError(
                f"there is no exercise {verdict.exercise!r} here; "
                f"the check of one of {', '.join(self._verdicts)} is called check_NAME"
            )
        self._verdicts[verdict.exercise] = verdict
        return verdict

    def tally(self) -> Tally:
        """How many answers of the reader are right."""
        return Tally(tuple(self._verdicts.values()))


UNTOUCHED = "nothing here yet"


def judge(check: Check, *answers: Any) -> Verdict:
    """Run `check` on `answers`; what it raises becomes the reason of the verdict.

    The first line of a failed assertion's message is the reason. `NotImplementedError` without a
    message means that nobody has begun the exercise. The line is the last one of the answer's own
    code that was running when the error was raised or, if a value was wrong, the one that returned
    last; where the answer does not take the arguments of the check, it is the one that says what
    it takes.
    """
    name = check.__name__.removeprefix("check_")
    returned: list[tuple[str, int]] = []
    codes = [code for answer in answers for code in _codes(answer)]
    files = {code.co_filename for code in codes}

    def theirs(code: CodeType) -> bool:
        inside = f"{code.co_qualname}.".startswith(f"{check.__qualname__}.")
        return code.co_filename in files and not inside

    try:
        with _watching(theirs, returned):
            check(*answers)
    except (Exception, SystemExit) as error:
        if isinstance(error, NotImplementedError) and not error.args:
            return Verdict(name, "untouched", UNTOUCHED)
        places = [*returned[-1:], *_refused_by(error, codes), *_raised_in(error, theirs)]
        if not places:
            return Verdict(name, "wrong", _reason(error))
        file, line = places[-1]
        return Verdict(name, "wrong", _reason(error), line, linecache.getline(file, line).strip())
    return Verdict(name, "right")


def confirm(check: Check, *answers: Any) -> None:
    """Judge a solution of the book's own: silent, as a folded cell is to stay folded when it runs.

    Raises AssertionError with the verdict where the solution is not right.
    """
    verdict = judge(check, *answers)
    if not verdict.right:
        raise AssertionError(verdict)


def _codes(answer: Any) -> Iterator[CodeType]:
    """The code of a function, or of the methods of a class; none for another value."""
    for member in (answer, *(vars(answer).values() if isinstance(answer, type) else ())):
        try:
            code = getattr(inspect.unwrap(member), "__code__", None)
        except Exception:  # of a value that takes every attribute for a key, or wraps itself
            continue
        if isinstance(code, CodeType):
            yield code


def _raised_in(error: BaseException, theirs: Callable[[CodeType], bool]) -> list[tuple[str, int]]:
    """The places of the answer that `error` passed on its way, the innermost last."""
    places, trace = [], error.__traceback__
    while trace is not None:
        if theirs(trace.tb_frame.f_code):
            places.append((trace.tb_frame.f_code.co_filename, trace.tb_lineno))
        trace = trace.tb_next
    return places


def _refused_by(error: BaseException, codes: list[CodeType]) -> list[tuple[str, int]]:
    """The first line of the function whose call Python refused because of its arguments."""
    if not isinstance(error, TypeError):
        return []
    refusing = [code for code in codes if str(error).startswith(f"{code.co_qualname}() ")]
    return [(code.co_filename, code.co_firstlineno) for code in refusing[:1]]


@contextmanager
def _watching(
    theirs: Callable[[CodeType], bool], returned: list[tuple[str, int]]
) -> Iterator[None]:
    """Note in `returned` where the answer's code returned last; a debugger goes first."""

    def called(frame: FrameType, event: str, argument: object) -> Any:
        if not theirs(frame.f_code):
            return None
        frame.f_trace_lines = False  # its loops run at full speed
        return left

    def left(frame: FrameType, event: str, argument: object) -> Any:
        if event == "return" and argument is not None:
            returned[:] = [(frame.f_code.co_filename, frame.f_lineno)]
        return left

    if sys.gettrace() is not None:
        yield
        return
    sys.settrace(called)
    try:
        yield
    finally:
        sys.settrace(None)


def _reason(error: BaseException) -> str:
    message = next((line.strip() for line in str(error).splitlines() if line.strip()), "")
    if isinstance(error, AssertionError):
        return message or "one of the checks does not hold"
    name = type(error).__name__
    return f"{name}: {message}" if message else name
