"""Measurements without a trained model: read again, never of other settings, damage is named."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from mmbook.evaluation import Row
from mmbook.experiments.harness import provenance
from mmbook.experiments.harness.finished import finished
from mmbook.experiments.harness.measured import measured
from mmbook.experiments.harness.provenance import refuse_unrecordable
from mmbook.training import CheckpointError

MODULE = "mmbook.layers.attention"
ROWS = [
    Row("words", "accuracy", 3, 1 / 3, {"language": "en", "ids": 200, "snr_db": None}),
    Row("words", "accuracy", 4, 0.1 + 0.2),
]


def counted(folder: Path, decided_by: Sequence[object] = (1,)) -> tuple[list[Row], int]:
    """The rows, and how often they were computed."""
    calls: list[None] = []

    def measure() -> list[Row]:
        calls.append(None)
        return ROWS

    rows, seconds = measured(measure, decided_by, folder, "words, 3", MODULE)
    assert seconds >= 0
    return rows, len(calls)


def test_what_was_measured_is_read_again_as_it_was(tmp_path: Path) -> None:
    assert counted(tmp_path) == (ROWS, 1)
    again, calls = counted(tmp_path)
    assert again == ROWS and calls == 0
    assert [type(value) for value in again[0].condition.values()] == [str, int, type(None)]
    (one,) = finished(tmp_path)
    assert one.run.startswith("words-3-") and one.facts["module"] == MODULE


def test_what_is_decided_otherwise_is_measured_anew(tmp_path: Path) -> None:
    counted(tmp_path)
    assert counted(tmp_path, decided_by=(2,)) == (ROWS, 1)
    assert len(list(tmp_path.iterdir())) == 2


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: "",
        lambda text: text[:-9],
        lambda text: "[1]",
        lambda text: text.replace("0.3333", "0.3334"),
        lambda text: text.replace('"seconds"', '"second"'),
        lambda text: text.replace('"rows"', '"row"'),
    ],
)
def test_damage_is_named(tmp_path: Path, damage: Callable[[str], str]) -> None:
    counted(tmp_path)
    (file,) = tmp_path.iterdir()
    file.write_text(damage(file.read_text()))
    with pytest.raises(CheckpointError, match=f"{file.name} is damaged.*to measure again"):
        counted(tmp_path)


def test_only_what_was_measured_here_is_recorded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted(tmp_path / "seed-0")
    monkeypatch.setattr(provenance, "commit", lambda: "0123456789ab")
    refuse_unrecordable(tmp_path)
    monkeypatch.setattr(provenance, "hardware", lambda: "abacus")
    with pytest.raises(ValueError, match="made elsewhere"):
        refuse_unrecordable(tmp_path)
