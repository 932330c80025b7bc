"""The inspector in a page against the package: what spoils a recording, and what is said of it."""

import base64
import json
from functools import cache
from xml.etree import ElementTree

import numpy as np
import onnxruntime
import pytest
import torch
from torch import Tensor

from mmbook.datasets.small.spoken_digits import load_spoken_digits
from mmbook.models.inspection import SpeechInspector
from mmbook.preprocessing.audio.faults import FAULTS, RATE
from mmbook.preprocessing.audio.faults.added import add_noise
from mmbook.preprocessing.audio.faults.channel import clip_at, clip_peaks
from tests.live.small_models import small_inspector
from tools.live.export import onnx_bytes, script_of
from tools.live.inspection import (
    CAPTION,
    DEPTH,
    NOISE_STEPS,
    OFFERED,
    SAMPLES,
    SECONDS,
    inputs_of,
    page_of,
    recordings,
    split,
    white_noise,
)
from tools.live.models import LiveModel, recordings_inspected
from tools.live.packing import FOLDER, LARGEST, handed_over

SETTINGS = [(None, 0), (20, 0), (-5, 0), (None, 0.1), (9, 0.025)]


@cache
def model() -> SpeechInspector:
    return small_inspector()


@cache
def live() -> LiveModel:
    return recordings_inspected(model())


@torch.no_grad()
def shown(waveform: Tensor, snr_db: float | None = None, share: float = 0) -> dict[str, Tensor]:
    return split(live().module(inputs_of(waveform, snr_db, share)), model())


@pytest.mark.parametrize("setting", SETTINGS)
@pytest.mark.parametrize("name", ["Clean voice", "Hum of mains"])
def test_recordings_are_spoilt_as_the_package_does_it(name: str, setting) -> None:
    snr_db, share = setting
    wanted = clean = recordings()[name] / DEPTH
    if snr_db is not None:
        wanted = add_noise(wanted, white_noise() / NOISE_STEPS, snr_db).waveform
    if share:
        wanted = clip_peaks(wanted, share).waveform
    found = shown(clean, *setting)["waveform"]
    torch.testing.assert_close(found, wanted, rtol=0, atol=1e-6)
    assert (setting == (None, 0)) == torch.equal(found, clean)


def test_the_converter_ends_at_one() -> None:
    loud = 5 * recordings()["Clean voice"] / DEPTH
    found = shown(loud / loud.abs().max(), 0)["waveform"]
    noisy = add_noise(loud / loud.abs().max(), white_noise() / NOISE_STEPS, 0).waveform
    assert noisy.abs().max() > 1.1
    torch.testing.assert_close(found, clip_at(noisy, 1).waveform, rtol=0, atol=1e-6)


@pytest.mark.parametrize("setting", SETTINGS)
@pytest.mark.parametrize("name", [*OFFERED])
def test_what_is_said_is_what_the_model_predicts(name: str, setting) -> None:
    found = shown(recordings()[name] / DEPTH, *setting)
    report = model().predict(found["waveform"], RATE)
    chances = torch.tensor([report.faults[fault] for fault in FAULTS])
    torch.testing.assert_close(found["faults"], chances, rtol=0, atol=1e-5)
    torch.testing.assert_close(found["trace"], report.trace, rtol=0, atol=1e-5)
    for measure in ("snr", "stoi", "pesq"):
        wanted = getattr(report, measure)
        assert wanted is None or found[measure].item() == pytest.approx(wanted, abs=1e-4)
    assert report.pesq is not None and 0.1 < chances.std() < 0.5


def test_silence_and_a_constant_offset_are_those_of_the_model() -> None:
    nothing = shown(torch.zeros(SAMPLES), 10)
    assert nothing["waveform"].abs().max() == nothing["trace"].max() == nothing["sounds"] == 0
    assert not nothing["faults"].any()
    offset = shown(0.1 + recordings()["Clean voice"] / DEPTH)
    report = model().predict(offset["waveform"], RATE)
    assert offset["offset"].item() == pytest.approx(0.1, abs=0.001) and offset["sounds"] == 1
    torch.testing.assert_close(
        offset["faults"], torch.tensor([*report.faults.values()]), rtol=0, atol=1e-4
    )
    assert shown(recordings()["Clean voice"] / DEPTH + 0.009)["offset"] == 0


@pytest.mark.parametrize(("level", "steady"), [(0.0, True), (0.1, False)])
def test_a_tone_is_steady_where_the_model_says_so(level: float, steady: bool) -> None:
    time = torch.arange(SAMPLES) / RATE
    tone = 0.2 * (2 * torch.pi * 440 * time).sin() * (1 + level * (9 * time).sin())
    report = model().predict(tone, RATE)
    assert (report.pesq is None) == steady
    assert (shown(tone)["change"].item() < page_of(model())["steady"]) == steady


def test_the_exported_inspector_is_the_model_s() -> None:
    session = onnxruntime.InferenceSession(onnx_bytes(live()))
    for name, waveform in recordings().items():
        values = inputs_of(waveform / DEPTH, 12, 0.01)
        (found,) = session.run([live().output], {live().input: values.numpy()})
        wanted = shown(waveform / DEPTH, 12, 0.01)
        for part, values in split(torch.from_numpy(np.asarray(found)), model()).items():
            assert (values - wanted[part]).abs().max() < 1e-3, (name, part)


def test_recordings_are_of_voices_that_no_training_has() -> None:
    voices = {voice for voice, _ in OFFERED.values()}
    assert voices <= set(load_spoken_digits("test").origins) and len(voices) == len(OFFERED)
    for waveform in recordings().values():
        assert waveform.shape == (SECONDS * RATE,) and waveform.dtype == torch.int16
        assert 0.1 < waveform.abs().max() / DEPTH < 1
    assert all(map(torch.equal, recordings().values(), recordings().values()))


def test_the_page_holds_all_that_it_needs_and_is_small() -> None:
    page = json.loads(json.dumps(page_of(model())))
    assert page["faults"] == [*FAULTS] and page["added"] == ["noise", "crosstalk", "hum"]
    assert page["thresholds"] == [0.6] * 9 and page["qualities"][-1] == [None, "excellent"]
    for name, text in page["recordings"].items():
        assert np.array_equal(np.frombuffer(base64.b64decode(text), "<i2"), recordings()[name])
    assert len(script_of("speech-quality", live())) < LARGEST / 2


def test_the_recordings_that_ship_are_these() -> None:
    shipped = handed_over((FOLDER / "speech-quality.js").read_text(encoding="utf-8"))["recordings"]
    assert [*shipped] == [*OFFERED]
    for name, wanted in recordings().items():
        found = np.frombuffer(base64.b64decode(shipped[name]), "<i2").astype(int)
        assert np.abs(found - wanted.numpy()).max() <= 1


def test_the_still_image_says_what_is_found() -> None:
    still = live().still
    assert len(still) < LARGEST / 40 and ElementTree.fromstring(still) is not None
    assert f">{CAPTION}: PESQ " in still
    found = [fault for fault in FAULTS if f'font-weight="bold">{fault}<' in still]
    wanted = shown(recordings()["Clicks"] / DEPTH, 12, 0.02)["faults"] >= 0.6
    assert found == [fault for fault, there in zip(FAULTS, wanted, strict=True) if there]
    assert 0 < len(found) < len(FAULTS)
