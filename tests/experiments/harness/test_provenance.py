"""No record of other code: cached weights are refused by name, and old records say what differs."""

import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import torch

import mmbook
from mmbook.batch import Batch
from mmbook.evaluation import Result, Row, save_result
from mmbook.evaluation.environment import versions
from mmbook.evaluation.source import modules
from mmbook.experiments.harness import provenance
from mmbook.experiments.harness.provenance import refuse_unrecordable, status
from mmbook.experiments.harness.registry import EXPERIMENTS
from mmbook.experiments.harness.trained import trained
from mmbook.models.images import plain_classifier
from mmbook.training import TrainingConfig

WORDS = "copying --lengths 2 --training.steps 1 --training.batch-size 2 --test-size 2"
LAYER = "mmbook.layers.attention"


def command(book: Path, words: str) -> subprocess.CompletedProcess[str]:
    """An experiment of a copied package, as a program."""
    return subprocess.run(
        [sys.executable, "-m", "mmbook.experiments", *words.split()],
        cwd=book,
        env=os.environ | {"PYTHONPATH": str(book), "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=300,
    )


def test_an_edited_layer_refuses_the_record_of_its_old_weights(tmp_path: Path) -> None:
    """The package is copied out of the checkout, then one line of a layer is changed for real."""
    kept = shutil.ignore_patterns("__pycache__", "_data", "_results")
    shutil.copytree(Path(mmbook.__file__).parent, tmp_path / "mmbook", ignore=kept)
    first = command(tmp_path, WORDS)
    assert first.returncode == 0, first.stderr
    weights = set(tmp_path.rglob("*.safetensors"))
    layer = tmp_path / "mmbook" / "layers" / "attention.py"
    layer.write_text(layer.read_text() + "\n# a comment is not other code\nUNUSED = 1\n")

    refused = command(tmp_path, f"{WORDS} --record")
    assert refused.returncode == 2 and refused.stdout == ""
    assert refused.stderr.startswith("error: --record: runs/copying-mini/seed-0/")
    assert f"was trained by other code (in {LAYER}) and {len(weights) - 1} more" in refused.stderr
    assert refused.stderr.count("\n") == 1 and "run once without --record" in refused.stderr
    assert not (tmp_path / "results").exists() and set(tmp_path.rglob("*.safetensors")) == weights

    again = command(tmp_path, WORDS)
    assert again.returncode == 0 and again.stderr.count("training again") == len(weights)
    recorded = command(tmp_path, f"{WORDS} --record")
    assert recorded.returncode == 0 and "training again" not in recorded.stderr
    assert (tmp_path / "results" / "copying-mini.json").is_file()


def test_weights_of_another_machine_are_not_recorded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = TrainingConfig(steps=1, batch_size=2, device="cpu")
    samples = Batch({"image": torch.rand(4, 1, 4, 4)}, {"label": torch.zeros(4, dtype=torch.long)})
    model = plain_classifier("dense", 16)
    trained(model, samples, config, tmp_path / "seed-0", "dense", "mmbook.models.images")
    monkeypatch.setattr(provenance, "commit", lambda: "0123456789ab")
    refuse_unrecordable(tmp_path)
    monkeypatch.setattr(provenance, "hardware", lambda: "abacus")
    monkeypatch.setattr(provenance, "versions", lambda: versions() | {"torch": "0.1"})
    with pytest.raises(
        ValueError, match=r"elsewhere \(hardware: .*, here abacus; torch: .* 0\.1\)"
    ):
        refuse_unrecordable(tmp_path)


@pytest.fixture
def copying() -> Result:
    return Result(
        experiment="copying",
        tier="mini",
        rows=[Row("chance", "accuracy", seed, 0.1) for seed in range(3)],
        baselines=["chance"],
        seeds=(0, 1, 2),
        split="",
        config={},
        parameters={},
        seconds=1.0,
        data={},
        source=modules(EXPERIMENTS["copying"].run.__module__),
    )


def test_every_record_says_by_which_code(copying: Result, tmp_path: Path) -> None:
    now = copying.source
    other = {name: digest for name, digest in now.items() if name != "mmbook.batch"}
    for result in (
        copying,
        replace(copying, tier="full", source=other | {LAYER: "0", "mmbook.old": "1"}),
        replace(copying, experiment="resizing", source={}),
        replace(copying, experiment="sorting"),
    ):
        save_result(result, tmp_path)
    assert [" ".join(line.split()) for line in status(tmp_path)] == [
        f"copying-full made by other code: mmbook.batch, {LAYER}, mmbook.old",
        "copying-mini made by this code",
        "resizing-mini made by code that is not known (recorded before digests of it)",
        "sorting-mini there is no such experiment any more",
    ]


def test_every_record_of_the_book_has_a_line() -> None:
    assert len(status()) >= 18
