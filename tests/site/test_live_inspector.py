"""Recordings inspected in a page, against Python, in a real browser with a microphone.

The network is a small one without training, and the one that ships where it is there.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
import torch
from playwright.sync_api import Browser, Page, expect

from mmbook.models import load_pretrained, shipped_models
from mmbook.models.inspection import STEP, Report, SpeechInspector
from mmbook.preprocessing.audio.faults import FAULTS, RATE
from mmbook.preprocessing.audio.faults.added import add_noise
from mmbook.preprocessing.audio.faults.channel import clip_peaks
from mmbook.preprocessing.audio.resampling import resample
from tests.live.small_models import small_inspector
from tests.site.network_page import check_fits, write_network
from tools.live.inspection import DEPTH, NOISE_STEPS, SECONDS, recordings, white_noise
from tools.live.models import recordings_inspected
from tools.site.browser import FLAGS, NARROW, WIDE, chromium_path, new_page
from tools.site.inspection import watched
from tools.site.serve import served

NAME = "speech-quality"
MODELS = ["small", *({NAME} & shipped_models().keys())]
OWN, NONE = "Your recording", -41  # as the page calls it; where the slider of noise stands for none
KEEP = """async () => {
    const sound = await live.load("sound"), { record } = sound;
    sound.record = async (...given) => window.recorded = await record(...given);
}"""
INSPECTED = """async ([waveform, snr, share]) => {
    const { inspected } = await live.load("inspector");
    const found = await inspected(await live.network("NAME"), waveform, snr, share);
    return { ...found, faults: [...found.faults], trace: [...found.trace], waveform: 0,
      spectrogram: 0 };
}""".replace("NAME", NAME)
TRIES = 15  # recordings until one is whole: a machine that does other things loses samples
# A sample next to a threshold of `frame_statistics` may count here and not there: what that makes
# of the frames beside it, and in how many of a trace's values it may.
FLIPPED, RARELY = 0.02, 0.02
expect.set_options(timeout=60_000)  # a machine that does other things too is slow


@cache
def model(name: str = "small") -> SpeechInspector:
    return small_inspector() if name == "small" else load_pretrained(name)


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Path]:
    """A folder with a page for each network, made when it is asked for."""

    class Folders(dict[str, Path]):
        def __missing__(self, name: str) -> Path:
            folder, live = tmp_path_factory.mktemp("page"), recordings_inspected(model(name))
            return self.setdefault(name, write_network(folder, NAME, "inspector", live))

    return Folders()


@contextmanager
def opened(page: Page, address: str, before: str = "() => {}") -> Iterator[Page]:
    """The page, its network at work; ends with what the browser reported."""
    with watched(page, address) as reported:
        page.goto(address)
        page.evaluate(before)
        page.locator(".live-start button").click()
        expect(page.locator(".live-lanes")).to_have_attribute("data-shown", re.compile("."))
        yield page
        assert reported == []
    page.close()


@pytest.fixture(scope="module")
def shared(folders: Mapping[str, Path], chromium: Browser) -> Iterator[Page]:
    with (
        served(folders["small"]) as home,
        opened(new_page(chromium), f"{home}/light.html") as page,
    ):
        yield page


def set_to(page: Page, name: str, snr: int | None, percent: float) -> None:
    page.locator(".live select").select_option(name)
    page.locator(".live-noise").fill(str(NONE if snr is None else -snr))
    page.locator(".live-clip").fill(str(percent))


def wanted_of(name: str, clean: torch.Tensor, snr: int | None, percent: float) -> Report:
    """What Python says of a recording that Python spoils."""
    if snr is not None:
        clean = add_noise(clean, white_noise() / NOISE_STEPS, snr).waveform
    if percent:
        clean = clip_peaks(clean, percent / 100).waveform
    return model(name).predict(clean, RATE)


def check_trace(trace: np.ndarray, report: Report, apart: float = 1e-3) -> None:
    """A trace (frames, faults) is a report's, but for a few frames around a sample that flipped."""
    differ = np.abs(trace - report.trace.numpy())
    assert differ.max() < max(apart, FLIPPED) and (differ > apart).mean() < RARELY


def check_page(page: Page, report: Report, setting: tuple, apart: float = 1e-3) -> None:
    """The page shows what a report says, once it shows the setting."""
    name, snr, percent = setting
    asked = f"{name},{NONE if snr is None else -snr},{percent:g}"
    expect(page.locator(".live-lanes")).to_have_attribute("data-shown", asked)
    rows = page.locator(".live-lanes li")
    assert rows.locator(".live-label").all_inner_texts() == [*FAULTS]
    chances = [float(text) for text in rows.locator(".live-value").all_inner_texts()]
    assert np.abs(np.array(chances) - [*report.faults.values()]).max() < apart
    lines = rows.locator("path").evaluate_all("all => all.map(x => x.getAttribute('d'))")
    traces = [re.findall(r"L(\d+) ([\d.]+)", line) for line in lines]
    check_trace(1 - np.array(traces, float)[:, :, 1].T, report, apart)
    scores = page.locator(".live-scores").inner_text()
    wanted = (report.pesq, 0.01), (report.stoi, 0.01), (report.snr, 0.1)
    for word, (value, step) in zip(("PESQ", "STOI", "SNR"), wanted, strict=True):
        found = re.search(rf"{word} (−?[\d.]+|unknown)", scores)
        text = found[1].replace("−", "-") if found else "unknown"
        if text == "unknown" or value is None:
            assert (text == "unknown") == (value is None)
        else:
            assert abs(float(text) - value) < step / 2 + apart
    assert scores.startswith(f"Quality: {report.quality} ") or report.pesq is None
    if apart > 1e-3:  # what lies by a threshold may be on either side of it
        return
    assert page.locator(".live-found .live-label").all_inner_texts() == [*report.found]
    places = page.locator(".live-lanes rect").evaluate_all(
        "all => all.map(r => [+r.getAttribute('x'), +r.getAttribute('width')])"
    )
    spans = sorted(report.spans, key=lambda span: (FAULTS.index(span.fault), span.start))
    wanted = np.array([(span.start, span.end - span.start) for span in spans]).reshape(-1, 2)
    assert np.allclose(np.array(places).reshape(-1, 2) * STEP, wanted)


SETTINGS = [
    ("Clean voice", None, 0),
    ("Clicks", 10, 0),
    ("Bad network", None, 5),
    ("Bare room", 0, 2.5),
]


@pytest.mark.parametrize("place", ["http", "file"])
@pytest.mark.parametrize("name", MODELS)
def test_the_page_says_what_python_says(
    name: str, place: str, folders: Mapping[str, Path], chromium: Browser
) -> None:
    file = (folders[name] / "dark.html").as_uri()
    with (
        served(folders[name]) as home,
        opened(new_page(chromium), f"{home}/dark.html" if place == "http" else file) as page,
    ):
        for setting in SETTINGS:
            sound, *way = setting
            set_to(page, *setting)
            check_page(page, wanted_of(name, recordings()[sound] / DEPTH, *way), setting)
            words = page.locator(".live-status").inner_text()
            assert words.startswith("Found: ") and words.endswith(".")


@pytest.mark.parametrize(
    "setting", [*product(["Deep clean voice", "Hum of mains"], [None, 7], [0, 1])]
)
def test_the_numbers_are_python_s(setting: tuple, shared: Page) -> None:
    sound, snr, percent = setting
    waveform = recordings()[sound] / DEPTH
    found = shared.evaluate(INSPECTED, [waveform.tolist(), snr, percent / 100])
    report = wanted_of("small", waveform, snr, percent)
    assert np.abs(np.array(found["faults"]) - [*report.faults.values()]).max() < 1e-4
    check_trace(np.reshape(found["trace"], (-1, 9)), report)
    assert found["found"] == [*report.found]
    for measure in ("pesq", "stoi", "snr"):
        assert found[measure] == pytest.approx(getattr(report, measure), abs=1e-3)


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("silence", "Silence: there is nothing to judge."),
        ("tone", "Its level hardly changes"),
        ("offset", "A constant offset of 0.10 of full scale was taken out."),
    ],
)
def test_what_is_no_speech_is_not_judged(kind: str, said: str, shared: Page) -> None:
    time = torch.arange(SECONDS * RATE) / RATE
    waveform = {
        "silence": torch.zeros_like(time),
        "tone": 0.3 * (2 * torch.pi * 400 * time).sin(),
        "offset": recordings()["Clean voice"] / DEPTH + 0.1,
    }[kind]
    found = shared.evaluate(INSPECTED, [waveform.tolist(), None, 0])
    report = model().predict(waveform, RATE)
    assert (
        [note.startswith(said) for note in found["notes"]] == [True] == [True] * len(report.notes)
    )
    assert (found["pesq"] is None) == (report.pesq is None) == (kind != "offset")
    assert np.abs(np.array(found["faults"]) - [*report.faults.values()]).max() < 2e-3


@pytest.mark.parametrize("rate", [8000, 16_000, 44_100, 48_000, 96_000])
def test_another_rate_becomes_what_python_makes_of_it(rate: int, shared: Page) -> None:
    noise = np.random.default_rng(rate).uniform(-1, 1, 3001).astype(np.float32)
    found = shared.evaluate(
        """async ([samples, rate]) => {
            const { resample } = await live.load("sound");
            return [...resample(Float32Array.from(samples), rate, 8000)];
        }""",
        [noise.tolist(), rate],
    )
    wanted = resample(torch.from_numpy(noise), rate, RATE).numpy()
    assert len(found) == len(wanted) and np.abs(found - wanted).max() < 1e-6


def recorded(page: Page) -> torch.Tensor:
    """What the page has recorded, once it has inspected it, (samples,)."""
    page.locator(".live-record").click()
    expect(page.locator(".live-status")).to_contain_text("does not leave your machine")
    expect(page.locator(".live-status")).to_contain_text("Found:")
    expect(page.locator(".live select")).to_have_value(OWN)
    return torch.tensor(page.evaluate("[...recorded.samples]"))


@pytest.mark.parametrize("place", ["http", "file"])
def test_the_microphone_s_sound_gets_python_s_verdict(
    place: str, folders: Mapping[str, Path], chromium: Browser, tmp_path: Path
) -> None:
    file = tmp_path / "microphone.wav"
    more = (
        "--use-fake-device-for-media-stream",
        "--use-fake-ui-for-media-stream",
        f"--use-file-for-fake-audio-capture={file}",
    )
    start = chromium.browser_type.launch
    here = (folders["small"] / "light.html").as_uri()
    with (
        served(folders["small"]) as home,
        closing(start(executable_path=chromium_path(), args=[*FLAGS, *more])) as hearing,
        opened(new_page(hearing), f"{home}/light.html" if place == "http" else here, KEEP) as page,
    ):
        rate = page.evaluate("new AudioContext().sampleRate")
        said = resample(recordings()["Clicks"] / DEPTH, RATE, rate).clamp(-1, 1)
        soundfile.write(file, said.numpy(), rate, subtype="PCM_16")  # it is said again and again
        said = torch.from_numpy(soundfile.read(file, dtype="float32")[0])
        for _ in range(TRIES):
            samples = recorded(page)
            assert page.evaluate("recorded.rate") == rate and len(samples) == SECONDS * rate
            # It is the file, from some sample on, and nothing was done to it.
            turned = torch.fft.irfft(torch.fft.rfft(samples).conj() * torch.fft.rfft(said))
            spoken = said.roll(-int(turned.argmax()))
            if (apart := (samples - spoken).abs().max()) < 1e-4:
                break
        assert apart < 1e-4 < said.abs().max()
        check_page(page, model().predict(samples, rate), (OWN, None, 0))
        check_page(page, model().predict(spoken, rate), (OWN, None, 0), 0.02)
        set_to(page, OWN, 10, 1)
        clean = resample(samples, rate, RATE)
        check_page(page, wanted_of("small", clean, 10, 1), (OWN, 10, 1))
        recorded(page)
        assert page.locator(".live option", has_text=OWN).count() == 1


@pytest.mark.parametrize(
    ("error", "said"),
    [
        ("NotAllowedError", "The browser does not let this page use the microphone."),
        ("NotFoundError", "There is no microphone."),
        ("OddError", "odd"),
    ],
)
def test_without_a_microphone_the_page_says_why_and_goes_on(
    error: str, said: str, shared: Page
) -> None:
    shared.evaluate(
        """name => { navigator.mediaDevices.getUserMedia = () =>
                     Promise.reject(new DOMException("odd", name)); }""",
        error,
    )
    set_to(shared, "Clicks", None, 0)
    shared.locator(".live-record").click()
    expect(shared.locator(".live-status")).to_have_text(said)
    set_to(shared, "Clicks", 20, 0)
    report = wanted_of("small", recordings()["Clicks"] / DEPTH, 20, 0)
    check_page(shared, report, ("Clicks", 20, 0))
    assert shared.locator(".live option", has_text=OWN).count() == 0


def test_words_wait_until_the_slider_is_let_go(shared: Page) -> None:
    set_to(shared, "Clean voice", None, 0)
    expect(shared.locator(".live-lanes")).to_have_attribute("data-shown", "Clean voice,-41,0")
    said = shared.locator(".live-status").inner_text()
    slider = shared.locator(".live-noise")
    slider.scroll_into_view_if_needed()
    box: Any = slider.bounding_box()
    shared.mouse.move(box["x"] + 9, box["y"] + box["height"] / 2)
    shared.mouse.down()
    shared.mouse.move(box["x"] + box["width"] - 2, box["y"] + box["height"] / 2, steps=4)
    expect(shared.locator(".live-lanes")).to_have_attribute("data-shown", "Clean voice,5,0")
    assert shared.locator(".live-status").inner_text() == said
    shared.mouse.up()
    expect(shared.locator(".live-status")).not_to_have_text(said)
    expect(shared.locator(".live-spoil")).to_contain_text("White noise: SNR −5 dB")


def test_the_spoilt_recording_can_be_heard(shared: Page) -> None:
    set_to(shared, "Clean voice", -5, 0)
    expect(shared.locator(".live-lanes")).to_have_attribute("data-shown", "Clean voice,5,0")
    shared.evaluate(
        """() => { const { start } = AudioBufferSourceNode.prototype;
                   AudioBufferSourceNode.prototype.start = function () {
                     window.heard = [...this.buffer.getChannelData(0)]; start.call(this); }; }"""
    )
    shared.locator(".live-listen").click()
    clean, noise = recordings()["Clean voice"] / DEPTH, white_noise() / NOISE_STEPS
    noisy = add_noise(clean, noise, -5).waveform
    found = np.array(shared.evaluate("window.heard"))
    assert np.abs(found - (noisy / noisy.abs().max() / 2).numpy()).max() < 1e-4


def test_keys_alone_open_it_and_move_everything(
    folders: Mapping[str, Path], chromium: Browser
) -> None:
    page = new_page(chromium)
    with served(folders["small"]) as home:
        page.goto(f"{home}/light.html")
        page.locator(".live-start button").focus()
        page.keyboard.press("Enter")
        expect(page.locator(".live select")).to_be_focused()
        for key in ("ArrowDown", "Tab", "Tab", "Tab", "End", "Tab", "ArrowRight"):
            page.keyboard.press(key)
        report = wanted_of("small", recordings()["Deep clean voice"] / DEPTH, -5, 0.5)
        check_page(page, report, ("Deep clean voice", -5, 0.5))
        page.close()


@pytest.mark.parametrize(("width", "mode"), [*product((WIDE, NARROW), ("light", "dark"))])
def test_it_is_accessible_and_fits(
    width: int, mode: Any, folders: Mapping[str, Path], chromium: Browser
) -> None:
    with (
        served(folders["small"]) as home,
        opened(new_page(chromium, width, mode), f"{home}/{mode}.html") as page,
    ):
        set_to(page, "Clicks", 5, 1)
        expect(page.locator(".live-found")).not_to_have_count(0)
        check_fits(page)
        edges = page.locator(".live-lanes :is(svg, canvas)").evaluate_all(
            "all => all.map(e => e.getBoundingClientRect()).map(r => [r.left, r.right])"
        )
        assert len(edges) == 11 and np.ptp(edges, axis=0).max() < 0.5  # time runs through all
        assert edges[0][1] - edges[0][0] > 0.5 * min(width, 736)
