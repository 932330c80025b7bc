"""Fetch what runs a network in a page: `python -m tools.live.vendor`. It needs npm, and a network.

The packages below become one script, `assets/live/runtime.js`, which a page loads when a reader
first uses a network. The WebAssembly in it is compressed by Zstandard: that takes a third off what
gzip leaves, for a decoder of 8 kB.
"""

import hashlib
import io
import re
import subprocess
import sys
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

from mmbook.command_line import reported
from tools.live.packing import pack, script, write


@dataclass(frozen=True)
class Package:
    """A version of a package on npm, the SHA-256 of its archive, and its licence."""

    name: str
    version: str
    sha256: str
    licence: str

    def __str__(self) -> str:
        return f"{self.name} {self.version}"


RUNTIME = Package(
    "onnxruntime-web",
    "1.30.0",
    "d2228df7e4616bc3348bf504ee888f3bec43789a273f0a63f3e68d203ce3bf71",
    "MIT, Copyright (c) Microsoft Corporation",
)
DECODER = Package(
    "fzstd",
    "0.1.1",
    "5ed2ee2d3439067be211d0093292c708a831045372342c897437e5a4997c45c5",
    "MIT, Copyright (c) 2020 Arjun Barrett",
)
MIT = """\
Permission is hereby granted, free of charge, to any person obtaining a copy of this software and
associated documentation files (the "Software"), to deal in the Software without restriction,
including without limitation the rights to use, copy, modify, merge, publish, distribute,
sublicense, and/or sell copies of the Software, and to permit persons to whom the Software is
furnished to do so, subject to the following conditions: The above copyright notice and this
permission notice shall be included in all copies or substantial portions of the Software. THE
SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT
LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND
NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM,
DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT
OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE."""


def fetched(package: Package, files: list[str]) -> list[bytes]:
    """Files of a package; raises ValueError where the archive is not the one that was pinned."""
    with tempfile.TemporaryDirectory() as folder:
        command = ["npm", "pack", f"{package.name}@{package.version}", "--pack-destination", folder]
        subprocess.run(command, check=True, capture_output=True)
        archive = next(Path(folder).glob("*.tgz")).read_bytes()
    if (digest := hashlib.sha256(archive).hexdigest()) != package.sha256:
        raise ValueError(f"{package}: the archive's SHA-256 is {digest}, not {package.sha256}")
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        members = [tar.extractfile(f"package/{file}") for file in files]
        return [member.read() for member in members if member]


def runtime() -> str:
    """The script of decoder and runtime, which hands over the runtime's WebAssembly."""
    (decoder,) = fetched(DECODER, ["umd/index.js"])
    code, module, wasm = fetched(
        RUNTIME,
        [
            "dist/ort.wasm.min.js",
            "dist/ort-wasm-simd-threaded.mjs",
            "dist/ort-wasm-simd-threaded.wasm",
        ],
    )
    licences = "\n".join(f"{package}: {package.licence}" for package in (DECODER, RUNTIME))
    parts = [
        f"/*! Made by `python -m tools.live.vendor`.\n\n{licences}\n\n{MIT} */",
        # No loader of modules, such as RequireJS, may take the two for its own.
        "(function (define, module, exports) {",
        decoder.decode(),
        without_map(code.decode()),
        "self.ort = ort;\n})();",
        script(str(RUNTIME), "runtime", {"module": module.decode(), "wasm": pack(wasm)}),
    ]
    return "\n".join(parts)


def without_map(code: str) -> str:
    """Code without the line that names a source map, which is not shipped."""
    return re.sub(r"^//# sourceMappingURL=.*$", "", code, flags=re.M)


@reported
def main(words: list[str]) -> int:
    """Fetch and write from the command line."""
    path = write("runtime.js", runtime())
    print(f"{path}: SHA-256 {hashlib.sha256(path.read_bytes()).hexdigest()}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
