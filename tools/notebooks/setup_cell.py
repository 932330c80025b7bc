"""The generated cell that makes a chapter work where only the notebook was opened."""

INSTALLING = """\
# Where the book's package is missing (Colab), install it. The torch that is there stays.
import importlib.util

if importlib.util.find_spec("mmbook") is None:
    %pip install --quiet git+{repository}"""

ASKING = """\
# Where the book's package is missing, say what to do.
import importlib.util

if importlib.util.find_spec("mmbook") is None:
    raise ModuleNotFoundError(
        "this chapter needs the book's package: open it with `make lab` in a copy of the repository"
    )"""


def setup_source(repository: str) -> str:
    """The source of every `setup` cell; `repository` is its address, or empty where it has none."""
    return INSTALLING.format(repository=repository) if repository else ASKING
