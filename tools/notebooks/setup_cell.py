"""The generated cell that makes a chapter work where only the notebook was opened.

It needs no package, as `make address` writes it too. What it leaves as it is, and from which
version on that will do, comes from pyproject.toml.
"""

import re
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2] / "pyproject.toml"
KEPT = re.compile(r'^    ("(?:numpy|torch)\b.*"),$', re.M)
MEGABYTES = 35  # pip fetches less than that of the repository
SOURCE = '''\
# Where the package mmbook is missing, install it: {megabytes} MB, a minute. Torch and NumPy stay.
import importlib.util


def install_mmbook(repository: str, *keep: str) -> None:
    """From a wheel beside this notebook, or else from the repository."""
    import glob
    import subprocess
    import sys
    from importlib.metadata import distributions

    from packaging.requirements import Requirement

    class NotInstalled(Exception):
        def _render_traceback_(self) -> list[str]:
            return [f"NotInstalled: {{self}}."]  # one line, after which "Run All" stops

    here = {{found.name: found.version for found in distributions()}}
    kept = [need for need in map(Requirement, keep) if need.name in here]
    for name, bound in ((need.name, need.specifier) for need in kept):
        if not bound.contains(here[name], prereleases=True):
            raise NotInstalled(
                f"the book needs {{name}}{{bound}}, and here is {{name}} {{here[name]}}; run "
                f"`%pip install -U {{name}}`, restart the kernel, and run everything again"
            )
    source = max(glob.glob("mmbook-*.whl"), default=repository)
    wheel = "a wheel of the book (mmbook-*.whl; `pip wheel . --no-deps` in a copy of it makes one)"
    if not source:
        raise NotInstalled(
            f"this notebook knows no repository; put {{wheel}} beside it, and run everything again"
        )
    pins = [f"{{need.name}}=={{here[need.name]}}" for need in kept]
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-color", source, *pins]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if done.returncode:
        said = [line.strip() for line in done.stderr.splitlines()]
        why = [line for line in said if line.startswith(("ERROR", "fatal"))] or said or ["nothing"]
        raise NotInstalled(
            f"pip could not install {{source}} (it says: {{why[0]}}); see to the network, or put "
            f"{{wheel}} beside this notebook, and run everything again"
        )
    importlib.invalidate_caches()
    if importlib.util.find_spec("mmbook") is None:
        raise NotInstalled("mmbook is installed now; restart the kernel, and run everything again")


if importlib.util.find_spec("mmbook") is None:
    install_mmbook(
        "{source}",
{keep}
    )'''


def setup_source(repository: str) -> str:
    """The source of every `setup` cell; `repository` is its address, or empty where it has none."""
    keep = "\n".join(
        f"        {need}," for need in KEPT.findall(PROJECT.read_text(encoding="utf-8"))
    )
    source = f"git+{repository}" if repository else ""
    return SOURCE.format(megabytes=MEGABYTES, source=source, keep=keep)
