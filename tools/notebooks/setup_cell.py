"""The generated cell that makes a chapter work where only the notebook was opened."""

TEMPLATE = """\
# Where the book's package is missing (Colab), install it. The torch that is there stays.
import importlib.util

if importlib.util.find_spec("mmbook") is None:
    %pip install --quiet git+{repository}"""


def setup_source(repository: str) -> str:
    """The source of every `setup` cell."""
    return TEMPLATE.format(repository=repository)
