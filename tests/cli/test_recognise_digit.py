"""The program as its users run it: mixed, damaged and missing input, and what comes out."""

import json
import os
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
import soundfile
from sklearn.datasets import load_digits

from mmbook.cli.recognise_digit import kind_of, main
from mmbook.datasets.small.spoken_digits import load_synthetic

PROGRAM = [sys.executable, "-m", "mmbook", "recognise-digit"]
ROOT = str(Path(__file__).parents[2])


def run(folder: Path, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run the program in a folder that is not the repository."""
    return subprocess.run(
        [*PROGRAM, *words],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": ROOT, **variables},
        capture_output=True,
        encoding="utf-8",
        errors="surrogateescape",
    )


def write_image(path: Path, row: int, *, is_dark: bool = False, grey: bool = False) -> int:
    """A digit on a large sheet as an image file; returns the digit."""
    pixels, labels = load_digits(return_X_y=True)
    ink = cv2.resize(pixels[row].reshape(8, 8) / 16, (120, 120), interpolation=cv2.INTER_CUBIC)
    page = np.full((240, 200, 3), 235, np.uint8)
    page[60:180, 10:130] = (235 - 200 * ink.clip(0, 1)[..., None]).astype(np.uint8)
    page = 255 - page if is_dark else page
    ending = path.suffix.lower() if path.suffix.lower() in (".png", ".jpg") else ".png"
    path.write_bytes(cv2.imencode(ending, page[..., 0] if grey else page)[1].tobytes())
    return int(labels[row])


def write_sound(path: Path, row: int, rate: int) -> int:
    """A spoken digit between pauses as a sound file of any rate; returns the digit."""
    clips = load_synthetic("test")
    said = np.concatenate([np.zeros(3000), clips.waveforms[row].numpy() * 0.3, np.zeros(5000)])
    times = np.arange(0, len(said) - 1, 8000 / rate)
    soundfile.write(path, np.interp(times, np.arange(len(said)), said), rate)
    return int(clips.labels[row])


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, int]]:
    """A folder with good and damaged files, and what the good ones show or say."""
    folder = tmp_path_factory.mktemp("inputs")
    (folder / "more" / "声音").mkdir(parents=True)
    (folder / "empty").mkdir()
    right = {
        "a.png": write_image(folder / "a.png", 0),
        "b dark.JPG": write_image(folder / "b dark.JPG", 1, is_dark=True),
        "more/数字.png": write_image(folder / "more" / "数字.png", 2, grey=True),
        "more/声音/four.wav": write_sound(folder / "more" / "声音" / "four.wav", 4, 44_100),
        "more/声音/six.flac": write_sound(folder / "more" / "声音" / "six.flac", 6, 11_025),
    }
    (folder / "broken.png").write_bytes((folder / "a.png").read_bytes()[:200])
    (folder / "broken.wav").write_bytes((folder / "more/声音/four.wav").read_bytes()[:20])
    (folder / "nothing.png").touch()
    (folder / "notes.txt").write_text("nothing to see")
    soundfile.write(folder / "silent.wav", np.zeros(8000), 8000)
    return folder, right


BROKEN = ("broken.png", "broken.wav", "nothing.png", "silent.wav")


def test_a_folder_of_everything(inputs: tuple[Path, dict[str, int]]) -> None:
    folder, right = inputs
    done = run(folder, ".")
    assert done.returncode == 1
    lines = [line.rsplit(" ", 1)[0] for line in done.stdout.splitlines()]
    assert lines == [f"{name}: {digit}" for name, digit in sorted(right.items())]
    assert [line.split(": ")[1] for line in done.stderr.splitlines()] == list(BROKEN)
    assert all(line.startswith("error: ") for line in done.stderr.splitlines())
    assert "cut short" in done.stderr and "Traceback" not in done.stderr


def test_what_machines_read_holds_errors_too(inputs: tuple[Path, dict[str, int]]) -> None:
    folder, right = inputs
    chosen = ["more/数字.png", "broken.png", "empty", "gone.png", "more/声音/four.wav", "notes.txt"]
    done = run(folder, "--json", *chosen, LC_ALL="C", PYTHONUTF8="0")
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    # Where the machine knows ASCII only, other bytes of a name stand as lone surrogates.
    assert [os.fsencode(row["input"]) for row in rows] == [name.encode() for name in chosen]
    assert done.returncode == 1
    for place in (0, 4):
        assert rows[place]["digit"] == right[chosen[place]]
        assert 0.5 < rows[place]["probability"] <= 1
    assert [row["kind"] for row in (rows[0], rows[4])] == ["image", "sound"]
    assert [set(rows[place]) for place in (1, 2, 3, 5)] == [{"input", "error"}] * 4
    assert "no file that ends in" in rows[2]["error"] and "no such file" in rows[3]["error"]


def test_all_right_is_status_0_and_odd_names_do_not_matter(
    inputs: tuple[Path, dict[str, int]], tmp_path: Path
) -> None:
    folder, right = inputs
    odd = os.fsdecode(b"\xff\xfe.png")
    content = (folder / "a.png").read_bytes()
    for name in (odd, "-x.png", "no ending"):
        (tmp_path / name).write_bytes(content)
    done = run(tmp_path, "--json", odd, "no ending", str(folder / "a.png"), "--", "-x.png")
    assert (done.returncode, done.stderr) == (0, "")
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert [row["digit"] for row in rows] == [right["a.png"]] * 4
    assert [row["input"] for row in rows][:2] == [odd, "no ending"]


def test_a_reader_that_has_gone_is_no_reason_for_a_traceback(
    inputs: tuple[Path, dict[str, int]],
) -> None:
    folder, _ = inputs
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [*PROGRAM, "a.png"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": ROOT},
        stdout=writing,
        stderr=subprocess.PIPE,
        text=True,
    )
    os.close(writing)
    assert (done.returncode, done.stderr) == (1, "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a full device")
def test_a_full_disk_is_said_in_one_line(inputs: tuple[Path, dict[str, int]]) -> None:
    folder, _ = inputs
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [*PROGRAM, "a.png"],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": ROOT},
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
        )
    assert done.returncode == 1
    assert done.stderr == "error: cannot write: No space left on device\n"


def status(words: list[str]) -> int:
    try:
        return main(words)
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else 1


def test_wrong_usage_is_status_2(capsys: pytest.CaptureFixture[str]) -> None:
    assert status([]) == 2
    assert "name an image, a sound or a folder" in capsys.readouterr().err
    assert status(["--no-such-option", "x.png"]) == 2
    printed = capsys.readouterr()
    assert printed.out == "" and "no-such-option" in printed.err


def test_help_says_what_can_be_given(capsys: pytest.CaptureFixture[str]) -> None:
    assert status(["--help"]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "python -m mmbook recognise-digit" in said and "--json" in said and "WAV" in said


def test_the_kind_is_known_by_name_or_by_content(inputs: tuple[Path, dict[str, int]]) -> None:
    folder, _ = inputs
    assert kind_of(folder / "broken.wav") == "sound" and kind_of(folder / "nothing.png") == "image"
    bare = folder / "empty" / "bare"
    for name, kind in (("more/声音/six.flac", "sound"), ("a.png", "image"), ("notes.txt", "image")):
        bare.write_bytes((folder / name).read_bytes())
        assert kind_of(bare) == kind
    bare.unlink()
