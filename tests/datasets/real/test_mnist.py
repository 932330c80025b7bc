import gzip
import struct
from dataclasses import replace

import numpy as np
import pytest
import torch

from mmbook.datasets.entries import DataDamagedError, DataMissingError
from mmbook.datasets.fetching.sources import Contents, Source
from mmbook.datasets.real.mnist import FASHION_MNIST, MNIST, load_mnist, read_idx
from tests.datasets.fetching.downloads import sha256

UNRECORDED = replace(FASHION_MNIST, sources=())
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
    images, labels = load_mnist("train", UNRECORDED)
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
    with pytest.raises(DataMissingError, match="is not there"):
        load_mnist("train", UNRECORDED)
    (folder / "train-labels-idx1-ubyte").write_bytes(idx(LABELS[:2]))
    with pytest.raises(DataMissingError, match=r"neither train-images-idx3-ubyte nor.*31 MB.*MIT"):
        load_mnist("train", UNRECORDED)
    (folder / "train-images-idx3-ubyte").write_bytes(idx(PIXELS))
    with pytest.raises(DataDamagedError, match=r"\(3, 28, 28\).*\(2,\)"):
        load_mnist("train", UNRECORDED)


def write(folder, pixels=PIXELS, labels=LABELS, suffix=""):
    for name, values in (("images-idx3", pixels), ("labels-idx1", labels)):
        content = gzip.compress(idx(values)) if suffix else idx(values)
        (folder / f"train-{name}-ubyte{suffix}").write_bytes(content)


def recorded(dataset, pixels=PIXELS, labels=LABELS):
    """The set, with the digests of these files for those of its publisher."""
    sources = []
    for name, values in (("images-idx3", pixels), ("labels-idx1", labels)):
        place = f"{dataset.folder}/train-{name}-ubyte"
        contents = Contents(place, sha256=sha256(idx(values)))
        sources.append(Source(("https://example.org",), f"{place}.gz", contents=contents))
    return replace(dataset, sources=tuple(sources))


@pytest.mark.parametrize("suffix", ["", ".gz"])
def test_files_of_another_set_are_refused_by_their_digest(folder, suffix):
    write(folder, suffix=suffix)
    assert len(load_mnist("train", recorded(FASHION_MNIST))[1]) == 3
    for pixels, labels in ((PIXELS + 1, LABELS), (PIXELS, LABELS[::-1].copy())):
        write(folder, pixels, labels, suffix)
        which = "images" if labels is LABELS else "labels"
        with pytest.raises(DataDamagedError, match=f"train-{which}.*not the file of Fashion") as e:
            load_mnist("train", recorded(FASHION_MNIST))
        assert "python -m mmbook.datasets download fashion-mnist" in str(e.value)


@pytest.mark.parametrize("dataset", [MNIST, FASHION_MNIST], ids=lambda entry: entry.name)
def test_every_file_has_a_digest(dataset):
    assert len(dataset.sources) == 4
    assert all(source.contents and source.contents.sha256 for source in dataset.sources)


@pytest.mark.parametrize(
    "shape", [(3, 32, 32), (3, 28, 32), (3, 27, 28), (3, 784), (3,), (3, 28, 28, 1)]
)
def test_images_of_another_shape_are_refused(folder, shape):
    write(folder, np.zeros(shape, np.uint8))
    with pytest.raises(DataDamagedError, match=r"\(n, 28, 28\) and \(n,\) were expected"):
        load_mnist("train", UNRECORDED)
