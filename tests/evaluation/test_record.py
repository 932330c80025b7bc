"""The record of a result: what goes in comes out, and what is no measurement does not go in."""

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from mmbook.evaluation import Result, Row, load_result, record, save_result

SEEDS = (0, 1, 2)


def rows(system: str, values: list[float], metric: str = "accuracy", **condition: Any) -> list[Row]:
    """A row a seed."""
    return [Row(system, metric, seed, value, condition) for seed, value in enumerate(values)]


ROWS = [
    *rows("majority", [0.1, 0.1, 0.1]),
    *rows("early", [0.9, 0.8, 0.7], audio_snr_db=0.0, image_noise=1.6),
    *rows("early", [0.8, 0.7, 0.6], audio_snr_db=-10.0, image_noise=1.6),
    *rows("early", [0.99, 0.98, 0.97], audio_snr_db=None, image_noise=1.6),
    *rows("early", [-0.1, 0.0, 0.1], metric="gap", missing="audio"),
]


def result(**changes: Any) -> Result:
    fields: dict[str, Any] = {
        "experiment": "digits-fusion",
        "tier": "mini",
        "rows": ROWS,
        "baselines": ["majority"],
        "seeds": SEEDS,
        "split": "voices that were not heard in training",
        "config": {"width": 64, "audio_snr_db": [None, 10.0]},
        "parameters": {"early": 1234},
        "seconds": 1.5,
        "data": {"test": "语音"},
        "source": {"mmbook.models.digits": "0123456789ab"},
    }
    return Result(**fields | changes)


def test_round_trip(tmp_path: Path) -> None:
    saved = result()
    path = save_result(saved, tmp_path / "new")
    assert path == tmp_path / "new" / "digits-fusion-mini.json"
    assert list(path.parent.iterdir()) == [path]
    loaded = load_result("digits-fusion", "mini", tmp_path / "new")
    assert vars(loaded) == vars(saved) | {"seeds": [0, 1, 2]}
    assert save_result(loaded, tmp_path).read_bytes() == path.read_bytes()


@given(
    values=st.lists(st.floats(-1e6, 1e6), min_size=3, max_size=3),
    condition=st.dictionaries(
        st.sampled_from(["length", "语言", "a"]),
        st.none() | st.integers(-9, 9) | st.text() | st.floats(-9, 9),
    ),
)
def test_values_and_conditions_survive(
    values: list[float], condition: Mapping[str, Any], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("record")
    save_result(result(rows=rows("x", values, **condition), baselines=[]), folder)
    loaded = load_result("digits-fusion", "mini", folder)
    found = loaded.select("x", "accuracy", **condition)
    for seed, value in enumerate(values):
        assert math.isclose(found[seed], value, rel_tol=5.1e-6, abs_tol=5.1e-13)
        if abs(value) >= 0.1:
            assert found[seed] == round(value, 6)
    again = save_result(loaded, folder / "again").read_bytes()
    assert again == (folder / "digits-fusion-mini.json").read_bytes()


def test_small_values_keep_their_digits_and_noise_is_none(tmp_path: Path) -> None:
    values = [4.1234567e-7, 0.0123456789, 1.1e-16]
    save_result(result(rows=rows("x", values), baselines=[]), tmp_path)
    found = load_result("digits-fusion", "mini", tmp_path).select("x", "accuracy")
    assert list(found.values()) == [4.12346e-7, 0.0123457, 0.0]


@pytest.mark.parametrize("value", [np.float32(0.5), np.float64(0.5), torch.tensor(0.5)])
def test_a_scalar_of_another_library_becomes_a_float(value: Any) -> None:
    row = Row("early", "accuracy", 0, value)
    assert row.value == 0.5 and type(row.value) is float


def test_the_file_holds_a_line_for_each_measurement(tmp_path: Path) -> None:
    text = save_result(result(), tmp_path).read_text(encoding="utf-8")
    lines = [json.loads(row.strip(" ,")) for row in text.splitlines() if '"values"' in row]
    assert lines[0] == {"system": "majority", "metric": "accuracy", "values": [0.1, 0.1, 0.1]}
    assert lines[3]["condition"] == {"audio_snr_db": None, "image_noise": 1.6}
    content = json.loads(text)
    assert content["measurements"] == lines and len(lines) == 5
    assert set(content) == {
        *("experiment", "tier", "measurements", "baselines", "seeds", "split", "config"),
        *("parameters", "seconds", "peak_memory_mb", "hardware", "versions", "commit", "data"),
        *("source", "confirmed"),
    }


def test_what_cannot_be_written_leaves_the_old_record(tmp_path: Path) -> None:
    before = save_result(result(), tmp_path).read_bytes()
    with pytest.raises(ValueError, match="JSON"):
        save_result(result(config={"rate": math.inf}), tmp_path)
    assert [p.read_bytes() for p in tmp_path.iterdir()] == [before]


def test_a_measurement_is_selected_by_name() -> None:
    found = result(seeds=(2, 0, 1)).select("early", "accuracy", image_noise=1.6, audio_snr_db=-10)
    assert list(found.items()) == [(2, 0.6), (0, 0.8), (1, 0.7)]
    assert list(result().select("early", "accuracy", image_noise=1.6, audio_snr_db=None)) == [
        *SEEDS
    ]


def test_mean_and_standard_deviation() -> None:
    # n - 1 in the denominator
    summary = result().summary("early", "accuracy", image_noise=1.6, audio_snr_db=0)
    assert summary == pytest.approx((0.8, 0.1))
    single = result(seeds=[7], rows=[Row("early", "accuracy", 7, 0.9)], baselines=[])
    assert single.summary("early", "accuracy") == (0.9, 0)


def test_summaries_are_of_all_measurements() -> None:
    found = result().summaries()
    assert list(found)[1] == "early, accuracy, audio_snr_db=0.0, image_noise=1.6"
    assert found["majority, accuracy"] == pytest.approx((0.1, 0))
    assert len(found) == 5


def test_a_curve_goes_over_one_condition() -> None:
    curve = result().curve("early", "accuracy", over="audio_snr_db", image_noise=1.6)
    assert list(curve) == [0.0, -10.0, None]
    assert curve[-10.0] == pytest.approx((0.7, 0.1))


@pytest.mark.parametrize(
    ("question", "condition", "said"),
    [
        (("earli", "accuracy"), {}, "no system 'earli'.*nearest is 'early'.*'majority', 'early'"),
        (("early", "acuracy"), {}, "no metric 'acuracy' of 'early'.*nearest is 'accuracy'.*'gap'"),
        (
            ("early", "accuracy"),
            {"image_noise": 1.6, "audio_snr_db": 5.0},
            r"no early, accuracy, image_noise=1.6, audio_snr_db=5.0 is not there; the nearest is "
            r"audio_snr_db=0.0, image_noise=1.6; there are: audio_snr_db: 0.0, -10.0, None; ",
        ),
        (("early", "accuracy"), {"image_noise": 1.6}, "nearest is audio_snr_db=0.0, image_noise"),
        (("majority", "accuracy"), {"missing": "audio"}, "nearest is no condition"),
    ],
)
def test_what_is_not_there_is_named_with_the_nearest(
    question: tuple[str, str], condition: dict[str, Any], said: str
) -> None:
    with pytest.raises(ValueError, match=rf"digits-fusion-mini\.json: .*{said}"):
        result().select(*question, **condition)
    with pytest.raises(ValueError, match=r"digits-fusion-mini\.json: no "):
        result().curve(*question, over="length", **condition)


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
        ({"rows": ROWS[:-1]}, r"early, gap, missing=audio must .* \[0, 1, 2\], not for \[0, 1\]"),
        ({"rows": [*ROWS, ROWS[3]]}, r"early, accuracy, .* not for \[0, 0, 1, 2\]"),
        ({"seeds": (0, 1)}, r"majority, accuracy must have one value .* \[0, 1\], not for"),
        ({"seeds": (0, 1, 2.0)}, r"seeds must be whole numbers, not \(0, 1, 2.0\)"),
        ({"seeds": "012"}, "seeds must be whole numbers, not '012'"),
        ({"seeds": (0, 1, 2, 2)}, r"each seed counts once, not as in \[0, 1, 2, 2\]"),
        ({"baselines": ["majorty"]}, "baseline 'majorty' is not there; the nearest is 'majority'"),
    ],
)
def test_what_is_no_measurement_is_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        result(**changes)


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (("early", "accuracy", 0, math.nan), "early, accuracy must be finite, not nan"),
        (("early", "accuracy", 0, -math.inf), "must be finite, not -inf"),
        (("early", "accuracy", 0, "0.5"), "early, accuracy must be a number, not '0.5'"),
        (("early", "accuracy", 0, None), "must be a number, not None"),
        (("early", "accuracy", 0, torch.zeros(2)), "must be a number, not tensor"),
        (("", "accuracy", 0, 0.5), "name of a system"),
        (("early", "F 1", 0, 0.5), "'F 1' cannot name a metric"),
        (("early", "accuracy", 0, 0.5, {"seed": 3}), "'seed' cannot name a metric or a condition"),
        (("early", "accuracy", 0, 0.5, {"at noise": 3}), "'at noise' cannot name"),
    ],
)
def test_what_cannot_be_asked_for_is_refused(row: tuple[Any, ...], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Row(*row)


@pytest.mark.parametrize(
    "damage",
    [
        lambda content: content["measurements"][0]["values"].pop(),
        lambda content: content["measurements"][0].pop("system"),
        lambda content: content["measurements"].append(content["measurements"][0]),
        lambda content: content.pop("measurements"),
        lambda content: content.pop("seeds"),
        lambda content: content.update(metrics={}),
        lambda content: content.update(experiment="copying"),
        lambda content: content.update(tier="full"),
        lambda content: content.update(seeds=["0", "1", "2"]),
        lambda content: content.update(seeds="012"),
        lambda content: content.update(measurements=[3]),
    ],
)
def test_what_was_edited_by_hand_is_checked_too(tmp_path: Path, damage: Any) -> None:
    path = save_result(result(), tmp_path)
    content = json.loads(path.read_text(encoding="utf-8"))
    damage(content)
    path.write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(ValueError, match=r"digits-fusion-mini\.json is not a whole record"):
        load_result("digits-fusion", "mini", tmp_path)


@given(share=st.floats(0, 0.99))
def test_half_a_file_is_named(share: float, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("half")
    path = save_result(result(), folder)
    content = path.read_bytes()
    path.write_bytes(content[: int(share * (len(content) - 2))])
    with pytest.raises(ValueError, match=r"digits-fusion-mini\.json is not a whole record"):
        load_result("digits-fusion", "mini", folder)


def test_every_record_of_the_book_is_whole() -> None:
    found = sorted(record.results_folder().glob("*.json"))
    assert len(found) >= 18
    for path in found:
        experiment, _, tier = path.stem.rpartition("-")
        loaded = load_result(experiment, tier)
        assert (loaded.experiment, loaded.tier) == (experiment, tier)
        assert len(loaded.seeds) >= 3 and loaded.baselines and path.stat().st_size < 400_000
