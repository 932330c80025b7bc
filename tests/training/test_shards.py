"""The training loop on shards: a run that was killed ends as one without a break."""

import dataclasses
from pathlib import Path
from typing import Any

import torch
from torch import nn

from mmbook.batch import Batch
from mmbook.datasets.shards import ShardStream, write_shards
from mmbook.training import fit, save_weights
from tests.training.processes import start
from tests.training.runs import CONFIG, After, classifier, kill, separable


def decode(samples: list[dict[str, Any]]) -> Batch:
    """Points and classes out of their text."""
    rows = [[float(word) for word in sample["txt"].split()] for sample in samples]
    table = torch.tensor(rows)
    return Batch({"point": table[:, :-1]}, {"label": table[:, -1].long()})


def write(folder: Path) -> None:
    """50 points in 7 shards."""
    data = separable()
    texts = [
        " ".join(f"{x:.4f}" for x in point) + f" {label}"
        for point, label in zip(data.inputs["point"].tolist(), data.target.tolist(), strict=True)
    ]
    write_shards(
        [{"__key__": f"{i:02}", "txt": t.encode()} for i, t in enumerate(texts)], folder, 8
    )


def train(folder: Path, name: str, deadline: int) -> None:
    """Trains on shards with a checkpoint; dies after a step, or never; writes the weights."""
    model: nn.Module = classifier()
    stream = ShardStream(sorted(folder.glob("*.tar")), decode, size=12, lanes=2, buffer=9)
    config = dataclasses.replace(CONFIG, checkpoint_every=4)
    hooks = [After(deadline, kill)] if deadline else []
    fit(model, stream, config, hooks=hooks, checkpoint=folder / f"{name}.run", progress=False)
    save_weights(folder / f"{name}.safetensors", model, {})


def test_a_killed_run_on_shards_ends_as_a_whole_one(tmp_path: Path) -> None:
    write(tmp_path)
    assert start(1, train, tmp_path, "whole", 0) == [0]
    assert start(1, train, tmp_path, "broken", 10) == [-9]
    assert start(1, train, tmp_path, "broken", 0) == [0]
    whole, broken = ((tmp_path / f"{n}.safetensors").read_bytes() for n in ("whole", "broken"))
    assert whole == broken
