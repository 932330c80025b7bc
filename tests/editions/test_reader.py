"""The reader's copy: what was changed stays, the rest is renewed, and nothing is half written."""

import json
import os
import subprocess
import sys

import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output, writes

from tools.editions import reader
from tools.editions.reader import RECORD, renew

NAME = "part/chapter.ipynb"
NEW = "part/chapter.new.ipynb"


def notebook(*sources: str, printed: str = "") -> bytes:
    """A notebook with these code cells; the first one printed something."""
    cells = [new_code_cell(source, id=f"c{n}") for n, source in enumerate(sources)]
    if printed:
        cells[0].outputs = [new_output("stream", name="stdout", text=printed)]
    return writes(new_notebook(cells=cells)).encode()


@pytest.fixture
def copy(tmp_path):
    """A copy in which the first version of a chapter was written."""
    assert renew({NAME: notebook("one")}, tmp_path / "copy") == []
    return tmp_path / "copy"


def files(folder) -> set[str]:
    """The files of a folder."""
    return {str(it.relative_to(folder)) for it in folder.rglob("*") if it.is_file()}


def test_new_chapters_are_added_and_untouched_ones_renewed(copy):
    assert (copy / NAME).read_bytes() == notebook("one")
    assert renew({NAME: notebook("two"), "START.ipynb": notebook("x")}, copy) == []
    assert (copy / NAME).read_bytes() == notebook("two")
    assert files(copy) == {NAME, "START.ipynb", RECORD}


def test_what_the_reader_changed_stays_and_the_new_version_lies_beside_it(copy):
    (copy / NAME).write_bytes(notebook("mine"))
    assert renew({NAME: notebook("one")}, copy) == []
    assert files(copy) == {NAME, RECORD}
    said = renew({NAME: notebook("two")}, copy)
    assert said == [f"{NAME} has changes of yours, so the book's new version is {NEW}"]
    assert (copy / NAME).read_bytes() == notebook("mine")
    assert (copy / NEW).read_bytes() == notebook("two")
    assert renew({NAME: notebook("two")}, copy) == []
    assert len(renew({NAME: notebook("three")}, copy)) == 1
    assert (copy / NEW).read_bytes() == notebook("three")


def test_changes_in_the_new_version_stay_too(copy):
    (copy / NAME).write_bytes(notebook("mine"))
    renew({NAME: notebook("two")}, copy)
    (copy / NEW).write_bytes(notebook("mine too"))
    renew({NAME: notebook("three")}, copy)
    texts = {name: (copy / name).read_bytes() for name in files(copy) - {RECORD}}
    assert texts == {
        NAME: notebook("mine"),
        NEW: notebook("mine too"),
        "part/chapter.new-2.ipynb": notebook("three"),
    }


def test_running_is_no_change(copy):
    (copy / NAME).write_bytes(notebook("one", printed="1\n"))
    assert renew({NAME: notebook("one")}, copy) == []
    assert (copy / NAME).read_bytes() == notebook("one", printed="1\n")
    renew({NAME: notebook("two")}, copy)
    assert (copy / NAME).read_bytes() == notebook("two")


def test_other_outputs_of_the_book_reach_who_changed_nothing_only(copy):
    renewed = notebook("one", printed="1\n")
    assert renew({NAME: renewed}, copy) == []
    assert (copy / NAME).read_bytes() == renewed
    (copy / NAME).write_bytes(notebook("mine"))
    assert renew({NAME: notebook("one", printed="2\n")}, copy) == []
    assert files(copy) == {NAME, RECORD}


def test_a_change_that_the_book_makes_too_is_no_change(copy):
    (copy / NAME).write_bytes(notebook("two"))
    assert renew({NAME: notebook("two")}, copy) == []
    renew({NAME: notebook("three")}, copy)
    assert (copy / NAME).read_bytes() == notebook("three")


def test_what_was_deleted_comes_back_and_files_of_the_reader_stay(copy):
    (copy / NAME).unlink()
    (copy / "part/notes.ipynb").write_bytes(notebook("notes"))
    renew({NAME: notebook("one")}, copy)
    assert (copy / NAME).read_bytes() == notebook("one")
    assert (copy / "part/notes.ipynb").read_bytes() == notebook("notes")


@pytest.mark.parametrize("damage", ["", "{", "[1]", '{"part/chapter.ipynb": 3}', None])
def test_without_a_record_everything_is_the_reader_s(copy, damage):
    (copy / RECORD).unlink()
    if damage is not None:
        (copy / RECORD).write_text(damage)
    assert len(renew({NAME: notebook("two")}, copy)) == 1
    assert (copy / NAME).read_bytes() == notebook("one")


@pytest.mark.parametrize("mine", ["", "no notebook", '{"cells": 3}', "\ud800", "[" * 100_000])
def test_a_file_that_is_no_notebook_is_the_reader_s(copy, mine):
    (copy / NAME).write_bytes(mine.encode("utf-8", "surrogatepass"))
    renew({NAME: notebook("two")}, copy)
    assert (copy / NAME).read_bytes() == mine.encode("utf-8", "surrogatepass")


@pytest.mark.parametrize("step", range(4))
def test_killed_at_any_moment_nothing_is_lost(copy, step, monkeypatch):
    """Each file comes to its place in one step: before it lies the old one there, then the new."""
    (copy / "other.ipynb").write_bytes(notebook("mine"))
    new = {NAME: notebook("two"), "other.ipynb": notebook("theirs")}
    done, replace = [], os.replace

    def killed(*paths):
        if len(done) == step:
            raise KeyboardInterrupt
        done.append(replace(*paths))

    monkeypatch.setattr(os, "replace", killed)
    with pytest.raises(KeyboardInterrupt):
        renew(new, copy)
    assert (copy / NAME).read_bytes() in (notebook("one"), notebook("two"))
    monkeypatch.undo()
    renew(new, copy)
    assert (copy / NAME).read_bytes() == notebook("two")
    assert (copy / "other.ipynb").read_bytes() == notebook("mine")
    assert (copy / "other.new.ipynb").read_bytes() == notebook("theirs")
    assert files(copy) == {NAME, "other.ipynb", "other.new.ipynb", RECORD}


def test_what_is_in_the_way_is_named_in_one_line(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(reader, "student_edition", lambda book: {NAME: notebook("one")})
    (tmp_path / "part").write_text("a file")
    assert reader.main([str(tmp_path)]) == 2
    (said,) = capsys.readouterr().err.splitlines()
    assert said.startswith("error: ") and str(tmp_path / "part") in said


def git(repository, *arguments: str) -> str:
    """What git says in the repository."""
    command = ["git", "-C", str(repository), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def test_the_command_touches_nothing_that_git_tracks(repository, tmp_path):
    before = git(repository, "status", "--porcelain")
    command = [sys.executable, "-m", "tools.editions.reader", str(tmp_path / "copy")]
    done = subprocess.run(command, cwd=repository, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    start = tmp_path / "copy" / "START.ipynb"
    assert done.stdout == f"Your copy of the chapters: {start}\n"
    assert json.loads(start.read_text())["cells"]
    assert git(repository, "status", "--porcelain") == before


def test_the_copy_is_ignored_and_make_lab_opens_it(repository):
    file = f"{reader.FOLDER}/START.ipynb"
    assert git(repository, "check-ignore", file).strip() == file
    command = ["make", "--dry-run", "-o", ".venv/.installed-book", "lab"]
    done = subprocess.run(command, cwd=repository, capture_output=True, text=True, check=True)
    made, opened = done.stdout.replace("\\\n", "").splitlines()
    assert made.endswith("-m tools.editions.reader")
    assert f"--notebook-dir={reader.FOLDER} " in opened
    assert opened.endswith("--LabApp.default_url=/lab/tree/START.ipynb")
