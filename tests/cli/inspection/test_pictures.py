"""The spectrogram and the lanes below it: what they show, and where."""

import cv2
import numpy as np
import pytest
import torch

from mmbook.cli.inspection import lanes, spectrogram
from mmbook.cli.inspection.lanes import area
from mmbook.cli.inspection.spectrogram import Spectrogram, indexed_png
from mmbook.cli.inspection.words import clock
from mmbook.preprocessing.audio.faults import HOP
from mmbook.preprocessing.audio.spectrogram import cosine_window, power, stft
from tests.cli.inspection_fakes import Ear, clipped, voice


def watched(sound: torch.Tensor, size: int) -> Spectrogram:
    picture = Spectrogram()
    assert torch.cat(list(picture.watch(sound.split(size)))).equal(sound)
    return picture


@pytest.mark.parametrize("length", [1, 127, 128, 5000])
@pytest.mark.parametrize("size", [50, 3001])
def test_a_short_sound_has_a_column_for_each_frame(length: int, size: int) -> None:
    sound = torch.from_numpy(voice(1)[:length]).float()
    picture = watched(sound, size)
    wanted = power(stft(sound[None], cosine_window(256), HOP))[0]
    assert picture.per == 1 and picture.frames == len(wanted) == length // HOP + 1
    torch.testing.assert_close(picture.columns(), wanted, atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("length", [8 * HOP, 21 * HOP, 22 * HOP, 43 * HOP, 100 * HOP])
@pytest.mark.parametrize("size", [77, 400, 20_000])
def test_columns_of_a_long_one_are_means(
    length: int, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spectrogram, "WIDTH", 5)
    sound = torch.from_numpy(voice(2)[:length]).float()
    picture = watched(sound, size)
    whole = power(stft(sound[None], cosine_window(256), HOP))[0]
    wanted = torch.stack([part.mean(dim=0) for part in whole.split(picture.per)])
    assert len(wanted) <= 11 and picture.per == 2 ** round(np.log2(picture.per))
    torch.testing.assert_close(picture.columns(), wanted, atol=1e-4, rtol=1e-4)


def test_the_picture_has_low_frequencies_at_the_bottom_and_is_small() -> None:
    time = torch.arange(40_000) / 8000
    content = watched(torch.sin(2 * torch.pi * 1000 * time), 8000).png()
    pixels = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR)
    assert pixels.shape == (129, 313, 3)
    assert int(pixels.sum(axis=(1, 2)).argmax()) == 128 - 32  # 1000 Hz is bin 32
    generator = torch.Generator().manual_seed(0)
    noisy = watched(torch.randn(800 * HOP - 1, generator=generator), 8000)
    assert len(noisy.columns()) == 800 and len(noisy.png()) < 75_000
    silent = watched(torch.zeros(4000), 8000).png()
    assert cv2.imdecode(np.frombuffer(silent, np.uint8), cv2.IMREAD_COLOR).max() <= 4


def test_a_png_has_its_levels_from_dark_to_bright() -> None:
    levels = np.array([[0, 31, 5], [7, 8, 9]], np.uint8)
    pixels = cv2.imdecode(np.frombuffer(indexed_png(levels), np.uint8), cv2.IMREAD_COLOR)
    bright = pixels.sum(axis=2)
    assert (bright.argsort(axis=None) == levels.argsort(axis=None)).all()


def test_an_area_goes_to_the_highest_of_its_frames() -> None:
    values = torch.tensor([0.0, 0.2, 0.2, 0.1, 1.0])
    assert area(values, 3, 2) == "M0 100H0V80H2V0H3V100Z"
    assert area(values, 2, 2) == "M0 100H0V80H2V100Z"  # the picture ends before
    assert area(values[:2], 3, 2) == "M0 100H0V80H1V100H3V100Z"
    assert area(torch.zeros(4), 4, 1) == "M0 100H4V100Z"


def test_lanes_say_in_words_and_places_what_was_found() -> None:
    sound = torch.from_numpy(clipped(2, 0.5, 1.0)).float()
    report, picture = Ear().predict(sound, 8000), watched(sound, 8000)
    text = "".join(lanes.lanes(report, picture))
    assert 'aria-label="clipping over time, as a whole 95%; heard 0:00.5 to 0:01.0"' in text
    assert 'aria-label="noise over time, as a whole 2%"' in text
    assert text.count('class="lane found"') == text.count("<rect") == 1
    (rect,) = [line for line in text.splitlines() if "<rect" in line]
    start, width = (float(rect.split(f' {name}="')[1].split('"')[0]) for name in ("x", "width"))
    span = report.spans[0]
    assert start == pytest.approx(span.start / 0.016 + 0.5, abs=0.06)
    assert width == pytest.approx((span.end - span.start) / 0.016, abs=0.06)
    assert [f">{label}<" in text for label in ("0:00.0", "0:00.5", "0:01.0", "0:01.5")] == [
        True
    ] * 4


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0.04, "0:00.0"),
        (9.96, "0:10.0"),
        (59.97, "1:00.0"),
        (3599.99, "1:00:00.0"),
        (83.25, "1:23.2"),
    ],
)
def test_a_time_is_written_as_people_do(seconds: float, said: str) -> None:
    assert clock(seconds) == said
