"""The command line: what it lists, and that it says what is wrong in one line and with status 2."""

import contextlib
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import is_dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from mmbook.evaluation import Result, Row, load_result, save_result
from mmbook.evaluation.source import modules
from mmbook.experiments import digits_fusion
from mmbook.experiments.__main__ import main
from mmbook.experiments.harness import provenance, registry
from mmbook.experiments.harness.options import check_options
from mmbook.experiments.harness.registry import EXPERIMENTS, Experiment, find


def status(words: list[str]) -> int:
    """The exit status, however it is reached."""
    try:
        return main(words)
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else 1


def leaves(config: Any, before: str = "") -> Iterator[str]:
    """The options of a configuration, by the names of its fields, also inside of others."""
    named = config if isinstance(config, dict) else vars(config)
    for name, value in named.items():
        option = f"{before}{name.replace('_', '-')}"
        if is_dataclass(value) or isinstance(value, dict):
            yield from leaves(value, f"{option}.")
        else:
            yield option


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[tuple]:
    """What experiments would have run, with nothing run and results kept out of the book's."""
    calls: list[tuple] = []

    def faked(name: str) -> Experiment:
        def run(tier: str, config: Any, folder: Path) -> Result:
            calls.append((tier, config, folder))
            condition = {"image_noise": 1.6}
            rows = [Row("early", "accuracy", seed, 0.5, condition) for seed in config.seeds]
            return Result(name, tier, rows, [], config.seeds, "", {}, {}, 1.0, {})

        run.__module__ = EXPERIMENTS[name].run.__module__
        return replace(EXPERIMENTS[name], run=run)

    for module in ("running", "provenance"):
        monkeypatch.setattr(f"mmbook.experiments.harness.{module}.commit", lambda: "0123456789ab")
    for name in ("digits-fusion", "digit-gan"):
        monkeypatch.setitem(registry.EXPERIMENTS, name, faked(name))
    monkeypatch.setattr("mmbook.evaluation.record.results_folder", lambda: tmp_path / "results")
    return calls


def test_every_experiment_has_both_tiers() -> None:
    for name, experiment in EXPERIMENTS.items():
        assert experiment.name == name
        known = (["mini", "full"], ["mini", "medium", "full"], ["full"])
        assert list(experiment.tiers) in known
        for tier, config in experiment.tiers.items():
            assert find(name, tier) == (experiment, config)
            assert len(set(config.seeds)) >= 3


def test_list_names_what_can_be_run(capsys: pytest.CaptureFixture[str]) -> None:
    assert status(["list"]) == status([]) == 0
    printed = capsys.readouterr()
    assert printed.err == "" and printed.out.startswith("python -m mmbook.experiments NAME")
    for name, experiment in EXPERIMENTS.items():
        line = next(line for line in printed.out.splitlines() if line.startswith(name))
        assert line.endswith(experiment.summary)


def test_an_error_as_a_program() -> None:
    command = [sys.executable, "-m", "mmbook.experiments", "digit-fusion"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stdout) == (2, "")
    names = ", ".join(EXPERIMENTS)
    assert done.stderr == f"error: no experiment 'digit-fusion'; there are: {names}\n"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("nothing", "no experiment 'nothing'; there are: digits-fusion"),
        (
            "digits-fusion --tier huge",
            "no tier 'huge' of digits-fusion; there are: mini, medium, full",
        ),
        ("digits-fusion --bogus 3", "--bogus"),
        ("digits-fusion --training.steps x", "--training.steps"),
        ("digits-fusion --training.steps 0", "steps must be a whole number from 1 up, not 0"),
        ("digits-fusion --seeds 0 --record", "--record needs 3 seeds or more, not (0,)"),
        ("digits-fusion --seeds 0 1 --record", "--record needs 3 seeds or more, not (0, 1)"),
        ("digits-fusion --seeds 0 0 0 --record", "seeds"),
        ("digits-fusion --seeds", "--seeds needs one value or more"),
        ("digits-fusion --seeds -1", "--seeds must be 0 or more, not -1"),
        ("digits-fusion --tier", "Missing value for argument '--tier'"),
        ("digits-fusion extra", "Unrecognized options: extra"),
        ("--tier full digits-fusion", "the NAME of an experiment comes before --tier"),
        ("digits-fusion --runs {file}", "cannot be a folder for files"),
        ("digits-fusion --runs {file}/inside", "cannot be a folder for files"),
        ("digits-fusion --train-size 0", "--train-size must be 1 or more, not 0"),
        ("digits-fusion --width -3", "--width must be 1 or more, not -3"),
        ("digits-fusion --calm-share nan", "--calm-share must be a finite number, not nan"),
        ("digits-fusion --image-noise", "--image-noise needs one value or more"),
        ("digits-fusion --image-noise 0 inf", "--image-noise must be a finite number"),
        ("digits-fusion --operating-point.text-mask inf", "inf"),
        ("digits-fusion --training.learning-rate nan", "nan"),
        ("digits-fusion --training.device mps:7", "not on this machine"),
        ("digits-fusion --training.device gpu", "device"),
        ("digits-fusion --seeds 4 4", "--seeds must name each seed once, not (4, 4)"),
    ],
)
def test_what_is_wrong_is_named_before_anything_is_computed(
    words: str,
    message: str,
    ran: list[tuple],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "file").write_text("no folder")
    assert status(words.format(file=tmp_path / "file").split()) == 2
    printed = capsys.readouterr()
    assert printed.err.startswith("error: ") and message in printed.err
    assert printed.err.count("\n") == 1 and printed.out == ""
    assert not ran


def test_a_folder_of_results_that_cannot_be_is_named_before(
    ran: list[tuple],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setattr(
        "mmbook.experiments.harness.running.results_folder", lambda: tmp_path / "file"
    )
    assert status(["digits-fusion", "--record", "--runs", str(tmp_path)]) == 2
    assert "cannot be a folder for files" in capsys.readouterr().err
    assert not ran


@pytest.mark.parametrize(
    ("name", "tier"),
    [(n, t) for t in ("mini", "full") for n, e in EXPERIMENTS.items() if t in e.tiers],
)
def test_the_options_of_every_experiment_can_be_read_and_are_right_as_they_ship(
    name: str, tier: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert status([name, "--tier", tier, "--help"]) == 0
    printed = capsys.readouterr()
    assert printed.err == ""
    for option in ("--tier mini|medium|full", "--runs FOLDER", "--record", "--seeds"):
        assert option in printed.out
    config = EXPERIMENTS[name].tiers[tier]
    for option in leaves(config):
        assert re.search(rf"--{re.escape(option)}[ ,\n]", printed.out), option
    check_options(config, config)


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (FloatingPointError("the loss of step 1 is nan"), "error: the loss of step 1 is nan\n"),
        (OverflowError("math range error"), "error: math range error\n"),
        (OSError(28, "No space left on device"), "error: [Errno 28] No space left on device\n"),
        (RuntimeError("out of memory"), "error: RuntimeError: out of memory\n"),
        (KeyError("early"), "error: KeyError: 'early'\n"),
    ],
)
def test_what_goes_wrong_in_a_run_is_one_line(
    error: Exception,
    message: str,
    ran: list[tuple],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def fail(*_):
        raise error

    fail.__module__ = digits_fusion.run.__module__
    fake = replace(registry.EXPERIMENTS["digits-fusion"], run=fail)
    monkeypatch.setitem(registry.EXPERIMENTS, "digits-fusion", fake)
    assert status(["digits-fusion", "--runs", str(tmp_path)]) == 2
    assert capsys.readouterr().err == message


def test_a_run_that_is_stopped_says_what_is_kept(
    ran: list[tuple],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def stop(tier: str, config: object, folder: Path) -> None:
        folder.mkdir()
        for name in ("a-0123456789ab.01234567.safetensors", "b-0123456789ab.01234567.ckpt"):
            (folder / name).write_text("")
        raise KeyboardInterrupt

    stop.__module__ = digits_fusion.run.__module__
    fake = replace(registry.EXPERIMENTS["digits-fusion"], run=stop)
    monkeypatch.setitem(registry.EXPERIMENTS, "digits-fusion", fake)
    assert status(["digits-fusion", "--runs", str(tmp_path)]) == 130
    said = capsys.readouterr()
    assert said.out == "" and said.err == (
        f"stopped; {tmp_path / 'digits-fusion-mini'} keeps 1 finished part and "
        "1 half-trained model: give the same command again to go on\n"
    )


def test_a_rate_that_is_too_high_is_one_line(tmp_path: Path, capsys) -> None:
    words = "copying --training.learning-rate 1e30 --seeds 0 --lengths 4 --training.steps 9"
    assert status([*words.split(), "--test-size", "20", "--runs", str(tmp_path)]) == 2
    error = capsys.readouterr().err
    assert error.startswith("error: the loss of step") and error.count("\n") == 1


def test_a_result_is_kept_where_it_cannot_be_shown(ran: list[tuple], tmp_path: Path) -> None:
    """The saved result comes before the printed one, which a closed pipe may end."""

    class Closed:
        def write(self, _):
            raise OSError("nobody reads")

        def flush(self):
            pass

    with contextlib.redirect_stdout(Closed()):
        assert status(["digits-fusion", "--runs", str(tmp_path)]) == 2
    assert (tmp_path / "digits-fusion-mini" / "digits-fusion-mini.json").is_file()


def test_missing_data_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MMBOOK_DATA", str(tmp_path))
    assert status(["digits-fusion", "--tier", "full", "--runs", str(tmp_path)]) == 2
    error = capsys.readouterr().err
    assert error.startswith("error: MNIST") and str(tmp_path) in error


def test_options_reach_the_experiment(
    ran: list[tuple], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = f"digits-fusion --seeds 4 5 --train-size 7 --training.steps 9 --runs {tmp_path}"
    assert status(words.split()) == 0
    config = replace(digits_fusion.TIERS["mini"], seeds=(4, 5), train_size=7)
    config = replace(config, training=replace(config.training, steps=9))
    folder = tmp_path / "digits-fusion-mini"
    assert ran == [("mini", config, folder)]
    assert load_result("digits-fusion", "mini", folder).seeds == [4, 5]
    assert "early, accuracy, image_noise=1.6 " in capsys.readouterr().out
    assert not (tmp_path / "results").exists()


def test_only_a_recorded_result_goes_to_the_results(ran: list[tuple], tmp_path: Path) -> None:
    assert status(["digits-fusion", "--tier", "full", "--record", "--runs", str(tmp_path)]) == 0
    assert ran[0][1] == digits_fusion.TIERS["full"]
    recorded = load_result("digits-fusion", "full", tmp_path / "results")
    assert recorded.commit == "0123456789ab"
    assert recorded.source == modules("mmbook.experiments.digits_fusion.run")


def test_changes_that_are_in_no_commit_are_not_recorded(
    ran: list[tuple],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for module in ("running", "provenance"):
        monkeypatch.setattr(
            f"mmbook.experiments.harness.{module}.commit", lambda: "0123456789ab+changes"
        )
    assert status(["digits-fusion", "--record", "--runs", str(tmp_path)]) == 2
    error = capsys.readouterr().err
    assert error.startswith("error: --record needs mmbook and data as they are in a commit")
    assert not ran and error.count("\n") == 1
    assert status(["digits-fusion", "--runs", str(tmp_path)]) == 0  # without a record it may run
    assert load_result("digits-fusion", "mini", ran[0][2]).commit == "0123456789ab+changes"


def test_one_process_of_many_writes(
    ran: list[tuple], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RANK", "1")
    monkeypatch.setenv("WORLD_SIZE", "2")
    assert status(["digits-fusion", "--runs", str(tmp_path)]) == 0
    assert ran and not any(tmp_path.iterdir())


def test_a_record_is_confirmed_by_a_seed_that_gives_its_values(
    ran: list[tuple], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["digits-fusion", "--runs", str(tmp_path / "runs")]
    assert status([*words, "--record"]) == 0
    old = replace(load_result("digits-fusion", "mini"), source={"mmbook.old": "1"}, commit="older")
    save_result(old)
    assert status([*words, "--confirm"]) == 0
    assert [config.seeds for _, config, _ in ran] == [(0, 1, 2), (0,)]
    confirmed = load_result("digits-fusion", "mini")
    source = dict(modules(digits_fusion.run.__module__))
    facts = {"seeds": [0], "commit": "0123456789ab", "source": source}
    assert confirmed == replace(old, rows=confirmed.rows, confirmed=facts)
    assert [row.value for row in confirmed.rows] == [row.value for row in old.rows]
    assert "gives the same for seeds [0]" in provenance.status(tmp_path / "results")[0]

    assert status([*words, "--confirm", "--seeds", "1", "2"]) == 0
    assert load_result("digits-fusion", "mini").confirmed["seeds"] == [1, 2]
    assert capsys.readouterr().err == ""


def test_a_record_is_extended_by_what_is_run(ran: list[tuple], tmp_path: Path) -> None:
    words = ["digit-gan", "--runs", str(tmp_path / "runs")]
    assert status([*words, "--record"]) == 0
    whole = load_result("digit-gan", "mini")
    other = [replace(row, system="another") for row in whole.rows]
    save_result(replace(whole, rows=other))
    assert status([*words, "--extend"]) == 0
    found = load_result("digit-gan", "mini")
    assert [row.system for row in found.rows] == ["another"] * 3 + ["early"] * 3
    assert found.seconds == 2 * whole.seconds


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("--confirm", "image_noise=1.6, seed 0: 0.6 was recorded, now 0.5"),
        ("--confirm --seeds 3", "image_noise=1.6, seed 3: None was recorded, now 0.5"),
        ("--confirm --record", "give one, not --record and --confirm"),
        ("--extend --confirm", "give one, not --confirm and --extend"),
        ("--extend", "digits-fusion has no such option"),
        ("--confirm --tier full", "no result at"),
    ],
)
def test_a_record_that_this_code_does_not_give_stays_as_it_is(
    words: str,
    message: str,
    ran: list[tuple],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    rows = [Row("early", "accuracy", seed, 0.6, {"image_noise": 1.6}) for seed in range(3)]
    record = Result("digits-fusion", "mini", rows, [], (0, 1, 2), "", {}, {}, 1.0, {})
    before = save_result(record).read_bytes()
    assert status(["digits-fusion", "--runs", str(tmp_path / "runs"), *words.split()]) == 2
    printed = capsys.readouterr().err
    assert printed.startswith("error: ") and message in printed and printed.count("\n") == 1
    assert (tmp_path / "results" / record.file_name).read_bytes() == before
