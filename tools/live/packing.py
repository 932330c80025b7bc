"""Files as scripts: what a page can load from http and from file:// alike."""

import base64
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import zstandard

from tools.site.build import REPOSITORY

FOLDER = REPOSITORY / "assets" / "live"
LARGEST = 4_000_000  # bytes of one file


def pack(content: bytes) -> str:
    """Bytes as text: compressed by Zstandard, then base64."""
    return base64.b64encode(zstandard.ZstdCompressor(level=22).compress(content)).decode("ascii")


def unpack(text: str) -> bytes:
    """The bytes that `pack` made the text of."""
    return zstandard.ZstdDecompressor().decompress(base64.b64decode(text))


def script(comment: str, name: str, content: Mapping[str, Any]) -> str:
    """A script that hands `content` to the page: a comment, then `live.add(name, content);`."""
    lines = ",\n".join(f"{json.dumps(key)}: {json.dumps(value)}" for key, value in content.items())
    return f"/*! {comment} */\nlive.add({json.dumps(name)}, {{\n{lines}\n}});\n"


def handed_over(text: str) -> dict[str, Any]:
    """The content that `script` wrote at the end of a script."""
    call = text[text.rindex("\nlive.add(") :]
    return json.loads(call[call.index("{") : call.rindex("}") + 1])


def write(file: str, text: str) -> Path:
    """Write a file of `assets/live`; raises ValueError where it is larger than one may be."""
    if (size := len(text.encode())) > LARGEST:
        raise ValueError(f"{file} would have {size:,} bytes; at most {LARGEST:,} are allowed")
    path = FOLDER / file
    path.write_text(text, encoding="utf-8", newline="\n")
    return path
