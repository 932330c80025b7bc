"""A step follows from its number: whatever reads, in how many processes, after whatever break."""

import json
import subprocess
import sys
from collections import Counter
from itertools import islice
from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from mmbook.batch import Batch
from mmbook.datasets.shards import Lane, ShardReader, ShardStream, write_shards

COUNT = 50


def decode(samples: list[dict]) -> Batch:
    """The numbers that are the keys."""
    numbers = torch.tensor([int(sample["__key__"]) for sample in samples])
    assert [s["txt"] == f"{n}".encode() for s, n in zip(samples, numbers, strict=True)]
    return Batch({"number": numbers})


def stream(folder: Path, **options: int) -> ShardStream:
    paths = sorted(folder.glob("*.tar"))
    if not paths:
        samples = [{"__key__": f"{i:04}", "txt": f"{i}".encode()} for i in range(COUNT)]
        paths = write_shards(samples, folder, 6)
    return ShardStream(paths, decode, **({"size": 12, "lanes": 4, "buffer": 5} | options))


def numbers(batch: Batch) -> list[int]:
    return batch.inputs["number"].tolist()


@given(
    st.lists(st.integers(0, 9), min_size=1, max_size=6).filter(any),
    st.integers(1, 12),
    st.integers(0, 99),
)
def test_an_epoch_is_each_sample_once_in_an_order_of_its_own(sizes, buffer, seed) -> None:
    lane = Lane(tuple(range(len(sizes))), tuple(sizes), buffer, seed)
    every = sorted((shard, i) for shard, size in enumerate(sizes) for i in range(size))
    for epoch in (0, 1):
        assert sorted(lane.epoch(epoch)) == every
        assert list(lane.epoch(epoch)) == list(lane.epoch(epoch))
    later = list(islice(lane.from_sample(len(every) + 1), len(every) - 1))
    assert later == list(lane.epoch(1))[1:]


def test_nothing_leaves_before_it_is_read_and_orders_differ() -> None:
    lane = Lane((0,), (100,), 10, 0)
    order = [sample for _, sample in lane.epoch(0)]
    assert all(sample <= i + 10 for i, sample in enumerate(order))
    assert order != sorted(order)
    assert order != [sample for _, sample in lane.epoch(1)]
    assert order != [sample for _, sample in Lane((0,), (100,), 10, 1).epoch(0)]


def test_parts_make_up_the_batch_and_open_shards_of_their_own(tmp_path: Path) -> None:
    whole = stream(tmp_path)
    for parts in (1, 2, 4):
        readers = [stream(tmp_path) for _ in range(parts)]
        for step in (0, 1, 7, 3):
            found = [numbers(r.batch(step, i, parts)) for i, r in enumerate(readers)]
            assert [n for part in found for n in part] == numbers(whole.batch(step))
            assert {len(part) for part in found} == {12 // parts}
        opened = [set(reader._sizes) for reader in readers]
        assert sum(map(len, opened)) == len(set.union(*opened)) == len(whole.paths)


def test_one_lane_sees_every_sample_once_an_epoch(tmp_path: Path) -> None:
    one = stream(tmp_path, size=10, lanes=1)
    seen = Counter(n for step in range(10) for n in numbers(one.batch(step)))
    assert seen == {n: 2 for n in range(COUNT)}


def test_a_reader_goes_on_after_it_was_killed(tmp_path: Path) -> None:
    program = (
        "import json, os, signal, sys; from pathlib import Path; "
        "from tests.datasets.shards.test_streams import numbers, stream; "
        "from mmbook.datasets.shards import ShardReader; "
        "folder = Path(sys.argv[1]); reader = ShardReader(stream(folder), 1, 2); "
        "print(json.dumps([numbers(next(reader)) for _ in range(9)])); "
        "(folder / 'state').write_text(json.dumps(reader.state_dict())); "
        "[next(reader) for _ in range(3)]; sys.stdout.flush(); os.kill(os.getpid(), signal.SIGKILL)"
    )
    expected = [numbers(batch) for batch in islice(ShardReader(stream(tmp_path), 1, 2), 15)]
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)], capture_output=True, text=True
    )
    assert done.returncode == -9 and json.loads(done.stdout) == expected[:9]
    reader = ShardReader(stream(tmp_path), 1, 2)
    reader.load_state_dict(json.loads((tmp_path / "state").read_text()))
    assert [numbers(batch) for batch in islice(reader, 6)] == expected[9:]
    other = ShardReader(stream(tmp_path, seed=1), 1, 2)
    with pytest.raises(ValueError, match="another size, seed"):
        other.load_state_dict(reader.state_dict())


def test_what_does_not_fit_is_refused(tmp_path: Path) -> None:
    good = stream(tmp_path)
    for wrong in ({"size": 10}, {"lanes": 0}, {"buffer": 0}):
        with pytest.raises(ValueError, match="size"):
            stream(tmp_path, **wrong)
    with pytest.raises(ValueError, match="as many shards"):
        stream(tmp_path, size=100, lanes=100)
    for part, parts in ((0, 3), (2, 2), (0, 8)):
        with pytest.raises(ValueError, match=f"part {part} of {parts}"):
            good.batch(0, part, parts)
    (empty,) = write_shards([{"__key__": "0", "txt": b""}], tmp_path / "other", 1)
    empty.write_bytes(bytes(10240))
    with pytest.raises(ValueError, match="hold no sample"):
        ShardStream([empty], decode, 1).batch(0)
