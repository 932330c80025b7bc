"""The network that inspects, and its verdicts on raw sound."""

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from mmbook.batch import Batch, Padded
from mmbook.models.config import ConfigError, from_json, to_json
from mmbook.models.inspection import (
    Inspection,
    InspectionLoss,
    SpeechInspector,
    SpeechInspectorConfig,
)
from mmbook.models.pretrained import load_pretrained, save_pretrained
from mmbook.preprocessing.audio.checks import AudioError
from mmbook.preprocessing.audio.faults import FAULTS, RATE

SMALL = {"stages": (4, 4), "statistics": (4,), "width": 8, "mels": 16, "window": 256}
OPTIONS: list[dict[str, Any]] = [
    {},
    {"causal": True},
    {"fusion": "attention"},
    {"fusion": "late"},
    {"fusion": "late", "layers": 0},
    {"streams": ("spectrogram",)},
    {"streams": ("statistics",), "layers": 2},
    {"stages": (), "statistics": ()},
]


def inspector(**options: Any) -> SpeechInspector:
    torch.manual_seed(0)
    model = SpeechInspectorConfig(**{**SMALL, **options}).build()
    for module in model.modules():  # as if it had been trained: statistics of its own
        if isinstance(module, torch.nn.BatchNorm2d):
            torch.nn.init.uniform_(module.running_mean, -0.5, 0.5)  # type: ignore[arg-type]
            torch.nn.init.uniform_(module.running_var, 0.5, 2.0)  # type: ignore[arg-type]
            torch.nn.init.uniform_(module.bias, -0.5, 0.5)
    return model.eval()


def sound(samples: int, seed: int = 0) -> Tensor:
    """Noise whose level changes, as that of speech does."""
    generator = torch.Generator().manual_seed(seed)
    envelope = 0.02 + torch.sin(torch.arange(samples) * (2 * math.pi * 3 / RATE)).square()
    return 0.1 * envelope * torch.randn(samples, generator=generator)


def parts(found: Inspection) -> tuple[Tensor, ...]:
    return found.frames, found.faults, found.snr, found.stoi, found.pesq


@pytest.mark.parametrize("options", OPTIONS)
@torch.inference_mode()
def test_recordings_in_a_batch_are_judged_as_each_alone(options: dict[str, Any]) -> None:
    model, lengths = inspector(**options), (3000, 5120, 777)
    sounds = [sound(length, seed) for seed, length in enumerate(lengths)]
    batch = Padded.of(sounds, fill=float("nan"))
    found = model({"audio": batch})
    assert found.frames.shape == (3, 41, len(FAULTS))
    for row, length in enumerate(lengths):
        alone = model({"audio": sounds[row][None]})
        count = 1 + length // 128
        assert found.mask[row].sum() == count == alone.mask.sum()
        torch.testing.assert_close(found.frames[row, :count], alone.frames[0], atol=1e-5, rtol=0)
        for together, single in zip(parts(found)[1:], parts(alone)[1:], strict=True):
            torch.testing.assert_close(together[row], single[0], atol=1e-4, rtol=1e-5)


def test_measures_stay_in_their_ranges() -> None:
    found = inspector()({"audio": 100 * torch.stack([sound(4000), sound(4000, 1)])})
    assert ((found.stoi >= 0) & (found.stoi <= 1)).all()
    assert ((found.pesq >= 1) & (found.pesq <= 4.55)).all()


@torch.inference_mode()
def test_a_causal_inspector_does_not_look_ahead() -> None:
    one, other = sound(6400), sound(6400)
    other[3200:] = sound(3200, 9)
    for causal, same in ((True, True), (False, False)):
        model = inspector(causal=causal)
        first, second = (model({"audio": x[None]}).frames[0, :25] for x in (one, other))
        # Of frame 23, centred on 2944, the window ends with sample 3072.
        assert torch.equal(first[:24], second[:24]) == same


def test_loss_decreases_and_unknown_measures_do_not_matter() -> None:
    model = inspector().train()
    truth = torch.zeros(2, 32, len(FAULTS), dtype=torch.bool)
    truth[0, 5:9, 2] = True
    nan = torch.full((2,), float("nan"))
    known = torch.tensor([10.0, float("nan")])
    batch = Batch(
        {"audio": torch.stack([sound(4000), sound(4000, 1)])},
        {"faults": truth, "snr": known, "stoi": nan, "pesq": nan},
    )
    optimiser = torch.optim.Adam(model.parameters(), lr=1e-2)
    losses = []
    for _ in range(12):
        loss = InspectionLoss()(model, batch)
        optimiser.zero_grad()
        loss.mean().backward()
        optimiser.step()
        losses.append(loss.mean().item())
    assert loss.count == 2
    assert losses[-1] < 0.7 * losses[0]
    out = model.judge[2].weight.grad
    assert out is not None
    assert (out == 0).all()  # stoi, pesq
    out = model.gathering.share.weight.grad
    assert out is not None
    assert (out != 0).any()  # snr


def test_a_saved_inspector_says_the_same(tmp_path: Path) -> None:
    model = inspector(thresholds=(0.3,) * 9)
    save_pretrained(tmp_path, model.config, model)
    again = load_pretrained(tmp_path)
    one, other = (m.predict(sound(8000), RATE).to_dict(trace=True) for m in (model, again))
    assert one == other


def test_a_configuration_goes_to_json_and_back() -> None:
    config = SpeechInspectorConfig(causal=True, fusion="late", thresholds=(0.25,) * 9)
    assert from_json(to_json(config)) == config


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"streams": ()}, "one or more"),
        ({"streams": ("statistics", "statistics")}, "one or more"),
        ({"streams": ("waveform",)}, "no stream 'waveform'"),
        ({"width": 7}, "width must be even"),
        ({"layers": -1}, "layers 0 or more"),
        ({"window": 200}, "a window must be even"),
        ({"mels": 0}, "mels up to half"),
        ({"thresholds": (0.5,)}, "thresholds must be 9"),
        ({"frame_thresholds": (0.0,) * 9}, "frame_thresholds must be 9"),
    ],
)
def test_settings_that_do_not_fit_are_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        SpeechInspectorConfig(**options)


def test_other_inputs_are_refused() -> None:
    with pytest.raises(ValueError, match='reads "audio"'):
        inspector()({"image": torch.zeros(1, 100)})
    with pytest.raises(AudioError, match="waveforms must be"):
        inspector()({"audio": torch.zeros(100)})


@pytest.mark.parametrize("causal", [False, True])
def test_a_report_is_complete(causal: bool) -> None:
    report = inspector(causal=causal, thresholds=(0.01,) * 9).predict(sound(12000), RATE)
    assert report.seconds == 1.5
    assert report.trace.shape == (1 + 12000 // 128, len(FAULTS))
    assert tuple(report.faults) == report.found == FAULTS
    assert report.snr is not None
    assert report.pesq is not None
    assert report.stoi is not None
    assert report.notes == ()
    assert all(0 <= span.start < span.end <= 1.5 for span in report.spans)


def test_what_is_not_found_has_neither_spans_nor_an_snr() -> None:
    report = inspector(thresholds=(1.0,) * 9, frame_thresholds=(0.01,) * 9).predict(
        sound(12000), RATE
    )
    assert (report.found, report.spans, report.snr) == ((), (), None)


@pytest.mark.parametrize("rate", [4000, 11025, 16000, 44100, 192000])
def test_any_rate_is_brought_to_that_of_the_network(rate: int) -> None:
    report = inspector().predict(sound(rate), rate)
    assert report.seconds == pytest.approx(1.0, abs=1e-3)
    assert report.trace.shape == (63, len(FAULTS))
    assert ("sampled 4000" in " ".join(report.notes)) == (rate == 4000)


def test_integers_and_channels_are_read() -> None:
    x = (sound(8000) * 32768).round().clamp(-32768, 32767)
    model = inspector()
    wanted = model.predict(x / 32768, RATE)
    stereo = torch.stack([x, x]).to(torch.int16)
    for samples in (x.to(torch.int16), stereo, stereo.T, x.to(torch.int16).numpy()):
        found = model.predict(samples, RATE)
        torch.testing.assert_close(found.trace, wanted.trace, atol=1e-5, rtol=0)
        assert found.pesq == pytest.approx(wanted.pesq, abs=1e-4)


@pytest.mark.parametrize(
    ("samples", "note", "faults"),
    [
        (torch.zeros(8000), "silence", 0.0),
        (torch.zeros(1), "silence", 0.0),
        (torch.full((8000,), 0.25), "silence", 0.0),
        (sound(3000), "shorter than 0.4 s", None),
        (torch.tensor([0.5, -0.5]), "shorter than 0.4 s", None),
        (torch.sin(torch.arange(16000) * 0.7) / 2, "not speech-like", None),
    ],
)
def test_what_holds_no_speech_is_not_judged(
    samples: Tensor, note: str, faults: float | None
) -> None:
    report = inspector().predict(samples, RATE)
    assert any(said.startswith(note) for said in report.notes)
    assert (report.pesq, report.stoi, report.snr, report.quality) == (None, None, None, "unknown")
    assert (report.faults["noise"] == 0) == (faults == 0)
    assert report.trace.isfinite().all()


def test_a_constant_offset_is_taken_out_and_said() -> None:
    model, x = inspector(), sound(12000)
    x = x - x.mean()
    one, other = model.predict(x, RATE), model.predict(x + 0.3, RATE)
    assert other.notes == ("a constant offset of 0.30 of full scale was taken out",)
    torch.testing.assert_close(one.trace, other.trace, atol=1e-3, rtol=0)


@pytest.mark.parametrize(
    ("samples", "rate", "message"),
    [
        (torch.zeros(0), RATE, "samples must be"),
        (torch.full((800,), float("nan")), RATE, "NaN or infinite"),
        (torch.full((800,), 300.0), RATE, "between -1 and 1"),
        (torch.zeros(2, 3, 100), RATE, "samples must be"),
        (torch.zeros(800, dtype=torch.uint8), RATE, "floating point"),
        (np.array(["a"]), RATE, "array of numbers"),
        (sound(800), 2000, "4000 to 192000"),
        (sound(800), 400_000, "4000 to 192000"),
        (sound(800), "8000", "sampling rate is a number"),
    ],
)
def test_what_is_no_sound_is_refused(samples: Any, rate: Any, message: str) -> None:
    with pytest.raises(AudioError, match=message):
        inspector().predict(samples, rate)


def test_predicting_leaves_the_mode_as_it_was() -> None:
    model = inspector().train()
    model.predict(sound(8000), RATE)
    assert model.training
