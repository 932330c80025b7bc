"""What runs a network in a page is what its makers published, with licence, digest and size."""

import hashlib
import io
import tarfile
from pathlib import Path

import pytest

from tools.live import vendor
from tools.live.packing import FOLDER, LARGEST, handed_over, unpack
from tools.live.vendor import DECODER, MIT, RUNTIME, Package, fetched, without_map

TEXT = (FOLDER / "runtime.js").read_text(encoding="utf-8")
README = (FOLDER / "README.md").read_text(encoding="utf-8")


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@pytest.mark.parametrize("package", [RUNTIME, DECODER], ids=str)
def test_the_packages_are_named_with_digest_and_licence(package: Package) -> None:
    assert f"{package}: {package.licence}" in TEXT and MIT in TEXT
    assert f"| {package.name} | {package.version} | {package.licence}" in README
    assert package.sha256 in README


def test_the_runtime_is_the_one_that_the_readme_describes() -> None:
    assert sha256(TEXT.encode()) in README
    wasm = unpack(handed_over(TEXT)["wasm"])
    assert wasm.startswith(b"\0asm") and sha256(wasm) in README
    assert f"v{RUNTIME.version}" in TEXT


def test_every_file_is_small_enough() -> None:
    sizes = {file.name: file.stat().st_size for file in FOLDER.iterdir()}
    assert max(sizes.values()) <= LARGEST, sizes


def npm_that_packs(content: bytes):
    """A stand-in for `npm pack`, whose archive holds one file."""

    def run(command: list[str], **_: object) -> None:
        file = Path(command[-1], "some.tgz")
        with tarfile.open(file, "w:gz") as tar:
            entry = tarfile.TarInfo("package/a.js")
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))

    return run


def test_another_archive_than_the_pinned_one_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vendor.subprocess, "run", npm_that_packs(b"evil()"))
    with pytest.raises(ValueError, match=r"some 1\.0: the archive's SHA-256 is"):
        fetched(Package("some", "1.0", "0" * 64, "MIT"), ["a.js"])


def test_files_come_out_of_the_pinned_archive(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    npm = npm_that_packs(b"good()")
    npm([str(tmp_path)])
    archive = (tmp_path / "some.tgz").read_bytes()
    monkeypatch.setattr(
        vendor.subprocess,
        "run",
        lambda command, **_: Path(command[-1], "some.tgz").write_bytes(archive),
    )
    assert fetched(Package("some", "1.0", sha256(archive), "MIT"), ["a.js"]) == [b"good()"]


def test_a_source_map_that_is_not_shipped_is_not_named() -> None:
    assert without_map("a();\n//# sourceMappingURL=a.js.map\n") == "a();\n\n"
    assert "sourceMappingURL" not in TEXT
