"""The environments of the frameworks, beside the book's: made once from pinned requirements."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
REQUIREMENTS = Path(__file__).parent / "requirements"
VERSION = "import sys; print(*sys.version_info[:2])"


class UnusableEnvironment(Exception):
    """An environment that cannot be had; one sentence says why, and what would help."""


@dataclass(frozen=True)
class Environment:
    """name: of `.venv-NAME` and of its requirements. newest: the last Python that it runs on."""

    name: str
    newest: tuple[int, int] = (3, 13)

    @property
    def folder(self) -> Path:
        return ROOT / f".venv-{self.name}"

    @property
    def python(self) -> Path:
        return self.folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")

    @property
    def requirements(self) -> Path:
        return REQUIREMENTS / f"{self.name}.txt"

    def facts(self) -> dict[str, float | str]:
        """What making it took, {} where it is not made: seconds, megabytes, requirements."""
        file = self.folder / "made.json"
        return json.loads(file.read_text()) if file.is_file() else {}


FRAMEWORKS = Environment("frameworks")
MXNET = Environment("mxnet", newest=(3, 11))


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def find_python(newest: tuple[int, int], oldest: tuple[int, int] = (3, 11)) -> str | None:
    """A Python from `oldest` to `newest`: this one, or one on the path."""
    names = [f"python3.{minor}" for minor in range(newest[1], oldest[1] - 1, -1)]
    for candidate in (sys.executable, *filter(None, map(shutil.which, names))):
        done = subprocess.run([candidate, "-c", VERSION], capture_output=True, text=True)
        found = tuple(map(int, done.stdout.split()))
        if done.returncode == 0 and oldest <= found <= newest:
            return candidate
    return None


def make(environment: Environment) -> None:
    """Make the environment, unless it stands and its requirements are as they were.

    Raises UnusableEnvironment where no Python fits, or pip cannot install.
    """
    wanted = digest(environment.requirements)
    if environment.facts().get("requirements") == wanted:
        return
    python = find_python(environment.newest)
    if python is None:
        version = ".".join(map(str, environment.newest))
        raise UnusableEnvironment(
            f"{environment.name} runs on Python {version} at most, and there is none on the path: "
            f"install Python {version}, and run `make frameworks` again."
        )
    print(f"Installing into {environment.folder.name} (once).", flush=True)
    start = time.perf_counter()
    run([python, "-m", "venv", "--clear", str(environment.folder)], environment)
    install = [str(environment.python), "-m", "pip", "install", "--quiet", "--no-cache-dir"]
    install += ["--disable-pip-version-check", "--requirement", str(environment.requirements)]
    run(install, environment)
    size = sum(f.lstat().st_size for f in environment.folder.rglob("*") if not f.is_dir())
    made = {"seconds": round(time.perf_counter() - start, 1), "megabytes": round(size / 1e6)}
    facts = json.dumps(made | {"requirements": wanted})
    (environment.folder / "made.json").write_text(facts)


def run(command: list[str], environment: Environment) -> None:
    """Raises UnusableEnvironment with the first error of the command where it failed."""
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode == 0:
        return
    said = (done.stderr + done.stdout).splitlines()
    why = [line for line in said if line.startswith(("ERROR", "Error"))] or said or ["nothing"]
    raise UnusableEnvironment(
        f"{environment.folder.name} could not be made (pip says: {why[0].strip()}); see to the "
        "network and to the free space (3 GB), and run `make frameworks` again."
    )


def check(environment: Environment) -> None:
    """Raises UnusableEnvironment where a package is not of the version that is pinned."""
    if not environment.python.is_file():
        raise UnusableEnvironment(
            f"{environment.folder.name} is missing: run `make frameworks` with a network."
        )
    command = [str(environment.python), "-m", "pip", "freeze", "--disable-pip-version-check"]
    done = subprocess.run(command, capture_output=True, text=True)
    pins = environment.requirements.read_text().splitlines()
    wanted = dict(line.split("==") for line in pins if "==" in line)
    found = dict(line.split("==") for line in done.stdout.splitlines() if line.count("==") == 1)
    for name, version in wanted.items():
        if found.get(name) != version:
            raise UnusableEnvironment(
                f"{environment.folder.name} has {name} {found.get(name, 'not at all')} and not "
                f"{version}: delete the folder, and run `make frameworks` again."
            )
