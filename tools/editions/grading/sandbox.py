"""What a process that runs a student's code may not do. Linux only.

Two fences: a hook of Python's own, and the kernel's Landlock where the kernel has it. They stop
mistakes and the obvious tricks; for code of strangers, grade in a virtual machine.
"""

import ctypes
import math
import os
import resource
import signal
import struct
import sys
import sysconfig
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import mmbook

MB = 2**20
WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC
SYSTEM = ("/usr", "/lib", "/lib64", "/bin", "/etc", "/proc", "/sys", "/dev")
REFUSED = {
    "socket": "use the network",
    "subprocess": "start a process",
    "gc": "search the memory",
    **dict.fromkeys(
        ("os.system", "os.exec", "os.fork", "os.forkpty", "os.posix_spawn", "pty.spawn"),
        "start a process",
    ),
    **dict.fromkeys(("os.kill", "os.killpg", "resource.prlimit"), "end a process"),
    **dict.fromkeys(("ctypes.dlopen", "ctypes.dlsym"), "load a library"),
}
# What changes files besides "open"; the names of files are among the arguments.
CHANGES = {
    f"os.{name}"
    for name in (
        *("chmod", "chown", "link", "mkdir", "remove", "removexattr", "rename", "rmdir"),
        *("setxattr", "symlink", "truncate", "utime"),
    )
}
# From linux/prctl.h and linux/landlock.h.
PR_SET_PDEATHSIG, PR_SET_NO_NEW_PRIVS = 1, 38
CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446
BENEATH, READ_FILE, READ_DIR, WRITE_FILE = 1, 1 << 2, 1 << 3, 1 << 1
# Everything that changes a file or folder, with what version 2 and 3 of Landlock added.
WRITING = {1: WRITE_FILE | sum(1 << bit for bit in range(4, 13)), 2: 1 << 13, 3: 1 << 14}


def readable() -> list[Path]:
    """The folders that a chapter's code reads: Python, its packages, and the book's own.

    Neither the chapters, which hold the solutions, nor the submissions are among them.
    """
    python = [Path(sys.prefix), Path(sys.base_prefix), Path(sysconfig.get_paths()["purelib"])]
    package = Path(mmbook.__file__).parent
    book = [package, *(package.parent / name for name in ("data", "results"))]
    return [path for path in [*map(Path, SYSTEM), *python, *book] if path.exists()]


def die_with_parent() -> None:
    """End this process when the one that started it ends."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def enclose(
    folder: Path,
    reading: Sequence[Path],
    hidden: Sequence[dict[str, Any]],
    seconds: float,
    memory_mb: int,
) -> None:
    """Keep this process inside `folder` from now on.

    It may read what lies beneath `reading`, write beneath `folder` alone, use `memory_mb` more
    memory than now and `seconds` of CPU time; it has no network, starts no processes, and does
    not look into frames of functions whose globals are among `hidden`.
    """
    os.chdir(folder)
    die_with_parent()
    for module in ("signal", "_signal"):  # the hook hears nothing of this way to end a process
        vars(sys.modules[module]).pop("pidfd_send_signal", None)
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    most = pages * resource.getpagesize() + memory_mb * MB
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    cpu = math.ceil(time.process_time() + seconds)
    resource.setrlimit(resource.RLIMIT_CPU, (cpu, cpu + 1))  # a signal first, then the end
    resource.setrlimit(resource.RLIMIT_FSIZE, (64 * MB, 64 * MB))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _landlock(folder, reading)
    sys.addaudithook(_hook(folder, reading, {id(one) for one in hidden}))


def _hook(folder: Path, reading: Sequence[Path], hidden: set[int]) -> Callable[[str, tuple], None]:
    inside = (str(folder), "/dev/null")
    allowed = (*inside, *map(str, reading))

    def beneath(path: str, folders: Sequence[str]) -> bool:
        return any(path == one or path.startswith(one.rstrip("/") + "/") for one in folders)

    def refuse(event: str, arguments: tuple) -> None:
        what = REFUSED.get(event) or REFUSED.get(event.partition(".")[0])
        if what:
            raise PermissionError(f"an answer may not {what} ({event})")
        if event == "sys._getframe" and id(arguments[0].f_globals) in hidden:
            raise PermissionError("an answer may not look into the frames of its check")
        if event != "open" and event not in CHANGES:
            return
        writes = event != "open" or arguments[2] & WRITES
        for name in arguments[: 2 if event in ("os.rename", "os.link", "os.symlink") else 1]:
            path = os.path.realpath(os.fsdecode(name)) if isinstance(name, str | bytes) else ""
            if path and not beneath(path, inside if writes else allowed):
                raise PermissionError(f"an answer may not {'write' if writes else 'read'} {path}")

    return refuse


def _landlock(folder: Path, reading: Sequence[Path]) -> bool:
    """Let the kernel enforce the same; whether it can."""
    libc = ctypes.CDLL(None, use_errno=True)
    version = libc.syscall(CREATE_RULESET, None, ctypes.c_size_t(0), 1)
    if version < 1:
        return False
    write = sum(rights for since, rights in WRITING.items() if version >= since)
    everything = write | READ_FILE | READ_DIR
    # Files; to bind and to connect by TCP; sockets without a file, and signals to other processes.
    attributes = struct.pack("QQQ", everything, 0b11, 0b11)
    attributes = attributes[: 24 if version >= 6 else 16 if version >= 4 else 8]
    rules = libc.syscall(
        CREATE_RULESET, attributes, ctypes.c_size_t(len(attributes)), ctypes.c_uint(0)
    )
    for path, rights in [
        (folder, everything),
        (Path("/dev/null"), READ_FILE | WRITE_FILE),
        *((path, READ_FILE | READ_DIR) for path in reading),
    ]:
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)
        rule = struct.pack("=Qi", rights, place)
        libc.syscall(ADD_RULE, rules, BENEATH, rule, 0)
        os.close(place)
    libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    done = libc.syscall(RESTRICT_SELF, rules, 0) == 0
    os.close(rules)
    return done
