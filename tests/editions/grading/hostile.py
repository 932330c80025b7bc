"""What students hand in that is wrong or hostile, and what the grader must say of it."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell

from tests.editions.grading.conftest import chapter_cells
from tools.editions.assignment import assignment
from tools.editions.chapter import role
from tools.notebooks.book import REPOSITORY, write_notebook

RIGHT = {
    "double": "def double(number):\n    return number * 2",
    "colours": 'colours = {"grass": "green", "sky": "blue"}',
    "area": "def area(width, height):\n    return width * height",
}
README = str(REPOSITORY / "README.md")


def double(*lines: str, before: str = "") -> str:
    """An answer to `double` with these lines, and with code before it."""
    above = [before, "", ""] if before else []
    return "\n".join([*above, "def double(number):", *(f"    {line}" for line in lines)])


def imported(module: str, *lines: str) -> str:
    """An answer that imports a module and would be right if it came to its end."""
    return double(*lines, "return 2 * number", before=f"import {module}")


# Each is an answer to `double`, and the reason why it has no points.
BROKEN = {
    "wrong": (
        double("return number + 2"),
        "twice -1 is -2 (line 2 of your cell: return number + 2)",
    ),
    "blank_lines": (
        f"\n\n{double('return number + 2')}",
        "twice -1 is -2 (line 2 of your cell: return number + 2)",
    ),
    "loop": (double("while True:", "    pass"), "still running after"),
    "sleep": (imported("time", "time.sleep(600)"), "still running after"),
    "memory": (double("return len(bytearray(2 * 2**30)) and 2 * number"), "MemoryError"),
    "exit": (
        imported("os", "os._exit(0)"),
        "its process ended before the check did (exit code 0)",
    ),
    "sys_exit": (imported("sys", "sys.exit(0)"), "SystemExit"),
    "base": (double("raise BaseException('no error')"), "BaseException: no error"),
    "recursion": (double("return double(number)"), "RecursionError"),
    "killed": (imported("signal", "signal.raise_signal(signal.SIGKILL)"), "(signal 9)"),
    "segfault": (imported("faulthandler", "faulthandler._sigsegv()"), "(signal 11)"),
    "syntax": ("def double(number:\n    return 2 * number", "SyntaxError"),
    "null": ("def double(number):\n    return 2 * number\n\0", "null bytes"),
    "half_character": ("def double(number):\n    return 2 * number  # \ud800", "surrogates"),
    "raises": (double("return raise_it", before="raise_it = 1 / 0"), "ZeroDivisionError"),
    "network": (
        imported("socket", 'socket.create_connection(("192.0.2.1", 80), 1)'),
        "PermissionError: an answer may not use the network",
    ),
    "writes": (double(f'open({str(REPOSITORY / "stolen")!r}, "w").close()'), "may not write"),
    "reads": (double(f"open({README!r}).read()"), "may not read"),
    "writes_natively": (
        imported(
            "cv2, numpy",
            "picture = numpy.zeros((2, 2), numpy.uint8)",
            f"assert cv2.imwrite({str(REPOSITORY / 'stolen.png')!r}, picture)",
        ),
        "one of the checks does not hold",
    ),
    "permissions": (imported("os", f"os.chmod({README!r}, 0o644)"), "may not write"),
    "renames": (imported("os", f"os.rename('here', {README!r})"), "may not write"),
    "process": (imported("subprocess", 'subprocess.run(["true"])'), "may not start a process"),
    "forks": (imported("os", "os.fork()"), "may not start a process"),
    "kills": (imported("os", "os.kill(os.getppid(), 9)"), "may not end a process"),
    "kills_by_handle": (
        imported("os, signal", "signal.pidfd_send_signal(os.pidfd_open(os.getppid()), 9)"),
        "no attribute 'pidfd_send_signal'",
    ),
    "kills_by_limit": (
        imported("os, resource", "resource.prlimit(os.getppid(), resource.RLIMIT_CPU, (0, 0))"),
        "may not end a process",
    ),
    "leaves_its_group": (
        imported("os", "os.setpgid(0, os.getpgid(os.getppid()))", "while True:", "    pass"),
        "still running after",
    ),
    "judge": (
        "import mmbook.exercises\n\n\ndef right(*arguments):\n"
        '    return mmbook.exercises.Verdict("double", "right")\n\n\n'
        "mmbook.exercises.judge = right\nexercises.attempt = right\n\n\n"
        "def double(number):\n    mmbook.exercises.judge = right\n    return 0",
        "the answer replaces judge",
    ),
    "builtin": (
        double(
            "builtins.abs = lambda value: 0",
            "return 4 if number == 2 else 0",
            before="import builtins",
        ),
        "the answer replaces abs",
    ),
    "check": (
        "def check_double(double):\n    pass\n\n\nexercises.attempt(check_double, double)",
        "nothing here yet",
    ),
    "equal": (
        double("double.__globals__['twice'] = lambda number: 0", "return 0"),
        "twice 2 is 4",
    ),
    "tensors": (
        imported("torch", "torch.Tensor.allclose = lambda *tensors: True"),
        "the answer replaces allclose",
    ),
    "equal_to_all": (
        double(
            "return Any()",
            before="class Any:\n    __add__ = __abs__ = lambda *values: 0\n\n"
            "    def __eq__(self, other):\n        return True",
        ),
        "__eq__ is what the check compares by",
    ),
    "frames": (imported("sys", "sys._getframe(1)"), "may not look into the frames"),
    "pipe": (
        double(
            "for place in range(3, 20):",
            "    try:",
            "        os.write(place, b'right')",
            "    except OSError:",
            "        pass",
            "return 0",
            before="import os",
        ),
        "its process ended before the check did",
    ),
}
# Right answers: what they do besides costs nothing.
HARMLESS = {
    "prints": double("print('x' * 20_000_000)", "return 2 * number"),
    "threads": double(
        "threading.Thread(target=time.sleep, args=[600]).start()",
        "return 2 * number",
        before="import threading\nimport time",
    ),
    "ends_late": double(
        "atexit.register(time.sleep, 600)", "return 2 * number", before="import atexit\nimport time"
    ),
    "warns": double("warnings.warn('twice')", "return 2 * number", before="import warnings"),
}
# Answers that stand elsewhere than where they are asked for, and are right.
MOVED: dict[str, Callable[[list[NotebookNode]], object]] = {
    "reversed": lambda cells: cells.reverse(),
    "twice": lambda cells: cells.extend(cells[:]),
    "split": lambda cells: cells.insert(
        0, new_code_cell("factor = 2\n\n\ndef double(number):\n    return number * factor")
    ),
    "scratch": lambda cells: cells.extend(
        map(
            new_code_cell,
            [
                "print(double(3))\nwhile True:\n    pass",
                "%time double(1)",
                "'''",
                "x = '\0'",
                "x = '\ud800'",
                f"x = {'+'.join('1' * 20_000)}",
            ],
        )
    ),
    "untagged": lambda cells: [cell.metadata.clear() for cell in cells],
    "bare": lambda cells: cells.__setitem__(
        slice(None),
        [new_code_cell(source) for source in [chapter_cells()[1].source, *RIGHT.values()]],
    ),
}
# Names that files or students have, and how the table shows them.
NAMES = {
    "=1+1": "'=1+1",
    " @SUM(A1)": "'@SUM(A1)",
    "a;-1": "a;'-1",
    "＝1": "'＝1",
    "张三 O'Neil": "张三 O'Neil",
    "\x1b[31mred\nline": "?[31mred?line",
    "half \ud800": "half ?",
}


def answered(answers: dict[str, str], name: str = "") -> NotebookNode:
    """The student's copy with these answers in the cells that ask for them."""
    notebook = assignment(
        NotebookNode(cells=chapter_cells(), metadata=NotebookNode()), "part/numbers"
    )
    notebook.update(nbformat=4, nbformat_minor=5)
    for cell in notebook.cells:
        if role(cell) == "exercise" and cell.metadata["mmbook"]["exercise"] in answers:
            cell.source = answers[cell.metadata["mmbook"]["exercise"]]
        if "student" in cell.metadata.get("tags", []):
            cell.source = f"# Me:\nstudent = {{'name': {name!r}, 'id': ''}}"
    return notebook


def _with(**parts: object) -> bytes:
    """A right notebook in which parts are replaced."""
    return json.dumps({**answered(RIGHT), **parts}).encode()


WHOLE = nbformat.writes(answered(RIGHT))
# Files that are no notebook or none of this course.
UNREADABLE = {
    "empty.ipynb": (b"", "an empty file"),
    "half.ipynb": (WHOLE[: len(WHOLE) // 2].encode(), "damaged"),
    "list.ipynb": (b"[1, 2]", "damaged"),
    "deep.ipynb": (b"[" * 100_000, "damaged"),
    "utf-16.ipynb": (WHOLE.encode("utf-16"), "damaged"),
    "metadata.ipynb": (_with(metadata=[]), "damaged"),
    "typeless.ipynb": (_with(cells=[{"source": "", "metadata": {}}]), "damaged"),
    "number.ipynb": (
        _with(cells=[{"cell_type": "code", "source": 3, "metadata": {}, "outputs": []}]),
        "holds no text",
    ),
    "report.pdf": (b"%PDF", "not a notebook"),
    "stranger.ipynb": (_with(cells=[], metadata={}), "shares no code with part/numbers"),
}
LINKS = {
    "link.ipynb": "right.ipynb",
    "dangling.ipynb": "nowhere",
    "circle": ".",
    "zero": "/dev/zero",
}


def hand_in(folder: Path) -> None:
    """One submission of each kind."""
    right = answered(RIGHT)
    write_notebook(answered({}), folder / "stub.ipynb")
    write_notebook(right, folder / "right.ipynb")
    (folder / "old.ipynb").write_text(nbformat.v3.writes_json(nbformat.convert(right, 3)))
    (folder / "marked.IPYNB").write_text(WHOLE, encoding="utf-8-sig")
    answers = {name: source for name, (source, _) in BROKEN.items()} | HARMLESS
    for name, source in answers.items():
        write_ascii(answered({**RIGHT, "double": source}), folder / f"{name}.ipynb")
    for name, change in MOVED.items():
        notebook = answered(RIGHT)
        change(notebook.cells)
        if name in ("untagged", "bare"):
            notebook.metadata = NotebookNode()
        write_ascii(notebook, folder / f"{name}.ipynb")
    for place, name in enumerate(NAMES):
        write_ascii(answered(RIGHT, name), folder / f"named-{place}.ipynb")
    write_notebook(right, folder / os.fsdecode(b"=\xe9\n.ipynb"))
    write_notebook(answered(RIGHT, "=1+1"), folder / "twin.ipynb")
    for name, (contents, _) in UNREADABLE.items():
        (folder / name).write_bytes(contents)
    for name, target in LINKS.items():
        (folder / name).symlink_to(target)
    (folder / "nobody").mkdir()
    (folder / "two" / "deep" / ".hidden").mkdir(parents=True)
    write_notebook(right, folder / "two" / "deep" / "numbers (1).ipynb")
    write_notebook(answered({}), folder / "two" / "numbers (2).ipynb")
    (folder / "two" / "deep" / ".hidden" / "._numbers.ipynb").write_bytes(b"")


def write_ascii(notebook: NotebookNode, file: Path) -> None:
    """Write a notebook in which there may be halves of characters."""
    file.write_text(json.dumps(notebook))
