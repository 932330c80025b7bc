import gzip
import struct

import numpy as np
import pytest
import torch

from mmbook.datasets.real.base import DataDamagedError, DataMissingError
from mmbook.datasets.real.mnist import FASHION_MNIST, load_mnist, read_idx

PIXELS = np.arange(3 * 28 * 28, dtype=np.uint32).astype(np.uint8).reshape(3, 28, 28)
LABELS = np.array([5, 0, 4], np.uint8)


def idx(values):
    return (
        bytes((0, 0, 8, values.ndim))
        + struct.pack(f">{values.ndim}I", *values.shape)
        + (values.tobytes())
    )


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("MMBOOK_DATA", str(tmp_path))
    raw = tmp_path / "FashionMNIST" / "raw"
    raw.mkdir(parents=True)
    return raw


@pytest.mark.parametrize("zipped", [False, True])
def test_reads_raw_and_gzipped_files(folder, zipped):
    for name, values in (("images-idx3", PIXELS), ("labels-idx1", LABELS)):
        content = gzip.compress(idx(values)) if zipped else idx(values)
        (folder / f"train-{name}-ubyte{'.gz' if zipped else ''}").write_bytes(content)
    images, labels = load_mnist("train", FASHION_MNIST)
    assert torch.equal(images, torch.from_numpy(PIXELS))
    assert labels.tolist() == [5, 0, 4]


@pytest.mark.parametrize(
    ("content", "cause"),
    [
        (b"", "begins with nothing"),
        (b"<html>", "no IDX file"),
        (idx(PIXELS)[:-1], "cut short"),
        (idx(PIXELS) + b"x", "cut short"),
        (idx(PIXELS)[:10], "cut short"),
    ],
)
def test_a_damaged_file_is_named(tmp_path, content, cause):
    path = tmp_path / "train-images-idx3-ubyte"
    path.write_bytes(content)
    with pytest.raises(DataDamagedError, match=f"train-images.*{cause}"):
        read_idx(path)


@pytest.mark.parametrize("damage", [lambda c: c[:-20], lambda c: b"not gzip", lambda c: c[:40]])
def test_a_damaged_gzip_is_named(tmp_path, damage):
    path = tmp_path / "train-images-idx3-ubyte.gz"
    path.write_bytes(damage(gzip.compress(idx(PIXELS))))
    with pytest.raises(DataDamagedError, match=r"cannot unpack .*ubyte\.gz.*fetch it again"):
        read_idx(path)


def test_a_damaged_deflate_stream_is_named(tmp_path):
    path = tmp_path / "train-images-idx3-ubyte.gz"
    content = bytearray(gzip.compress(idx(PIXELS)))
    content[20:40] = bytes(20)
    path.write_bytes(content)
    with pytest.raises(DataDamagedError, match="cannot unpack"):
        read_idx(path)


def test_missing_and_unequal_files_are_refused(folder):
    with pytest.raises(DataMissingError, match="neither train-images-idx3-ubyte nor"):
        load_mnist("train", FASHION_MNIST)
    (folder / "train-images-idx3-ubyte").write_bytes(idx(PIXELS))
    (folder / "train-labels-idx1-ubyte").write_bytes(idx(LABELS[:2]))
    with pytest.raises(DataDamagedError, match=r"\(3, 28, 28\).*\(2,\)"):
        load_mnist("train", FASHION_MNIST)
