"""The comparison of frameworks was made with this code and these weights, and its errors are clear.

None of the frameworks is needed here: `make frameworks` runs them, and its record says when.
"""

import copy
import subprocess
import sys
from dataclasses import replace
from datetime import date

import pytest

from tools.frameworks import __main__ as command
from tools.frameworks import checkpoint, compare, environments, record
from tools.frameworks.environments import MXNET, Environment, UnusableEnvironment


@pytest.fixture(scope="module")
def comparison() -> dict:
    return record.load()


def test_the_record_is_of_this_code_and_these_weights(comparison):
    changed = record.stale(comparison)
    assert not changed, (
        f"make frameworks last ran on {comparison['date']}, and since then these changed: "
        f"{', '.join(changed)}; run it again"
    )
    assert date.fromisoformat(comparison["date"])


def test_a_record_of_other_code_or_weights_is_stale(comparison):
    for path in ("tools/frameworks/models/in_jax.py", "data/fusion-explorer/weights.safetensors"):
        other = copy.deepcopy(comparison)
        other["digests"][path] = "0" * 64
        assert record.stale(other) == [path]
        del other["digests"][path]
        assert record.stale(other) == [path]


def test_all_frameworks_agree_within_the_bars(comparison):
    rows = comparison["frameworks"]
    assert list(rows) == [entry.name for entry in compare.ENTRIES]
    for row in rows.values():
        assert row["outputs"] <= command.BARS["outputs"]
        assert row["gradients"] <= command.BARS["gradients"]
        assert len(row["ratios"]) == comparison["rounds"]
    assert comparison["captions"]["same"] == comparison["captions"]["scenes"] > 0


def test_each_framework_is_one_short_file(comparison):
    for file in (record.FOLDER / "models").glob("*in_*.py"):
        assert len(file.read_text().splitlines()) <= 120
    for name, row in comparison["frameworks"].items():
        file = record.FOLDER / "models" / f"in_{name.partition('-')[0]}.py"
        assert row["lines"] == record.code_lines(file)


def test_lines_of_code_are_neither_comments_nor_docstrings(tmp_path):
    file = tmp_path / "x.py"
    file.write_text('"""Two\nlines."""\n\n# none\ndef f():\n    """One."""\n    return 1  # this\n')
    assert record.code_lines(file) == 2


def test_the_versions_are_the_pinned_ones(comparison):
    pins = {}
    for environment in (environments.FRAMEWORKS, environments.MXNET):
        lines = environment.requirements.read_text().splitlines()
        pins[environment.name] = dict(line.split("==") for line in lines if "==" in line)
    for entry in compare.ENTRIES:
        if entry.environment:
            versions = dict(comparison["frameworks"][entry.name]["versions"])
            versions.pop("python")
            assert versions.items() <= pins[entry.environment.name].items()


@pytest.fixture
def nowhere(tmp_path, monkeypatch) -> Environment:
    """An environment in an empty folder, with one requirement that no index has."""
    monkeypatch.setattr(environments, "ROOT", tmp_path)
    monkeypatch.setattr(environments, "REQUIREMENTS", tmp_path)
    (tmp_path / "mxnet.txt").write_text("mmbook-has-no-such-package==1.0\n")
    return MXNET


def test_a_python_that_is_too_new_is_said_in_one_sentence(nowhere, monkeypatch):
    monkeypatch.setattr(environments.shutil, "which", lambda name: None)
    with pytest.raises(UnusableEnvironment, match=r"mxnet runs on Python 3\.10 at most, and there"):
        environments.make(replace(nowhere, newest=(3, 10)))


def test_no_network_is_said_in_one_sentence(nowhere, monkeypatch):
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", "")
    monkeypatch.setattr(environments, "find_python", lambda newest: sys.executable)
    with pytest.raises(UnusableEnvironment, match=r"pip says: ERROR.*see to the network") as error:
        environments.make(nowhere)
    assert len(str(error.value).splitlines()) == 1
    assert not nowhere.facts()


def test_a_missing_environment_is_said_in_one_sentence(nowhere):
    with pytest.raises(UnusableEnvironment, match=r"\.venv-mxnet is missing: run `make frameworks"):
        environments.check(nowhere)


def test_a_wrong_numpy_is_said_in_one_sentence(nowhere, monkeypatch):
    nowhere.requirements.write_text("mxnet==1.9.1\nnumpy==1.23.5\n")
    nowhere.python.parent.mkdir(parents=True)
    nowhere.python.touch()
    frozen = subprocess.CompletedProcess([], 0, "mxnet==1.9.1\nnumpy==1.26.0\n", "")
    monkeypatch.setattr(environments.subprocess, "run", lambda *_, **__: frozen)
    with pytest.raises(UnusableEnvironment, match=r"has numpy 1\.26\.0 and not 1\.23\.5: delete"):
        environments.check(nowhere)


def test_a_framework_that_dies_is_named_with_its_last_words(tmp_path):
    worker = compare.Worker(compare.Entry("no-such-framework"), tmp_path)
    try:
        with pytest.raises(UnusableEnvironment, match="no-such-framework ended early; its last"):
            worker.answer()
    finally:
        worker.end()


def test_the_program_says_what_is_missing_and_fails(monkeypatch, capsys, tmp_path):
    def refuse(environment):
        raise UnusableEnvironment(f"{environment.name} is not to be had.")

    monkeypatch.setattr(command.environments, "make", refuse)
    monkeypatch.setattr(command.inputs, "write_inputs", lambda folder: {})
    monkeypatch.setattr(command.compare, "compared", lambda *_: {})
    monkeypatch.setattr(command.record, "write", lambda _: pytest.fail("the record was written"))
    assert command.main() == 1
    said = capsys.readouterr().err.splitlines()
    assert said[:2] == ["frameworks is not to be had.", "mxnet is not to be had."]


def test_the_checkpoint_is_read_by_name():
    weights = checkpoint.fusion_weights()
    assert weights["classifier.weight"].shape == (10, 32)
    assert {w.dtype.name for w in weights.values()} == {"float32"}
    assert not [name for name in weights if "early" in name or "late" in name]
    assert sorted(checkpoint.gru_weights()) == ["bias_hh", "bias_ih", "weight_hh", "weight_ih"]
