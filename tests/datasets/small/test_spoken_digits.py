import hashlib
import importlib.util
import json
import shutil

import numpy as np
import pytest
import soundfile
import torch

from mmbook.datasets.entries import DataDamagedError, DataMissingError
from mmbook.datasets.small.spoken_digits import load_fsdd, load_synthetic
from mmbook.paths import data_folder

FOLDER = data_folder() / "spoken-digits"
INDEX = json.loads((FOLDER / "index.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def tool(repository):
    path = repository / "tools" / "data" / "make_spoken_digits.py"
    spec = importlib.util.spec_from_file_location("make_spoken_digits", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_index_describes_the_files():
    files = {path.stem: path for path in FOLDER.glob("*.flac")}
    assert set(files) == set(INDEX["voices"])
    for voice, path in files.items():
        assert hashlib.sha256(path.read_bytes()).hexdigest() == INDEX["voices"][voice]["sha256"]
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) < 3_000_000


def test_the_tool_and_the_readme_name_the_same_voices(tool):
    readme = (FOLDER / "README.md").read_text(encoding="utf-8")
    for split, voices in tool.VOICES.items():
        listed = [voice for voice, entry in INDEX["voices"].items() if entry["split"] == split]
        assert listed == voices.split()
        assert f"| {split} | {len(listed)} | {voices} |" in readme


def test_clips_have_the_same_level_and_lie_in_the_middle():
    for split in ("train", "validation", "test"):
        clips = load_synthetic(split)
        loud = clips.waveforms.abs() > 1e-3
        starts = loud.float().argmax(1)
        ends = clips.waveforms.shape[1] - loud.flip(1).float().argmax(1)
        assert ((starts + ends - 6400).abs() < 300).all()
        levels = clips.waveforms.square().sum(1) / (ends - starts)
        torch.testing.assert_close(levels.sqrt(), torch.full_like(levels, 0.1), atol=0.01, rtol=0)


def test_running_the_tool_again_gives_the_same_voice(tool, tmp_path):
    if shutil.which("espeak-ng") is None:
        pytest.skip("espeak-ng is not installed")
    if tool.synthesiser() != INDEX["synthesiser"]:
        pytest.skip(f"{tool.synthesiser()} here, but {INDEX['synthesiser']} made the clips")
    tool.write_voice("m7", tmp_path)
    made, shipped = (soundfile.read(folder / "m7.flac")[0] for folder in (tmp_path, FOLDER))
    np.testing.assert_allclose(made, shipped, atol=2 / 32768)  # processors round differently


def test_the_tool_says_that_espeak_is_missing(tool, monkeypatch):
    monkeypatch.setenv("PATH", "")
    with pytest.raises(SystemExit, match="apt-get install espeak-ng"):
        tool.synthesiser()


@pytest.fixture
def recordings(tmp_path, monkeypatch):
    monkeypatch.setenv("MMBOOK_DATA", str(tmp_path))
    folder = tmp_path / "free-spoken-digit-dataset" / "recordings"
    folder.mkdir(parents=True)
    for speaker in ("george", "theo"):
        for take in (4, 5):
            tone = 0.3 * np.sin(np.arange(3000 + take))
            soundfile.write(folder / f"7_{speaker}_{take}.wav", tone, 8000)
    return folder


def test_recordings_are_split_by_speaker_and_take(recordings):
    voices = {split: load_fsdd(split).voices for split in ("train", "validation", "test")}
    assert voices == {"train": ["george"], "validation": ["george"], "test": ["theo", "theo"]}
    clips = load_fsdd("test")
    assert clips.labels.tolist() == [7, 7]
    assert clips.words == ["seven", "seven"]
    assert clips.waveforms.shape == (2, 6400)


def test_bad_recordings_are_named(recordings):
    soundfile.write(recordings / "7_george_9.wav", np.ones(100), 16000)
    with pytest.raises(DataDamagedError, match=r"7_george_9\.wav.*8000 were expected"):
        load_fsdd("train")
    soundfile.write(recordings / "7_george_9.wav", np.zeros(100), 8000)
    with pytest.raises(DataDamagedError, match=r"7_george_9\.wav.*silent"):
        load_fsdd("train")
    (recordings / "seven.wav").write_bytes(b"")
    with pytest.raises(DataDamagedError, match=r"seven\.wav is not named"):
        load_fsdd("train")


def test_missing_recordings_say_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setenv("MMBOOK_DATA", str(tmp_path))
    folder = tmp_path / "free-spoken-digit-dataset" / "recordings"
    missing = r"(?s)CC BY-SA 4\.0.*download fsdd.*MMBOOK_DATA"
    with pytest.raises(DataMissingError, match=missing):
        load_fsdd("train")
    folder.mkdir(parents=True)
    with pytest.raises(DataMissingError, match=missing):
        load_fsdd("train")
    (folder / "notes.txt").write_text("nothing to hear")
    with pytest.raises(DataDamagedError, match="no recordings"):
        load_fsdd("train")
