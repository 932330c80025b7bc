"""Run a command with the network switched off; only this machine itself can be reached.

`python -m tools.notebooks.offline COMMAND…`. On Linux the command gets a network namespace of its
own, in which there is nothing but the loopback device. Where namespaces are forbidden, a hook in
every Python process refuses connections instead.
"""

import array
import fcntl
import os
import shutil
import socket
import struct
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

HOOK = Path(__file__).parent / "network_hook"
METHOD = "MMBOOK_OFFLINE"
NAMESPACES = (["unshare", "--net"], ["unshare", "--net", "--map-root-user"])
# From linux/sockios.h and linux/if.h.
SIOCGIFFLAGS, SIOCSIFFLAGS, IFF_UP = 0x8913, 0x8914, 0x1


def offline_command(
    command: Sequence[str], method: str = "auto"
) -> tuple[list[str], dict[str, str]]:
    """The command line and environment that run `command` without a network.

    `method` is `namespace`, `hook`, or `auto` for the first of them that works here.
    """
    if method not in ("auto", "namespace", "hook"):
        raise ValueError(f"{METHOD} is {method!r}; it can be auto, namespace or hook")
    environment = dict(os.environ)
    namespace = None if method == "hook" else working_namespace()
    if namespace is not None:
        inside = [sys.executable, str(Path(__file__)), "--inside", *command]
        return [*namespace, *inside], environment
    if method == "namespace":
        raise RuntimeError("this machine does not allow network namespaces (unshare --net)")
    paths = [str(HOOK), environment.get("PYTHONPATH", "")]
    environment["PYTHONPATH"] = os.pathsep.join(filter(None, paths))
    return list(command), environment


def working_namespace() -> list[str] | None:
    """The `unshare` command that may be used here, if any."""
    if shutil.which("unshare") is None:
        return None
    probe = [sys.executable, str(Path(__file__)), "--inside", "true"]
    for namespace in NAMESPACES:
        if subprocess.run([*namespace, *probe], capture_output=True).returncode == 0:
            return namespace
    return None


def bring_up_loopback() -> None:
    """Switch on the loopback device of a fresh namespace; kernels talk to Jupyter through it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as handle:
        request = array.array("b", struct.pack("16sH14s", b"lo", 0, b""))
        fcntl.ioctl(handle, SIOCGIFFLAGS, request)
        (flags,) = struct.unpack_from("H", request, 16)
        struct.pack_into("H", request, 16, flags | IFF_UP)
        fcntl.ioctl(handle, SIOCSIFFLAGS, request)


def main(arguments: Sequence[str]) -> int:
    """Run the command given on the command line, offline; its exit status is returned."""
    if not arguments:
        print(__doc__, file=sys.stderr)
        return 2
    if arguments[0] == "--inside":
        bring_up_loopback()
        os.execvp(arguments[1], list(arguments[1:]))
    command, environment = offline_command(arguments, os.environ.get(METHOD, "auto"))
    return subprocess.run(command, env=environment).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
