"""The recorded digests against the real sets, where these are as they were released."""

import zipfile
from pathlib import Path

import pytest

from mmbook.datasets.fetching.download import download, find_real
from mmbook.datasets.fetching.integrity import examine

# Not here: ESC-10, Tatoeba and Punkt, of which the copies that the tests read were changed.
UNCHANGED = ["mnist", "fashion-mnist", "fsdd", "easy-vqa", "flickr8k", "multi30k"]


@pytest.mark.parametrize("name", UNCHANGED)
def test_the_files_have_the_recorded_digests(real_data: Path, name: str) -> None:
    findings = [examine(source, real_data) for source in find_real(name).sources]
    assert {finding.state for finding in findings} == {"whole"}


def test_stop_words_have_the_recorded_digest(real_data: Path) -> None:
    assert examine(find_real("nltk").sources[0], real_data).state == "whole"


@pytest.mark.parametrize("name", ["fsdd", "easy-vqa"])
def test_an_archive_as_github_makes_it_becomes_what_is_read(
    real_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    (source,) = find_real(name).sources
    assert source.contents is not None
    with zipfile.ZipFile(tmp_path / source.file, "w") as archive:
        top = source.contents.inside.split("/")[0]
        archive.writestr(f"{top}/README.md", "not wanted")
        for path in (real_data / source.place).rglob("*"):
            inside = path.relative_to(real_data / source.place).as_posix()
            archive.write(path, f"{source.contents.inside}/{inside}")
    monkeypatch.setenv("MMBOOK_DATA", str(tmp_path / "data"))
    download(name, mirror=str(tmp_path))
    assert examine(source, tmp_path / "data").state == "whole"
    assert [path.name for path in (tmp_path / "data").iterdir() if path.is_file()] == [
        f".{name}.lock"
    ]
