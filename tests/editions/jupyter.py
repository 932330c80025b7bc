"""A JupyterLab of its own for tests, and a notebook in it as a student sees it."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Locator, Page, expect

from tools.notebooks.book import REPOSITORY
from tools.notebooks.offline import offline_command
from tools.site.browser import new_page

SLOW = 60_000  # milliseconds: a machine that does other things too
expect.set_options(timeout=SLOW)
PLACES = {
    "HOME": "home",
    "JUPYTER_CONFIG_DIR": "config",
    "JUPYTER_DATA_DIR": "data",
    "JUPYTER_RUNTIME_DIR": "runtime",
    "JUPYTERLAB_SETTINGS_DIR": "settings",
    "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
    "IPYTHONDIR": "ipython",
}

CELLS = "[...jupyterapp.shell.currentWidget.content.model.cells].filter(c => c.type === 'code')"
FINISHED = f"() => {CELLS}.every(c => c.executionCount && c.executionState === 'idle')"
OUTPUTS = f"() => {CELLS}.flatMap(c => c.outputs.toJSON()).map(o => o.data?.['text/plain'] ?? '')"


@contextmanager
def jupyterlab(folder: Path, home: Path) -> Iterator[str]:
    """Start JupyterLab on `folder`, offline, as `make lab` sets it; yield its address."""
    home.mkdir()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = [f"--notebook-dir={folder}", f"--port={port}", "--ServerApp.port_retries=0"]
    options += ["--LabApp.expose_app_in_browser=True"]
    options += ["--no-browser", "--allow-root", "--IdentityProvider.token=", "--ip=127.0.0.1"]
    command, environment = offline_command([sys.executable, "-m", "jupyterlab", *options], "hook")
    environment |= {name: str(home / place) for name, place in PLACES.items()}
    environment["JUPYTER_CONFIG_PATH"] = str(REPOSITORY / "tools/editions/settings")
    environment["PYTHONPATH"] = os.pathsep.join([environment["PYTHONPATH"], str(REPOSITORY)])
    with (home / "log").open("w") as log:
        server = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
        try:
            _wait(f"http://127.0.0.1:{port}/api/status", server, home / "log")
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()
            server.wait(20)


def _wait(address: str, server: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(600):
        try:
            urllib.request.urlopen(address, timeout=5).close()
        except OSError:
            assert server.poll() is None, log.read_text()
            time.sleep(0.2)
        else:
            return
    raise AssertionError(log.read_text())


@dataclass
class Opened:
    """A notebook that is open in JupyterLab."""

    page: Page

    def run_all(self) -> None:
        """Choose Run All Cells from the menu."""
        self.page.get_by_role("menuitem", name="Run", exact=True).click()
        self.page.get_by_role("menuitem", name="Run All Cells", exact=True).click()

    def run(self, cell: Locator) -> None:
        """Run one cell."""
        cell.locator(".jp-InputPrompt").first.click()
        self.page.keyboard.press("Control+Enter")

    def write(self, cell: Locator, text: str) -> None:
        """Put `text` in place of what stands in a cell."""
        cell.locator(".cm-content").click()
        self.page.keyboard.press("Control+a")
        self.page.keyboard.insert_text(text)

    def printed(self) -> list[str]:
        """What the cells that were run put out as text, also where that is not on the screen."""
        return self.page.evaluate(OUTPUTS)

    def finish(self) -> None:
        """Wait until every code cell has been run."""
        self.page.wait_for_function(FINISHED, timeout=5 * SLOW)

    def shows(self, text: str) -> None:
        """Wait until an output with `text` is to be seen."""
        output = self.page.locator(".jp-OutputArea-output", has_text=text).first
        expect(output).to_be_visible()


@contextmanager
def opened(chromium: Browser, address: str, name: str) -> Iterator[Opened]:
    """Open a notebook of the JupyterLab at `address` and wait for its kernel."""
    page = new_page(chromium)
    page.set_default_timeout(SLOW)
    page.goto(f"{address}/lab/tree/{name}?reset")
    page.locator(".jp-Notebook .jp-Cell").first.wait_for()
    page.get_by_role("button", name="Python 3 (ipykernel) | Idle").wait_for()
    try:
        yield Opened(page)
    finally:
        page.close()
