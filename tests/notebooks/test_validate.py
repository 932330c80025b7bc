"""Chapters are executed again without a network, and each output must be the stored one."""

import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

from tools.notebooks.book import REPOSITORY, write_notebook
from tools.notebooks.offline import offline_command, working_namespace
from tools.notebooks.validate import validate

METHODS = [
    pytest.param(
        "namespace",
        marks=pytest.mark.skipif(
            working_namespace() is None, reason="this machine forbids network namespaces"
        ),
    ),
    "hook",
]
# An address that this machine itself answers, but not as loopback; and one outside.
ASK = """
import socket
try:
    socket.create_connection(({host!r}, {port}), timeout=5).close()
except OSError as error:
    print("no", error)
else:
    print("yes")
"""


def answer(command: str, method: str) -> str:
    """What a Python program prints offline."""
    line, environment = offline_command([sys.executable, "-c", command], method)
    done = subprocess.run(line, env=environment, capture_output=True, text=True, cwd=REPOSITORY)
    return done.stdout + done.stderr


@pytest.fixture
def server():
    """A server of this machine on every one of its addresses; yields its port."""
    with HTTPServer(("0.0.0.0", 0), BaseHTTPRequestHandler) as http:
        thread = threading.Thread(target=http.serve_forever, daemon=True)
        thread.start()
        yield http.server_port
        http.shutdown()
        thread.join()


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("host", ["192.0.2.1", "example.org"])
def test_nothing_outside_is_reached(method, host):
    assert answer(ASK.format(host=host, port=80), method).startswith("no")


def test_the_hook_lets_this_machine_be_reached(server):
    assert answer(ASK.format(host="127.0.0.1", port=server), "hook") == "yes\n"
    assert answer(ASK.format(host="localhost", port=server), "hook") == "yes\n"
    assert "switched off" in answer(ASK.format(host="192.0.2.1", port=server), "hook")


@pytest.mark.parametrize("method", METHODS[:1])
def test_the_namespace_is_another_network(method, server):
    """A server of the machine outside is not there, though loopback itself works."""
    assert answer(ASK.format(host="127.0.0.1", port=server), method).startswith("no")
    own = "import socket; s = socket.create_server(('127.0.0.1', 0)); "
    assert (
        answer(own + "print(bool(socket.create_connection(s.getsockname())))", method) == "True\n"
    )


def test_an_unknown_method_is_refused():
    with pytest.raises(ValueError, match="auto, namespace or hook"):
        offline_command(["true"], "hope")


def chapter(folder: Path, source: str, output: str) -> Path:
    """A notebook of one cell with a stored output."""
    stored = [new_output("stream", name="stdout", text=output)]
    cell = new_code_cell(source, execution_count=1, outputs=stored)
    metadata = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}
    path = folder / "chapter.ipynb"
    write_notebook(new_notebook(cells=[cell], metadata=metadata), path)
    return path


def outcome(path: Path, method: str, capfd) -> tuple[int, str]:
    """The exit status and the report of validating one notebook."""
    status = validate([path], processes=1, method=method)
    captured = capfd.readouterr()
    return status, captured.out + captured.err


@pytest.mark.parametrize("method", METHODS)
def test_the_same_output_passes(tmp_path, method, capfd):
    status, report = outcome(chapter(tmp_path, "print(1 + 1)", "2\n"), method, capfd)
    assert status == 0, report
    assert "1 passed" in report


def test_another_output_fails(tmp_path, capfd):
    status, report = outcome(chapter(tmp_path, "print(1 + 1)", "3\n"), "auto", capfd)
    assert status == 1 and "1 failed" in report


@pytest.mark.parametrize("method", METHODS)
def test_a_chapter_that_needs_the_network_fails(tmp_path, method, capfd):
    source = "import urllib.request\n\n_ = urllib.request.urlopen('http://192.0.2.1/', timeout=5)"
    status, report = outcome(chapter(tmp_path, source, ""), method, capfd)
    assert status == 1 and "URLError" in report


def test_small_differences_of_floats_and_addresses_pass(tmp_path, capfd):
    source = "print(0.12345678, object())"
    stored = "0.12349999 <object object at 0x...>\n"
    assert outcome(chapter(tmp_path, source, stored), "auto", capfd)[0] == 0
    assert outcome(chapter(tmp_path, source, stored.replace("0.1234", "0.1235")), "auto", capfd)[0]


def test_a_chapter_computes_on_one_core_and_without_real_data(tmp_path, capfd):
    source = (
        "import os\n\nprint(os.environ['OMP_NUM_THREADS'], os.environ['CUDA_VISIBLE_DEVICES'],"
        " os.listdir(os.environ['MMBOOK_DATA']))"
    )
    assert outcome(chapter(tmp_path, source, "1  []\n"), "auto", capfd)[0] == 0
