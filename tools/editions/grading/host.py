"""One chapter, executed once, from which a process is forked for every answer.

`python -m tools.editions.grading.host`. Standard input is one line, a `Request` as JSON; standard
output is one line an answer, `[submission, exercise, verdict]`, and then `{"done": true}`.
"""

import contextlib
import json
import math
import os
import secrets
import select
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Literal, cast, get_args

import torch

from mmbook.exercises import Verdict
from tools.editions.grading.judging import Judge
from tools.editions.grading.sandbox import die_with_parent, enclose, readable
from tools.notebooks.book import read_notebook

# An answer's code may replace what modules hold, so what sends its verdict is fetched before.
WRITE = os.write
Status = Literal["right", "wrong", "untouched"]
PATIENCE = 4
LONGEST = {"reason": 500, "text": 200}  # so that a message is written in one piece


@dataclass(frozen=True)
class Limits:
    """What answers may use: seconds for one, seconds for all of a notebook, MB of memory.

    Seconds are those of the processor, so that a busy machine takes nobody's points. By the clock
    it may take `PATIENCE` times as long.
    """

    seconds: float = 30.0
    in_all: float = 120.0
    memory_mb: int = 2048

    def __post_init__(self) -> None:
        if not all(0 < limit < math.inf for limit in asdict(self).values()):
            raise ValueError(f"limits of seconds and memory must be positive numbers; got {self}")


@dataclass(frozen=True)
class Request:
    """What to judge: a chapter's file, and of each submission the code cells and the exercises.

    `at_once` is the number of processes.
    """

    chapter: str
    submissions: dict[str, tuple[list[str], list[str]]]
    limits: Limits = field(default_factory=Limits)
    at_once: int = 1

    def to_json(self) -> str:
        """One line."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, line: str) -> "Request":
        """The request in a line that `to_json` wrote."""
        fields = json.loads(line)
        return cls(**{**fields, "limits": Limits(**fields["limits"])})


@dataclass(frozen=True)
class Running:
    """A process that judges one answer with `seconds`, from `begun` until `ends` by the clock."""

    submission: str
    exercise: str
    pid: int
    folder: str
    seconds: float
    begun: float
    ends: float


class Host:
    """Forks a process for every answer of a request, `at_once` at a time."""

    def __init__(self, judge: Judge, request: Request) -> None:
        self._judge, self._request = judge, request
        self._token = secrets.token_hex(16)
        self._left = dict.fromkeys(request.submissions, request.limits.in_all)
        self._reading = readable()

    def verdicts(self) -> Iterator[tuple[str, Verdict]]:
        """Submission and verdict of every answer, as they come."""
        waiting = [
            (submission, exercise)
            for submission, (_, exercises) in self._request.submissions.items()
            for exercise in exercises
        ][::-1]
        running: dict[int, Running] = {}
        while waiting or running:
            while waiting and len(running) < self._request.at_once:
                pipe, one = self._start(*waiting.pop())
                running[pipe] = one
            rest = min(one.ends for one in running.values()) - time.monotonic()
            ready, _, _ = select.select(list(running), [], [], max(0.0, rest))
            late = [pipe for pipe, one in running.items() if time.monotonic() >= one.ends]
            for pipe in {*ready, *late}:
                one = running.pop(pipe)
                yield one.submission, self._end(pipe, one, pipe in ready)

    def _start(self, submission: str, exercise: str) -> tuple[int, Running]:
        cells, _ = self._request.submissions[submission]
        folder = tempfile.mkdtemp(prefix="answer-")
        seconds = max(0.0, min(self._request.limits.seconds, self._left[submission]))
        mine, theirs = os.pipe()
        pid = os.fork()
        if pid == 0:
            with contextlib.suppress(BaseException):
                self._answer(theirs, folder, exercise, cells, seconds)
            os._exit(0)
        os.close(theirs)
        begun = time.monotonic()
        ends = begun + PATIENCE * seconds
        return mine, Running(submission, exercise, pid, folder, seconds, begun, ends)

    def _answer(
        self, pipe: int, folder: str, exercise: str, cells: list[str], seconds: float
    ) -> None:
        """Judge one answer; this runs in the forked process, which keeps one pipe."""
        os.setpgid(0, 0)
        os.closerange(3, pipe)
        os.closerange(pipe + 1, 1024)
        for name in [name for name in sys.modules if name.partition(".")[0] == "tools"]:
            del sys.modules[name]
        sys.modules["__main__"] = ModuleType("__main__")
        hidden = [self._judge.book, vars(self._judge.judging), globals()]
        enclose(Path(folder), self._reading, hidden, seconds, self._request.limits.memory_mb)
        try:
            found = self._judge.verdict(exercise, cells)
        except BaseException as error:  # sys.exit() must not pass for an end
            reason = f"{type(error).__name__}: {error}".partition("\n")[0]
            found = Verdict(exercise, "wrong", reason)
        line = "" if found.line is None else f"{found.line:d}"
        fields = (
            self._token,
            found.status,
            line,
            found.text[: LONGEST["text"]],
            found.reason[: LONGEST["reason"]],
        )
        WRITE(pipe, "\0".join(fields).encode(errors="replace"))

    def _end(self, pipe: int, one: Running, ready: bool) -> Verdict:
        """The verdict that a process sent before it ended, or why there is none."""
        message = os.read(pipe, select.PIPE_BUF) if ready else b""
        os.close(pipe)
        if ready and not message:
            _let_end(one.pid)
        os.kill(one.pid, signal.SIGKILL)  # it may have left its group
        with contextlib.suppress(ProcessLookupError):
            os.killpg(one.pid, signal.SIGKILL)
        _, status, used = os.wait4(one.pid, 0)
        shutil.rmtree(one.folder, ignore_errors=True)
        clock = time.monotonic() - one.begun
        self._left[one.submission] -= max(used.ru_utime + used.ru_stime, clock / PATIENCE)
        found = self._message(one.exercise, message)
        if found is not None:
            return found
        code = os.waitstatus_to_exitcode(status)
        if not one.seconds:
            reason = f"no time is left of the {self._request.limits.in_all:.0f} s for a notebook"
        elif not ready or code == -signal.SIGXCPU:
            reason = f"still running after {one.seconds if ready else clock:.0f} s"
        else:
            how = f"signal {-code}" if code < 0 else f"exit code {code}"
            reason = f"its process ended before the check did ({how})"
        return Verdict(one.exercise, "wrong", reason)

    def _message(self, exercise: str, message: bytes) -> Verdict | None:
        """The verdict in a message; none where it was not this host's own code that wrote it."""
        token, *fields = message.decode(errors="replace").split("\0", 4)
        if token != self._token or len(fields) != 4 or fields[0] not in get_args(Status):
            return None
        status, line, text, reason = fields
        return Verdict(exercise, cast(Status, status), reason, int(line) if line else None, text)


def _let_end(pid: int) -> None:
    """Give a process that closed its pipe a second to end, so that its own exit code is told."""
    for _ in range(100):
        if os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT):
            return
        time.sleep(0.01)


def main() -> None:
    """Answer the request on standard input."""
    die_with_parent()
    request = Request.from_json(sys.stdin.readline())
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(nothing, 1)  # what the chapter and the answers print
    torch.set_num_threads(1)  # threads do not survive a fork
    judge = Judge(read_notebook(Path(request.chapter)))
    os.dup2(nothing, 2)
    for submission, verdict in Host(judge, request).verdicts():
        print(json.dumps([submission, asdict(verdict)]), file=answers)
    print(json.dumps({"done": True}), file=answers)


if __name__ == "__main__":
    main()
