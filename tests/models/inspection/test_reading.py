"""Recordings of any length: in windows, carried on, and as they come."""

import pytest
import torch
from torch import Tensor

from mmbook.models.inspection import Inspection, InspectionStream
from mmbook.models.inspection.gathering import Gathered
from mmbook.models.inspection.network import InspectionNetwork
from mmbook.models.inspection.reading import (
    FRAMES,
    MARGIN,
    frames_between,
    read_causally,
    read_in_windows,
)
from mmbook.preprocessing.audio.checks import AudioError
from mmbook.preprocessing.audio.faults import HOP
from mmbook.preprocessing.audio.spectrogram import frame
from tests.models.inspection.test_inspector import inspector, sound


def test_some_frames_are_those_of_the_whole() -> None:
    x = sound(2000)
    whole = frame(x[None], 256, HOP)[0]
    for first, end in ((0, 1), (0, 16), (3, 9), (14, 16)):
        assert torch.equal(frames_between(x, first, end, 256), whole[first:end])


def check_same(
    model: InspectionNetwork, logits: Tensor, gathered: Gathered, whole: Inspection, atol: float
) -> None:
    """What was read in parts is what was read at once."""
    found = model.conclude(logits[None], whole.mask, gathered)
    for name in ("frames", "faults", "snr", "stoi", "pesq"):
        pair = getattr(found, name), getattr(whole, name)
        torch.testing.assert_close(*pair, atol=atol, rtol=1e-5)


@torch.inference_mode()
def test_a_recording_within_a_window_is_read_as_a_whole() -> None:
    model, x = inspector(), sound((FRAMES + MARGIN) * HOP - 1)
    logits, gathered = read_in_windows(model, x)
    whole = model({"audio": x[None]})
    check_same(model, logits, gathered, whole, 1e-5)


@pytest.mark.parametrize("frames", [FRAMES + MARGIN + 1, 3 * FRAMES, 3 * FRAMES + MARGIN])
@torch.inference_mode()
def test_a_longer_one_is_the_same_but_for_what_is_remembered_longer(frames: int) -> None:
    model, x = inspector(), sound((frames - 1) * HOP)
    logits, gathered = read_in_windows(model, x)
    whole = model({"audio": x[None]})
    assert len(logits) == frames
    check_same(model, logits, gathered, whole, 1e-4)


@torch.inference_mode()
def test_a_causal_inspector_carries_on_exactly() -> None:
    model, x = inspector(causal=True), sound(2 * FRAMES * HOP + 300)
    logits, gathered = read_causally(model, x)
    whole = model({"audio": x[None]})
    check_same(model, logits, gathered, whole, 1e-5)


@pytest.mark.parametrize("sizes", [(1,), (7, 500, 0, 129), (128,), (256, 1), (10_000,)])
@pytest.mark.parametrize("fusion", ["concat", "late"])
def test_pieces_of_any_size_give_the_trace_of_the_whole(
    sizes: tuple[int, ...], fusion: str
) -> None:
    model, x = inspector(causal=True, fusion=fusion), sound(2950)
    stream, parts, at = InspectionStream(model), [], 0
    for number in range(len(x)):
        size = sizes[number % len(sizes)]
        parts.append(stream.feed(x[at : at + size]))
        at += size
        if at >= len(x):
            break
    parts.append(stream.finish())
    with torch.inference_mode():
        wanted = model({"audio": x[None]})
    found = stream.verdict()
    torch.testing.assert_close(torch.cat(parts), wanted.frames[0].sigmoid(), atol=1e-5, rtol=0)
    for name in ("faults", "snr", "pesq"):
        pair = getattr(found, name), getattr(wanted, name)
        torch.testing.assert_close(*pair, atol=1e-5, rtol=1e-5)


def test_a_frame_is_known_half_a_window_after_its_middle() -> None:
    stream = InspectionStream(inspector(causal=True))
    assert len(stream.feed(sound(127))) == 0
    assert len(stream.feed(sound(1))) == 1  # frame 0 ends with sample 128
    assert len(stream.feed(sound(255))) == 1
    assert len(stream.feed(sound(1))) == 1


def test_what_a_stream_keeps_does_not_grow() -> None:
    stream = InspectionStream(inspector(causal=True))
    stream.feed(sound(5000))
    before = len(stream.waiting), [value.shape for value in stream.past.values()]
    for _ in range(4):
        stream.feed(sound(1280))
    assert (len(stream.waiting), [value.shape for value in stream.past.values()]) == before


def test_a_stream_ends_once() -> None:
    stream = InspectionStream(inspector(causal=True))
    with pytest.raises(AudioError, match="nothing was recorded"):
        stream.finish()
    with pytest.raises(ValueError, match="no frame has come"):
        stream.verdict()
    stream.feed(sound(1))
    assert len(stream.finish()) == 1
    with pytest.raises(AudioError, match="has ended"):
        stream.feed(sound(10))
    with pytest.raises(AudioError, match="has ended"):
        stream.finish()


def test_what_cannot_stream_is_refused() -> None:
    with pytest.raises(ValueError, match="build a causal one"):
        InspectionStream(inspector())
    with pytest.raises(AudioError, match="NaN"):
        InspectionStream(inspector(causal=True)).feed(torch.full((10,), float("nan")))
