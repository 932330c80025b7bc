"""What the list says of the experiments, and that it says so at once."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from mmbook.experiments.harness.names import (
    MODULES,
    REAL_ONLY,
    TIERS,
    duration,
    listing,
    summary,
)
from mmbook.experiments.harness.registry import EXPERIMENTS
from mmbook.paths import results_folder


def test_the_list_is_that_of_the_registry() -> None:
    assert [name.replace("_", "-") for name in MODULES] == list(EXPERIMENTS)
    for module, experiment in zip(MODULES, EXPERIMENTS.values(), strict=True):
        assert summary(module) == experiment.summary
        tiers = [{"full"}] if module in REAL_ONLY else [{"mini", "full"}, set(TIERS)]
        assert set(experiment.tiers) in tiers


def test_the_list_says_what_each_tier_took(tmp_path: Path) -> None:
    facts = {"seconds": 300, "seeds": [0, 1, 2], "hardware": "abacus", "config": {}}
    (tmp_path / "copying-mini.json").write_text(json.dumps(facts))
    lines = list(listing(tmp_path))
    place = next(i for i, line in enumerate(lines) if line.startswith("copying "))
    assert " ".join(lines[place + 1].split()) == (
        "--tier mini 5 min for 3 seeds, 100 s each, on abacus"
    )
    assert " ".join(lines[place + 2].split()) == "--tier full not recorded"


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"seconds": 1, "seeds": [], "hardware": "x"}'])
def test_a_file_that_is_no_record_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "copying-full.json").write_text(text)
    with pytest.raises(ValueError, match=r"copying-full\.json is not a whole record"):
        list(listing(tmp_path))


def test_the_list_needs_neither_torch_nor_numpy() -> None:
    """They take most of the time that a command of this package takes to begin."""
    code = (
        "import sys; from mmbook.experiments.__main__ import main; main(['list']); "
        "assert not {'torch', 'numpy'} & set(sys.modules), 'imported'"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "seeds" in done.stdout


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0.16, "0.2 s"), (52.4, "52 s"), (1662, "28 min"), (9000, "2.5 h")],
)
def test_durations(seconds: float, said: str) -> None:
    assert duration(seconds) == said


def test_what_needs_a_real_set_lists_no_mini() -> None:
    lines = list(listing())
    for module in REAL_ONLY:
        place = next(i for i, x in enumerate(lines) if x.startswith(module.replace("_", "-") + " "))
        assert lines[place + 1].split()[:2] == ["--tier", "full"]


@pytest.mark.parametrize("module", sorted({*MODULES} - {*REAL_ONLY}))
def test_a_reader_can_repeat_mini(module: str) -> None:
    """By the record: at most three minutes of training a seed."""
    record = results_folder() / f"{module.replace('_', '-')}-mini.json"
    facts = json.loads(record.read_text(encoding="utf-8"))
    assert facts["seconds"] / len(facts["seeds"]) <= 180
