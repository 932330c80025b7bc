"""The order in which shards are read: at random, by several readers, and to be taken up again."""

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mmbook.batch import Batch
from mmbook.datasets.shards.files import KEY, Shard


@dataclass(frozen=True)
class Lane:
    """Shards that are read one behind the other, by one reader; sizes: samples of each of them."""

    shards: tuple[int, ...]
    sizes: tuple[int, ...]
    buffer: int
    seed: int

    def epoch(self, number: int) -> Iterator[tuple[int, int]]:
        """The (shard, sample) of an epoch in its order, drawn from (seed, epoch, lane).

        Shards in random order, their samples through a buffer: each time one of those in it leaves
        at random and the next one read takes its place. What leaves was read at most so far ahead
        as the buffer is large.
        """
        chance = random.Random(f"{self.seed} {number} {self.shards}")
        order = sorted(zip(self.shards, self.sizes, strict=True), key=lambda _: chance.random())
        held: list[tuple[int, int]] = []
        for shard, size in order:
            for sample in range(size):
                held.append((shard, sample))
                if len(held) > self.buffer:
                    yield _taken(held, chance)
        while held:
            yield _taken(held, chance)

    def from_sample(self, count: int) -> Iterator[tuple[int, int]]:
        """Epoch after epoch, from behind the first `count` samples on: numbers only, no file."""
        epoch, skipped = divmod(count, sum(self.sizes))
        while True:
            for i, place in enumerate(self.epoch(epoch)):
                if i >= skipped:
                    yield place
            epoch, skipped = epoch + 1, 0


def _taken(held: list[tuple[int, int]], chance: random.Random) -> tuple[int, int]:
    at = int(chance.random() * len(held))
    held[at], held[-1] = held[-1], held[at]
    return held.pop()


@dataclass
class ShardStream:
    """Batches out of shards: a `Stream` for the training loop; see `mmbook.training.streams`.

    paths: the shards. decode: [samples, each {"__key__": str, extension: bytes}] -> Batch. size:
    samples of a step. lanes: into how many the shards are dealt, like cards; each gives an equal
    part of each batch, in its own order, so that a process opens the shards of its lanes alone.
    buffer: samples among which each lane draws.
    A step follows from its number: a run that goes on, or a process among many, gets what one run
    without a break would. A lane with fewer samples comes round sooner.
    Raises ValueError where shards, sizes or lanes do not fit, and ShardError for a damaged shard.
    """

    paths: Sequence[Path]
    decode: Callable[[list[dict[str, Any]]], Batch]
    size: int
    lanes: int = 1
    buffer: int = 1000
    seed: int = 0
    _sizes: dict[int, int] = field(default_factory=dict, init=False, repr=False)
    _open: dict[int, Shard] = field(default_factory=dict, init=False, repr=False)
    _waiting: dict[int, tuple[int, Iterator[tuple[int, int]]]] = field(
        default_factory=dict, init=False, repr=False
    )

    def __post_init__(self) -> None:
        if self.lanes < 1 or self.buffer < 1 or self.size < 1 or self.size % self.lanes:
            raise ValueError(
                f"size, lanes and buffer must be 1 or more, and size a multiple of lanes, not "
                f"{self.size}, {self.lanes}, {self.buffer}"
            )
        if len(self.paths) < self.lanes:
            raise ValueError(f"{self.lanes} lanes need as many shards, not {len(self.paths)}")

    def batch(self, step: int, part: int = 0, parts: int = 1) -> Batch:
        """The samples of a part of a step's batch: those of its lanes."""
        if parts < 1 or not 0 <= part < parts or self.lanes % parts:
            raise ValueError(
                f"part {part} of {parts}: {self.lanes} lanes can be shared among 1 to "
                f"{self.lanes} parts that divide it"
            )
        each = self.lanes // parts
        return self.decode(
            [
                s
                for lane in range(part * each, part * each + each)
                for s in self._samples(lane, step)
            ]
        )

    def _samples(self, lane: int, step: int) -> list[dict[str, Any]]:
        count = self.size // self.lanes
        at, places = self._waiting.pop(lane, (-1, iter(())))
        if at != step:
            places = self._lane(lane).from_sample(step * count)
        found = [self._read(*next(places)) for _ in range(count)]
        self._waiting[lane] = (step + 1, places)
        return found

    def _lane(self, number: int) -> Lane:
        shards = tuple(range(number, len(self.paths), self.lanes))
        for shard in shards:
            if shard not in self._sizes:
                self._sizes[shard] = len(self._shard(shard))
        sizes = tuple(self._sizes[shard] for shard in shards)
        if not sum(sizes):
            raise ValueError(f"the shards of lane {number} hold no sample")
        return Lane(shards, sizes, self.buffer, self.seed)

    def _read(self, shard: int, sample: int) -> dict[str, Any]:
        opened = self._shard(shard)
        return {KEY: opened.keys[sample], **opened[sample]}

    def _shard(self, number: int) -> Shard:
        if number not in self._open:
            while len(self._open) >= 4 * self.lanes:  # files that may be open
                self._open.pop(next(iter(self._open))).close()
            self._open[number] = Shard(Path(self.paths[number]))
        return self._open[number]

    def fingerprint(self) -> str:
        """Names and sizes of the shards, and what decides the order; not what `decode` does."""
        files = [(Path(path).name, Path(path).stat().st_size) for path in self.paths]
        return f"{files} {self.size} {self.lanes} {self.buffer} {self.seed}"


class ShardReader:
    """The batches of a stream one after another, for loops other than ours; it can be taken up.

    part, parts: as in `ShardStream.batch`. `state_dict` names the step that comes next.
    """

    def __init__(self, stream: ShardStream, part: int = 0, parts: int = 1) -> None:
        self.stream, self.part, self.parts, self.step = stream, part, parts, 0

    def __iter__(self) -> Iterator[Batch]:
        return self

    def __next__(self) -> Batch:
        batch = self.stream.batch(self.step, self.part, self.parts)
        self.step += 1
        return batch

    def state_dict(self) -> dict[str, Any]:
        """The next step, and what tells whether the stream is the same."""
        return {"step": self.step, "stream": self.stream.fingerprint()}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Goes on there. Raises ValueError where the state is of another stream."""
        if state["stream"] != self.stream.fingerprint():
            raise ValueError(
                "the state is of other shards, or of another size, seed, buffer or number of lanes"
            )
        self.step = int(state["step"])
