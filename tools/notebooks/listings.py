"""Listings: code of a file that a page shows but does not run.

Between `<!--listing PATH NAME ...-->` and `<!--/listing-->`, on lines of their own, stands the code
of these names of a Python file of the repository, one behind the other, in a fence. It is for code
whose packages the book's environment lacks; what can run is a cell tagged `mmbook`.
"""

import re
from pathlib import Path

from tools.notebooks.source import object_source

LISTING = re.compile(
    r"^<!--listing (?P<path>\S+\.py)(?P<names>(?: \w+)+)-->\n(?P<old>.*?)^<!--/listing-->$",
    re.M | re.S,
)
OPENING = re.compile(r"^<!--listing\b", re.M)


def fill_listings(text: str, root: Path) -> str:
    """Fill every listing of a text from the files below `root`.

    Raises ValueError naming the mark that is malformed, or whose file or name does not exist.
    """
    if len(OPENING.findall(text)) != len(LISTING.findall(text)):
        raise ValueError("a listing is malformed: <!--listing PATH.py NAME-->…<!--/listing-->")

    def fill(match: re.Match[str]) -> str:
        path, names = match["path"], match["names"].split()
        if not (root / path).is_file():
            raise ValueError(f"the listing of {path}: there is no such file")
        module = path.removesuffix(".py").replace("/", ".")
        code = "\n\n\n".join(object_source(root, f"{module}.{name}") for name in names)
        mark = f"<!--listing {path}{match['names']}-->"
        return f"{mark}\n```python\n{code}\n```\n<!--/listing-->"

    return LISTING.sub(fill, text)
