"""The record of a result: what goes in comes out, and what is no measurement does not go in."""

import json
import math
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from mmbook.evaluation import Result, load_result, record, save_result


def result(**changes: Any) -> Result:
    fields: dict[str, Any] = {
        "experiment": "digits-fusion",
        "tier": "mini",
        "metrics": {"early @ 0 dB": [0.9, 0.8, 0.7], "gap": [-0.1, 0.0, 0.1]},
        "baselines": {"majority": {"accuracy": [0.1, 0.1, 0.1]}},
        "seeds": (0, 1, 2),
        "split": "voices that were not heard in training",
        "config": {"width": 64, "audio_snr_db": [None, 10.0]},
        "parameters": {"early": 1234},
        "seconds": 1.5,
        "data": {"test": "语音"},
    }
    return Result(**fields | changes)


def test_round_trip(tmp_path: Path) -> None:
    saved = result()
    path = save_result(saved, tmp_path / "new")
    assert path == tmp_path / "new" / "digits-fusion-mini.json"
    loaded = load_result("digits-fusion", "mini", tmp_path / "new")
    assert vars(loaded) == vars(saved) | {"seeds": [0, 1, 2]}
    assert save_result(loaded, tmp_path).read_bytes() == path.read_bytes()


def test_the_file_says_what_the_book_reads(tmp_path: Path) -> None:
    content = json.loads(save_result(result(), tmp_path).read_text(encoding="utf-8"))
    assert content["metrics"]["early @ 0 dB"] == {
        "values": [0.9, 0.8, 0.7],
        "mean": 0.8,
        "std": 0.1,
    }
    assert content["baselines"]["majority"]["accuracy"]["mean"] == 0.1
    assert set(content) == {
        *("experiment", "tier", "metrics", "baselines", "seeds", "split", "config", "parameters"),
        *("seconds", "peak_memory_mb", "hardware", "versions", "commit", "data"),
    }


def test_mean_and_standard_deviation() -> None:
    # n - 1 in the denominator
    assert result().summary("early @ 0 dB") == pytest.approx((0.8, 0.1))
    single = result(seeds=[7], metrics={"accuracy": [0.9]}, baselines={})
    assert single.summary("accuracy")[1] == 0


def test_where_it_ran_is_measured() -> None:
    measured = result()
    assert measured.hardware and 10 < measured.peak_memory_mb < 1 << 20
    assert {"python", "torch", "numpy"} <= set(measured.versions)


def test_a_missing_file_names_the_command(tmp_path: Path) -> None:
    command = "python -m mmbook.experiments digits-fusion --tier full --record"
    with pytest.raises(FileNotFoundError, match=command):
        load_result("digits-fusion", "full", tmp_path)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"metrics": {"early": [0.9, 0.8]}}, "'early' must hold .* 3 seeds, not"),
        ({"metrics": {"early": [0.9, math.nan, 0.8]}}, "'early' must hold a finite value"),
        ({"metrics": {"early": [0.9, math.inf, 0.8]}}, "'early' must hold a finite value"),
        ({"baselines": {"majority": {"accuracy": [0.1]}}}, "'majority/accuracy' must hold"),
        ({"seeds": (0, 1)}, "each of the 2 seeds"),
    ],
)
def test_what_is_no_measurement_is_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        result(**changes)


def test_what_was_edited_by_hand_is_checked_too(tmp_path: Path) -> None:
    path = save_result(result(), tmp_path)
    content = json.loads(path.read_text(encoding="utf-8"))
    content["metrics"]["gap"]["values"].pop()
    path.write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(ValueError, match="'gap' must hold"):
        load_result("digits-fusion", "mini", tmp_path)


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
def test_commit_tells_of_changes_in_the_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def git(*words: str) -> str:
        identity = ("-c", "user.name=A", "-c", "user.email=a@b.c", "-c", "commit.gpgsign=false")
        command = ["git", *identity, *words]
        return subprocess.run(
            command, cwd=tmp_path, capture_output=True, text=True, check=True
        ).stdout

    for name in [n for n in os.environ if n.startswith("GIT_")]:
        monkeypatch.delenv(name)
    module = tmp_path / "mmbook" / "evaluation" / "record.py"
    module.parent.mkdir(parents=True)
    module.touch()
    elsewhere = tmp_path / "mmbook" / "encoders.py"
    elsewhere.touch()
    monkeypatch.setattr(record, "__file__", str(module))
    assert record.commit() == "unknown"
    git("init", "--quiet")
    assert record.commit() == "unknown"
    git("add", "mmbook")
    git("commit", "--quiet", "-m", "one")
    short = git("rev-parse", "--short=12", "HEAD").strip()
    assert record.commit() == short
    (tmp_path / "notes.txt").touch()  # not what a result depends on
    assert record.commit() == short
    elsewhere.write_text("# changed\n")
    assert record.commit() == short + "+changes"
