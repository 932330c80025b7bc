"""Shards are plain tar files in WebDataset's layout, and damage is named, never passed over."""

import io
import tarfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mmbook.datasets.shards import Shard, ShardError, write_shards

SAMPLES = [
    {"__key__": f"{i:04}", "txt": f"caption {i}".encode(), "bin": bytes([i]) * (100 * i)}
    for i in range(10)
]


@pytest.fixture
def paths(tmp_path: Path) -> list[Path]:
    return write_shards(SAMPLES, tmp_path, 4)


def test_samples_come_back_shard_by_shard(paths: list[Path]) -> None:
    assert [path.name for path in paths] == [f"shard-{i:06}.tar" for i in range(3)]
    shards = [Shard(path) for path in paths]
    assert [len(shard) for shard in shards] == [4, 4, 2]
    found = [{"__key__": shard.keys[i], **shard[i]} for shard in shards for i in range(len(shard))]
    assert found == SAMPLES


def test_the_layout_is_that_of_tarfile(paths: list[Path], tmp_path: Path) -> None:
    with tarfile.open(paths[1]) as archive:
        names = [member.name for member in archive]
        assert names == [f"{i:04}.{end}" for i in range(4, 8) for end in ("txt", "bin")]
        assert archive.extractfile("0005.txt").read() == b"caption 5"  # type: ignore[union-attr]
    again = write_shards(SAMPLES, tmp_path / "again", 4)
    assert [a.read_bytes() for a in again] == [b.read_bytes() for b in paths]


def test_a_shard_of_others_is_read_with_folders_and_points(tmp_path: Path) -> None:
    path = tmp_path / "theirs.tar"
    with tarfile.open(path, "w", format=tarfile.USTAR_FORMAT) as archive:
        for name in ("a/1.jpg", "a/1.seg.png", "b/1.jpg"):
            member = tarfile.TarInfo(name)
            member.size = len(name)
            archive.addfile(member, io.BytesIO(name.encode()))
    shard = Shard(path)
    assert shard.keys == ["a/1", "b/1"] and set(shard[0]) == {"jpg", "seg.png"}
    assert shard[1] == {"jpg": b"b/1.jpg"}


def test_a_cut_between_members_ends_tarfile_in_silence_but_not_a_shard(paths: list[Path]) -> None:
    whole = paths[0].read_bytes()
    place = Shard(paths[0]).places[2]["txt"]
    paths[0].write_bytes(whole[: place.start + 512])  # after sample 2's first member
    with tarfile.open(paths[0]) as archive:
        assert len(archive.getnames()) == 5  # of 8, and nobody says so
    with pytest.raises(ShardError, match=r"shard-000000.tar: member '0002.txt', byte \d+"):
        Shard(paths[0])


def test_a_damaged_header_ends_tarfile_in_silence_but_not_a_shard(paths: list[Path]) -> None:
    content = bytearray(paths[0].read_bytes())
    place = Shard(paths[0]).places[2]["txt"]
    content[place.start - 3 * 512] ^= 1  # its extended header, which comes first
    paths[0].write_bytes(content)
    with tarfile.open(paths[0]) as archive:
        assert len(archive.getnames()) < 8
    with pytest.raises(ShardError, match=r"member '0001.bin', byte \d+"):
        Shard(paths[0])


def test_changed_content_is_found_when_it_is_read(paths: list[Path]) -> None:
    content = bytearray(paths[0].read_bytes())
    place = Shard(paths[0]).places[3]["bin"]
    content[place.start + 7] ^= 1
    paths[0].write_bytes(content)
    shard = Shard(paths[0])
    assert shard[2] == {"txt": b"caption 2", "bin": bytes([2]) * 200}
    with pytest.raises(ShardError, match=f"'0003.bin', byte {place.start}: .*checksum"):
        shard[3]


@settings(max_examples=40, deadline=None)
@given(length=st.integers(0, 8_000))
def test_no_cut_passes_unseen(length: int, tmp_path_factory: pytest.TempPathFactory) -> None:
    (path,) = write_shards(SAMPLES[:4], tmp_path_factory.mktemp("cut"), 4)
    whole = path.read_bytes()
    ends = Shard(path).places[-1]["bin"]
    end = ends.start + ends.size
    end += -end % 512 + 1024  # two blocks of zeros behind the last member
    path.write_bytes(whole[:length])
    if length >= end:
        assert len(Shard(path)) == 4
    else:
        with pytest.raises(ShardError, match=str(path)):
            Shard(path)


@pytest.mark.parametrize(
    "samples",
    [
        [{"txt": b"no key"}],
        [{"__key__": "a.b", "txt": b""}],
        [{"__key__": "a"}],
        [{"__key__": "a", "txt": "text"}],
        [{"__key__": "a", "txt": b""}, {"__key__": "a", "txt": b""}],
    ],
)
def test_what_is_no_sample_is_refused(samples: list[dict], tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=f"sample {len(samples) - 1}"):
        write_shards(samples, tmp_path, 2)
    with pytest.raises(ValueError, match="1 sample or more"):
        write_shards([], tmp_path, 0)
