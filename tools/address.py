"""The repository's address, wherever it stands: `make address REPOSITORY=https://github.com/NAME/REPO`.

`_config.yml` holds the address, or none, and the buttons of the site follow it. This writes it
there, and from there into the setup cells of the chapters, into CITATION.cff and into the pages. A
part of a page that makes sense only with an address stands between two lines, and is a comment as
long as there is none; `if no repository` is the opposite. Every `github.com/NAME/REPO` in it is
this repository's.

    <!--if repository-->
    git clone https://github.com/NAME/REPO
    <!--end-->

It needs no package, so it works in a clone where nothing is installed.
"""

import json
import re
import sys
from pathlib import Path

from tools.notebooks.setup_cell import setup_source

ROOT = Path(__file__).resolve().parents[1]
PLACEHOLDER = "NAME/REPO"
VALID = re.compile(r"https://github\.com/[A-Za-z0-9][A-Za-z0-9-]*/[\w.-]*[\w-]", re.A)
SETTING = re.compile(r"^(repository:\n(?:  .*\n)*?  url:) *(.*)$", re.M)
PART = re.compile(r"^<!--if (no )?repository(?:-->)?\n(.*?)^(?:<!--)?end-->$", re.M | re.S)
OPENING = re.compile(r"^<!--if (?:no )?repository\b", re.M)
# An owner and a name, as a clone address and as a launch button write them.
MENTION = re.compile(r"((?:github\.com|colab\.research\.google\.com/github)/)[\w.-]+/[\w.-]*[\w-]")
CITATION_LINE = re.compile(r"^repository-code:.*\n?", re.M)


def checked(address: str) -> str:
    """The address in the form in which it is stored; empty for none.

    Raises `ValueError` where it is not that of a repository on GitHub, the only host that both
    Colab and the site's buttons know how to open.
    """
    bare = address.strip().removesuffix("/").removesuffix(".git")
    if bare and (not VALID.fullmatch(bare) or bare.endswith(f"/{PLACEHOLDER}")):
        raise ValueError(
            f"{address!r} is not the address of a repository: it must look like "
            f"https://github.com/{PLACEHOLDER}, with your own names (or be empty, for none)"
        )
    return bare


def stored_address(root: Path) -> str:
    """The address in `_config.yml`; empty where there is none."""
    setting = SETTING.search((root / "_config.yml").read_text(encoding="utf-8"))
    return checked(setting[2].strip("\"'")) if setting else ""


def documents(root: Path) -> list[Path]:
    """Every text file with parts that are filled in: pages, and CITATION.cff."""
    folders = [root / name for name in ("chapters", "data")]
    pages = [*root.glob("*.md"), *root.glob("CITATION.cff")]
    return sorted([*pages, *(page for folder in folders for page in folder.rglob("*.md"))])


def notebooks(folder: Path) -> list[Path]:
    """Every notebook in a folder, but not the copies that Jupyter keeps."""
    found = folder.rglob("*.ipynb")
    return sorted(path for path in found if ".ipynb_checkpoints" not in path.parts)


def fill_address(text: str, address: str) -> str:
    """The text of a page, or of CITATION.cff, as it is with this address, or with none.

    Raises `ValueError` where the beginning and the end of a part do not fit together.
    """
    if text.startswith("cff-version:"):
        return CITATION_LINE.sub("", text) + (f"repository-code: {address}\n" if address else "")
    if len(OPENING.findall(text)) != len(PART.findall(text)):
        raise ValueError("a part that begins with <!--if repository--> has no line <!--end-->")
    return PART.sub(lambda part: _part(part[1] or "", part[2], address), text)


def _part(no: str, body: str, address: str) -> str:
    if OPENING.search(body) or "-->" in body:
        raise ValueError("a part that begins with <!--if repository--> holds another comment")
    body = MENTION.sub(rf"\g<1>{'/'.join(address.split('/')[-2:]) or PLACEHOLDER}", body)
    if bool(address) != bool(no):
        return f"<!--if {no}repository-->\n{body}<!--end-->"
    return f"<!--if {no}repository\n{body}end-->"


def fill_notebook(text: str, address: str) -> str:
    """The text of a notebook's file with the setup cell for this address, or for none."""
    notebook = json.loads(text)
    source = setup_source(address).splitlines(keepends=True)
    setup = [c for c in notebook["cells"] if "setup" in c["metadata"].get("tags", [])]
    if all(cell["source"] == source for cell in setup):
        return text
    for cell in setup:
        cell["source"] = source
    return json.dumps(notebook, ensure_ascii=False, indent=1) + "\n"


def set_address(root: Path, address: str) -> list[Path]:
    """Write `address`, or none if it is empty, wherever it stands; return the files that changed.

    Raises `ValueError` before any file is written where something is wrong.
    """
    address = checked(address)
    settings = root / "_config.yml"
    text = settings.read_text(encoding="utf-8")
    if not SETTING.search(text):
        raise ValueError(f'{settings} has no repository.url, which may be "" but must be there')
    url = address or '""'
    written = {settings: SETTING.sub(lambda setting: f"{setting[1]} {url}", text)}
    for paths, fill in (
        (documents(root), fill_address),
        (notebooks(root / "chapters"), fill_notebook),
    ):
        for path in paths:
            try:
                written[path] = fill(path.read_text(encoding="utf-8"), address)
            except (ValueError, KeyError) as error:
                raise ValueError(f"{path}: {error}") from None
    changed = [p for p, new in written.items() if p.read_text(encoding="utf-8") != new]
    for path in changed:
        path.write_text(written[path], encoding="utf-8")
    return changed


def main(arguments: list[str]) -> int:
    """Carry out the command; 0 where the address was one."""
    if len(arguments) != 1:
        print(__doc__, file=sys.stderr)
        return 2
    try:
        changed = set_address(ROOT, arguments[0])
    except ValueError as error:
        print(error, file=sys.stderr)
        return 1
    print(f"The repository: {stored_address(ROOT) or 'none'}. Files written: {len(changed)}.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
