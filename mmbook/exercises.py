"""The one call with which a chapter judges an exercise."""

from collections.abc import Callable


def attempt(check: Callable[[], None]) -> None:
    """Run `check` and print `Right.`, or `Not yet:` and the reason in one line.

    A check is a function of `assert` statements. The first line of the failing assertion's
    message is the reason. `NotImplementedError` means that nobody has begun the exercise.
    """
    try:
        check()
    except Exception as error:
        print(f"Not yet: {_reason(error)}")
    else:
        print("Right.")


def _reason(error: Exception) -> str:
    if isinstance(error, NotImplementedError):
        return "nothing here yet"
    message = next((line.strip() for line in str(error).splitlines() if line.strip()), "")
    if isinstance(error, AssertionError):
        return message or "one of the checks does not hold"
    name = type(error).__name__
    return f"{name}: {message}" if message else name
