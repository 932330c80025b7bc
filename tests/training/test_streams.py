"""Batches come in the same order from wherever the samples are."""

from collections.abc import Callable
from dataclasses import replace
from itertools import islice
from pathlib import Path

import numpy
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from mmbook.batch import Batch
from mmbook.evaluation import predict
from mmbook.training import Generated, Shuffled, Stream, Validation, batch_order, fit
from tests.training.runs import CONFIG, classifier, separable


class MemoryMapped:
    """Samples in two files, of which only the rows that are asked for are read."""

    def __init__(self, folder: Path) -> None:
        self.paths = [folder / "points.npy", folder / "labels.npy"]
        self.points, self.labels = (numpy.load(path, mmap_mode="r") for path in self.paths)

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, rows: Tensor) -> Batch:
        points, labels = (torch.from_numpy(x[rows.numpy()]) for x in (self.points, self.labels))
        return Batch({"point": points}, {"label": labels})

    def fingerprint(self) -> str:
        facts = [(path.name, path.stat().st_size, path.stat().st_mtime_ns) for path in self.paths]
        return repr(facts)


class Files:
    """Samples in a file each, which are read when they are asked for."""

    def __init__(self, folder: Path) -> None:
        self.paths = sorted(folder.glob("*.pt"))
        self.read: list[int] = []

    def __len__(self) -> int:
        return len(self.paths)

    def __getitem__(self, rows: Tensor) -> Batch:
        self.read += rows.tolist()
        found = [torch.load(self.paths[row]) for row in rows.tolist()]
        points, labels = (torch.stack(values) for values in zip(*found, strict=True))
        return Batch({"point": points}, {"label": labels})

    def fingerprint(self) -> str:
        raise AssertionError("nobody asked for a checkpoint")


@pytest.fixture
def sources(tmp_path: Path) -> tuple[MemoryMapped, Files]:
    samples = separable()
    numpy.save(tmp_path / "points.npy", samples.inputs["point"].numpy())
    numpy.save(tmp_path / "labels.npy", samples.target.numpy())
    for row, pair in enumerate(zip(samples.inputs["point"], samples.target, strict=True)):
        torch.save(tuple(x.clone() for x in pair), tmp_path / f"{row:03}.pt")
    return MemoryMapped(tmp_path), Files(tmp_path)


@pytest.mark.parametrize("kind", [0, 1], ids=["memory-mapped", "files"])
def test_training_and_prediction_are_those_of_samples_in_memory(
    sources: tuple[MemoryMapped, Files], kind: int
) -> None:
    source, model, expected = sources[kind], classifier(), classifier()
    history = fit(model, source, CONFIG, validation=Validation(source, every=10), progress=False)
    samples = separable()
    same = fit(expected, samples, CONFIG, validation=Validation(samples, every=10), progress=False)
    assert history.losses == same.losses
    assert history.validation_losses == same.validation_losses
    for a, b in zip(model.parameters(), expected.parameters(), strict=True):
        assert a.equal(b)
    assert predict(model, source, 7).equal(predict(model, samples, 7))


def test_only_the_rows_of_a_step_are_read(sources: tuple[MemoryMapped, Files]) -> None:
    files = sources[1]
    fit(classifier(), files, CONFIG, progress=False)
    order = islice(batch_order(50, 15, CONFIG.seed), CONFIG.steps)
    assert files.read == torch.cat(list(order)).tolist()


def test_a_cheap_fingerprint_is_enough_for_a_checkpoint(
    sources: tuple[MemoryMapped, Files], tmp_path: Path
) -> None:
    path, source = tmp_path / "run", sources[0]
    first = fit(classifier(), source, CONFIG, checkpoint=path, progress=False)
    assert first.losses == fit(classifier(), source, CONFIG, checkpoint=path, progress=False).losses
    source.paths[0].touch()
    with pytest.raises(ValueError, match="another data;"):
        fit(classifier(), source, CONFIG, checkpoint=path, progress=False)


def numbers(generator: torch.Generator, count: int) -> Batch:
    return Batch({"point": torch.rand(count, 4, generator=generator)})


STREAMS: dict[str, Callable[[int], Stream]] = {
    "shuffled": lambda size: Shuffled(separable(), size, 3),
    "generated": lambda size: Generated(numbers, size, 3),
}


@pytest.mark.parametrize("kind", STREAMS)
@settings(max_examples=25, deadline=None)
@given(size=st.integers(1, 120), parts=st.integers(1, 9), step=st.integers(0, 30))
def test_parts_make_up_the_batch_and_differ_by_one(
    kind: str, size: int, parts: int, step: int
) -> None:
    stream = STREAMS[kind](size)
    whole = stream.batch(step)
    pieces = [stream.batch(step, part, parts) for part in range(parts)]
    lengths = [len(piece) for piece in pieces]
    assert len(whole) == size == sum(lengths) and max(lengths) - min(lengths) <= 1
    assert torch.cat([p.inputs["point"] for p in pieces]).equal(whole.inputs["point"])


@pytest.mark.parametrize("kind", STREAMS)
def test_steps_and_seeds_differ_and_stay_the_same(kind: str) -> None:
    stream = STREAMS[kind](20)
    first = stream.batch(0).inputs["point"]
    assert first.equal(stream.batch(0).inputs["point"])
    assert not first.equal(stream.batch(1).inputs["point"])


def test_fingerprints_tell_streams_apart() -> None:
    streams = [
        *(Shuffled(separable(seed=data), size, seed) for data, size, seed in SETTINGS),
        *(Generated(make, 15, 0) for make in (numbers, lambda g, n: numbers(g, n))),
        Generated(numbers, 16, 0),
        Generated(numbers, 15, 1),
    ]
    assert len({stream.fingerprint() for stream in streams}) == len(streams)
    assert Shuffled(separable(), 15).fingerprint() == Shuffled(separable(), 15).fingerprint()


SETTINGS = [(0, 15, 0), (1, 15, 0), (0, 16, 0), (0, 15, 1)]


def test_a_data_set_is_shuffled_as_the_settings_say() -> None:
    stream = Shuffled(separable(), CONFIG.batch_size, CONFIG.seed)
    streamed = fit(classifier(), stream, CONFIG, progress=False)
    assert streamed.losses == fit(classifier(), separable(), CONFIG, progress=False).losses


def test_a_part_without_a_sample_is_refused() -> None:
    with pytest.raises(ValueError, match="step 0 has no sample for each of its 3 parts"):
        stream = Shuffled(separable(), 2)
        fit(classifier(), stream, replace(CONFIG, accumulate=3), progress=False)
