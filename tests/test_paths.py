"""Where files are: in a checkout, in a wheel, and where the reader says."""

from pathlib import Path

import pytest

from mmbook import paths


def test_a_checkout_keeps_data_and_results_beside_the_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paths, "_PACKAGE", tmp_path / "mmbook")
    assert paths.data_folder() == tmp_path / "data"
    assert paths.results_folder() == tmp_path / "results"


def test_a_wheel_keeps_them_inside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paths, "_PACKAGE", tmp_path)
    (tmp_path / "_data").mkdir()
    (tmp_path / "_results").mkdir()
    assert paths.data_folder() == tmp_path / "_data"
    assert paths.results_folder() == tmp_path / "_results"


def test_real_data_lies_where_the_reader_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("MMBOOK_DATA", "~/sets")
    assert paths.real_data_folder() == tmp_path / "sets"


@pytest.mark.parametrize("unset", [None, ""])
def test_real_data_lies_in_the_cache_by_default(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, unset: str | None
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("MMBOOK_DATA", "XDG_CACHE_HOME"):
        if unset is None:
            monkeypatch.delenv(name, raising=False)
        else:
            monkeypatch.setenv(name, unset)
    assert paths.real_data_folder() == tmp_path / ".cache" / "mmbook"
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "elsewhere"))
    assert paths.real_data_folder() == tmp_path / "elsewhere" / "mmbook"


@pytest.mark.parametrize("variable", [None, "MMBOOK_DATA", "XDG_CACHE_HOME"])
def test_a_home_that_nobody_has_is_named(monkeypatch: pytest.MonkeyPatch, variable) -> None:
    def unknown(*_):
        raise KeyError("no such user")

    for name in ("MMBOOK_DATA", "XDG_CACHE_HOME", "HOME"):
        monkeypatch.delenv(name, raising=False)
    if variable:
        monkeypatch.setenv(variable, "~/data")
    monkeypatch.setattr("pwd.getpwuid", unknown)
    with pytest.raises(FileNotFoundError, match="no home folder is known"):
        paths.real_data_folder()
