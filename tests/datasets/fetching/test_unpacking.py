"""Archives that are damaged or hostile: all of them appears, or nothing."""

import gzip
import io
import random
import stat
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from mmbook.datasets.entries import DataDamagedError
from mmbook.datasets.fetching import unpacking
from mmbook.datasets.fetching.integrity import contents_fault, file_fault, folder_digest
from mmbook.datasets.fetching.sources import Contents, Source
from mmbook.datasets.fetching.unpacking import unpack
from tests.datasets.fetching.downloads import FILES, sha256, zipped

EVERYTHING = Contents("set", inside="set")


@pytest.fixture
def inner(tmp_path: Path) -> Path:
    """A folder in a folder, so that what leaves it can be seen."""
    folder = tmp_path / "outer" / "inner"
    folder.mkdir(parents=True)
    return folder


def everything(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*")}


def unzip(inner: Path, content: bytes, contents: Contents = EVERYTHING) -> None:
    (inner / "set.zip").write_bytes(content)
    unpack(inner / "set.zip", contents, inner / "set")


def test_the_chosen_folder_and_files_are_taken(inner: Path) -> None:
    unzip(inner, zipped({"set/a/x.txt": b"1", "set/y.bin": b"2", "other/z.txt": b"3", "set/": b""}))
    assert everything(inner / "set") == {"a", "a/x.txt", "y.bin"}
    contents = Contents("only", inside="set", pattern="*.txt", files=1, size=1)
    unpack(inner / "set.zip", contents, inner / "only")
    assert everything(inner / "only") == {"a", "a/x.txt"}


@pytest.mark.parametrize(
    "name", ["../x", "set/../../x", "/x", "set/..\\x", "C:\\x", "set/a/../../../../x"]
)
def test_no_member_leaves_the_folder(inner: Path, name: str) -> None:
    with pytest.raises(DataDamagedError, match="would lie outside"):
        unzip(inner, zipped({"set/good": b"1", name: b"evil"}))
    assert everything(inner.parents[1]) == {"outer", "outer/inner", "outer/inner/set.zip"}


def test_links_are_refused(inner: Path) -> None:
    member = zipfile.ZipInfo("set/link")
    member.external_attr = (stat.S_IFLNK | 0o777) << 16
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(member, "/etc/passwd")
    with pytest.raises(DataDamagedError, match="'set/link' is a link"):
        unzip(inner, buffer.getvalue())


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("second", ["set/x", "set/x/y"])
def test_members_that_collide_are_refused(inner: Path, second: str) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("set/x", "1")
        archive.writestr(second, "2")
    with pytest.raises(DataDamagedError, match=r"set\.zip cannot be used"):
        unzip(inner, buffer.getvalue())
    assert everything(inner) == {"set.zip"}


def test_nothing_grows_beyond_its_size(inner: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = bytes(5_000_000)
    contents = Contents("set", size=4_999_999, inside="set")
    with pytest.raises(DataDamagedError, match="more than it should"):
        unzip(inner, zipped({"set/a": bomb[1:], "set/b": b"12"}), contents)
    (inner / "x.gz").write_bytes(gzip.compress(bomb))
    with pytest.raises(DataDamagedError, match="more than it should"):
        unpack(inner / "x.gz", Contents("x", size=10), inner / "x")
    monkeypatch.setattr(unpacking, "LARGEST", 1000)
    with pytest.raises(DataDamagedError, match="more than it should"):
        unpack(inner / "x.gz", Contents("x"), inner / "x")
    assert everything(inner) == {"set.zip", "x.gz"}


def test_what_a_killed_process_left_is_removed(inner: Path) -> None:
    (inner / ".set.unpacking").mkdir()
    (inner / ".set.unpacking" / "half").write_bytes(b"ha")
    unzip(inner, zipped({"set/x": b"1"}))
    assert everything(inner) == {"set.zip", "set", "set/x"}


ARCHIVE = zipped({f"set/{name}": content for name, content in FILES.items()})
GZIPPED = gzip.compress(random.Random(1).randbytes(300), mtime=0)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_turned_bytes_raise_only_the_named_error(tmp_path_factory, data) -> None:
    inner = tmp_path_factory.mktemp("turned")
    good, name = data.draw(st.sampled_from([(ARCHIVE, "set.zip"), (GZIPPED, "x.gz")]))
    content = bytearray(good)
    for _ in range(data.draw(st.integers(1, 3))):
        content[data.draw(st.integers(0, len(good) - 1))] = data.draw(st.integers(0, 255))
    (inner / name).write_bytes(content[: data.draw(st.integers(0, len(good)))])
    file_fault(inner / name, Source(("http://example.org",), name))
    try:
        unpack(inner / name, EVERYTHING, inner / "set")
    except DataDamagedError:
        assert everything(inner) == {name}
    else:
        assert everything(inner) > {name, "set"} or (inner / "set").exists()


@given(st.binary(max_size=200))
@example(b"PK\x05\x06" + bytes(18))
def test_any_bytes_raise_only_the_named_error(tmp_path_factory, content: bytes) -> None:
    inner = tmp_path_factory.mktemp("any")
    for name in ("x.zip", "x.gz"):
        (inner / name).write_bytes(content)
        file_fault(inner / name, Source(("http://example.org",), name))
        try:
            unpack(inner / name, Contents("x", files=3), inner / "x")
        except DataDamagedError:
            assert not (inner / "x").exists()


def test_faults_are_told_apart(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"12345")
    good = Source(("http://example.org",), "file", 5, sha256(b"12345"))
    assert file_fault(file, good) == ""
    shorter = Source(("http://example.org",), "file", 6, sha256(b"12345"))
    assert file_fault(file, shorter) == "it has 5 bytes instead of 6"
    other = Source(("http://example.org",), "file", 5, sha256(b"1234x"))
    assert file_fault(file, other).startswith("its sha256 is 5994471abb")
    assert contents_fault(file, Contents("file", 5, sha256(b"12345"))) == ""
    assert "instead of" in contents_fault(file, Contents("file", 5, sha256(b"1234x")))


def test_the_digest_of_a_folder_is_that_of_coreutils(tmp_path: Path) -> None:
    for name in ("b", "a/é", "a/字", "B"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(name.encode())
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    # find . -type f -printf '%P\0' | LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum
    expected = "f6039c2bc39bcb0f34cb5afee6d79d646832349a3f0aa103eef55f15e9cfc432"
    assert folder_digest(tmp_path, files) == expected
    contents = Contents("x", sha256=expected, files=4)
    assert contents_fault(tmp_path, contents) == ""
    (tmp_path / "b").write_bytes(b"c")
    assert contents_fault(tmp_path, contents).startswith("its sha256 is")
    (tmp_path / "c").write_bytes(b"")
    assert contents_fault(tmp_path, contents) == "it holds 5 files instead of 4"
