"""Every experiment goes on where it was stopped, and finds what it would have found at once."""

import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from mmbook.evaluation import Result, Row
from mmbook.experiments.harness.finished import Unit, finished_files
from mmbook.experiments.harness.registry import EXPERIMENTS
from mmbook.preprocessing.audio.features import FEATURES
from tests.experiments import (
    small_speech,
    test_av_mnist,
    test_calibration,
    test_copying,
    test_data_scarcity,
    test_digit_gan,
    test_digits_fusion,
    test_explainability,
    test_fusion_games,
    test_image_recognition,
    test_imbalance,
    test_language_model,
    test_learning_curves,
    test_photo_captioning,
    test_privacy,
    test_resizing,
    test_scaling,
    test_scene_captioning,
    test_scene_gan,
    test_scene_retrieval,
    test_shared_space,
    test_speech_features,
    test_speech_recognition,
    test_spoken_digits,
    test_tokenisation,
    test_transformer_parts,
)
from tests.experiments.emoji_retrieval import small as small_emoji

SMALL: dict[str, Any] = {
    "av-mnist": test_av_mnist.TINY,
    "calibration": test_calibration.TINY,
    "copying": test_copying.TINY,
    "data-scarcity": test_data_scarcity.TINY,
    "digit-gan": test_digit_gan.TINY,
    "digits-fusion": test_digits_fusion.TINY,
    "emoji-retrieval": small_emoji.TINY,
    "explainability": test_explainability.TINY,
    "fusion-games": test_fusion_games.TINY,
    "image-recognition": test_image_recognition.TINY,
    "imbalance": test_imbalance.TINY,
    "language-model": test_language_model.TINY,
    "learning-curves": test_learning_curves.TINY,
    "photo-captioning": test_photo_captioning.FEW,
    "privacy": test_privacy.TINY,
    "resizing": test_resizing.TINY,
    "scaling": test_scaling.TINY,
    "scene-captioning": test_scene_captioning.TINY,
    "scene-gan": test_scene_gan.TINY,
    "scene-retrieval": test_scene_retrieval.TINY,
    "shared-space": test_shared_space.TINY,
    "speech-features": test_speech_features.CONFIG,
    "speech-quality": small_speech.TINY,
    "speech-recognition": test_speech_recognition.TINY,
    "spoken-digits": test_spoken_digits.TINY,
    "tokenisation": test_tokenisation.SMALL,
    "transformer-parts": test_transformer_parts.TINY,
}


@pytest.fixture
def begun(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The units of work that were begun: trained or measured, and not read from a file."""
    found: list[str] = []
    announce = Unit.announce

    def note(unit: Unit) -> None:
        found.append(f"{unit.folder.name} {unit.run}")
        announce(unit)

    monkeypatch.setattr(Unit, "announce", note)
    few = {name: FEATURES[name] for name in ("waveform", "log-mel minus mean")}
    monkeypatch.setattr("mmbook.experiments.speech_features.FEATURES", few)
    return found


@contextmanager
def stopped_after(units: int) -> Iterator[None]:
    """Ctrl-C comes when so many units of work are finished and the next one begins."""
    announce, done = Unit.announce, 0

    def stop(unit: Unit) -> None:
        nonlocal done
        if done == units:
            raise KeyboardInterrupt
        done += 1
        announce(unit)

    with pytest.MonkeyPatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(Unit, "announce", stop)
        yield


def values(result: Result) -> list[Row]:
    """What must be the same: all but how long training took."""
    return [row for row in result.rows if row.metric != "seconds"]


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_a_stopped_experiment_goes_on(
    name: str, begun: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, config = EXPERIMENTS[name].run, SMALL[name]
    if name == "speech-quality":
        pytest.importorskip("pesq", reason="PESQ is measured with pesq")
    if name == "emoji-retrieval":  # it has no data that ship
        monkeypatch.setenv("MMBOOK_DATA", str(small_emoji.write(tmp_path / "data")))
    if name == "photo-captioning":
        test_photo_captioning.make_up(monkeypatch)
    whole = run("mini", config, tmp_path / "whole" / "run")
    everything = list(begun)
    assert len(everything) == len(set(everything)) > 1
    with stopped_after(1):
        run("mini", config, tmp_path / "stopped" / "run")
    assert len(finished_files(tmp_path / "stopped")) == 1
    begun.clear()
    again = run("mini", config, tmp_path / "stopped" / "run")
    assert begun == everything[1:]
    assert values(again) == values(whole)
    assert (again.data, again.parameters) == (whole.data, whole.parameters)


def test_ctrl_c_of_a_program(tmp_path: Path) -> None:
    """A log says how far it is, the last line what is kept, and the same command goes on."""
    words = f"copying --lengths 4 --seeds 0 --training.steps 60 --test-size 9 --runs {tmp_path}"
    command = [sys.executable, "-m", "mmbook.experiments", *words.split()]
    log = tmp_path / "log"
    with log.open("w") as out:
        # A shell starts what runs in the background with Ctrl-C ignored, and children inherit that.
        heed = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)
        process = subprocess.Popen(command, stdout=out, stderr=out, preexec_fn=heed)
        waited_until = time.monotonic() + 100
        # Where the machine is busy, lines before the one of the finished model say how far it is.
        finished = re.compile(r"seed-0 RNN, .*loss")
        while not finished.search(log.read_text()) and time.monotonic() < waited_until:
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 130
    folder = tmp_path / "copying-mini"
    kept = finished_files(folder)
    said = log.read_text().splitlines()
    assert len(kept) < 10 and "Traceback" not in log.read_text()
    assert said[-1].startswith(f"stopped; {folder} keeps {len(kept)} finished part")
    assert said[-1].endswith("give the same command again to go on")
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    assert "RNN, first symbol of 4:" not in done.stdout  # it was finished before
    assert len(finished_files(folder)) == 10
