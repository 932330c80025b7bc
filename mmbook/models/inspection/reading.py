"""Reading recordings of any length in bounded memory: by windows, or as they come."""

from functools import reduce
from operator import add

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mmbook.layers.modes import evaluating
from mmbook.models.inspection.gathering import Gathered
from mmbook.models.inspection.layers import Past
from mmbook.models.inspection.network import Inspection, InspectionNetwork
from mmbook.preprocessing.audio.checks import AudioError, check_waveforms
from mmbook.preprocessing.audio.faults import FAULTS, HOP
from mmbook.tokens import Tokens

FRAMES = 512  # of a window's own: 8.2 s
MARGIN = 64  # on either side, which are read and forgotten: 1 s
TOGETHER = 16  # windows that are read at a time


def read_in_windows(model: InspectionNetwork, waveform: Tensor) -> tuple[Tensor, Gathered]:
    """Logits (frames, 9) of a recording, (samples,), and what is gathered over all frames.

    Up to FRAMES + MARGIN frames it is read as a whole. A longer one is read in windows of FRAMES
    with MARGIN more on either side, so a frame is judged by MARGIN frames around it at least; what
    is gathered is that of all frames. That is the same as reading it at once but for what the
    recurrent network would remember longer.
    """
    count, rows, parts = 1 + len(waveform) // HOP, [], []
    firsts = [*range(0, max(count - MARGIN, 1), FRAMES)]
    ends = [*firsts[1:], count]
    own = list(zip(firsts, ends, strict=True))
    for some in (own[i : i + TOGETHER] for i in range(0, len(own), TOGETHER)):
        around = [(max(first - MARGIN, 0), min(end + MARGIN, count)) for first, end in some]
        pieces = [frames_between(waveform, *place, model.config.window) for place in around]
        lengths = torch.tensor([len(piece) for piece in pieces], device=waveform.device)
        frames = nn.utils.rnn.pad_sequence(pieces, batch_first=True)
        mask = torch.arange(frames.shape[1], device=waveform.device) < lengths[:, None]
        read, power = model.tokens(frames, mask).values, model.features.power(frames)
        for i, ((first, end), (start, _)) in enumerate(zip(some, around, strict=True)):
            inside = slice(first - start, end - start)
            rows.append(model.locate(read[i, inside]))
            parts.append(_gathered(model, read[i : i + 1, inside], power[i : i + 1, inside]))
    return torch.cat(rows), reduce(add, parts)


def read_causally(model: InspectionNetwork, waveform: Tensor) -> tuple[Tensor, Gathered]:
    """As `read_in_windows`, of a causal inspector: the same as reading it at once."""
    count, rows, parts, past = 1 + len(waveform) // HOP, [], [], Past()
    for first in range(0, count, FRAMES):
        end = min(first + FRAMES, count)
        values, part = _carried_on(
            model, frames_between(waveform, first, end, model.config.window)[None], past
        )
        rows.append(model.locate(values))
        parts.append(part)
    return torch.cat(rows), reduce(add, parts)


def _carried_on(model: InspectionNetwork, frames: Tensor, past: Past) -> tuple[Tensor, Gathered]:
    """The next frames (1, frames, window) as (frames, width), and what they add to the whole."""
    mask = torch.ones(frames.shape[:2], dtype=torch.bool, device=frames.device)
    values = model.tokens(frames, mask, past).values
    return values[0], _gathered(model, values, model.features.power(frames))


def _gathered(model: InspectionNetwork, values: Tensor, power: Tensor) -> Gathered:
    return model.gathering(Tokens.of(values), power)


def frames_between(waveform: Tensor, first: int, end: int, window: int) -> Tensor:
    """Some of the frames that `frame` cuts a recording into, (end - first, window), and no more."""
    start, stop = first * HOP - window // 2, (end - 1) * HOP + window // 2
    inside = waveform[max(start, 0) : stop]
    missing = max(-start, 0)
    return F.pad(inside, (missing, stop - start - missing - len(inside))).unfold(0, window, HOP)


class InspectionStream:
    """A causal inspector that hears a recording piece by piece, as it is being recorded.

    Frame k is known as soon as the sample HOP * k + window / 2 has come: 32 ms after its middle,
    with a window of 512. What is kept is a window of samples and what each layer remembers, however
    long it goes on. The frames are those of `read_causally`, wherever the pieces begin.
    Raises ValueError for an inspector that is not causal.
    """

    def __init__(self, model: InspectionNetwork) -> None:
        if not model.config.causal:
            raise ValueError("an inspector that looks ahead cannot stream: build a causal one")
        self.model, self.past = model, Past()
        self.gathered: Gathered | None = None
        self.device = model.locate.weight.device
        self.waiting = torch.zeros(model.config.window // 2, device=self.device)
        self.samples, self.ended = 0, False

    def feed(self, samples: Tensor) -> Tensor:
        """Takes in the next samples at RATE, (any number,); returns the frames that they complete.

        Probabilities, (frames, 9), often of none. Raises AudioError for samples that are no finite
        numbers (samples,), and where the recording has ended.
        """
        if self.ended:
            raise AudioError("this recording has ended: another one needs a new stream")
        check_waveforms(samples[None], 0)
        self.samples += len(samples)
        return self._hear(samples)

    def finish(self) -> Tensor:
        """Ends the recording; returns its last frames. Raises AudioError where there was none."""
        if not self.samples or self.ended:
            raise AudioError("nothing was recorded, or it has ended before")
        # Behind the last frame, count - 1, there must be half a window: zeros, as in `frame`.
        last = self.samples // HOP * HOP + self.model.config.window // 2
        self.ended = True
        return self._hear(self.waiting.new_zeros(last - self.samples))

    @torch.inference_mode()
    def verdict(self) -> Inspection:
        """What is said of the recording so far, without frames; raises ValueError before any."""
        if self.gathered is None:
            raise ValueError("there is nothing to judge: no frame has come yet")
        none = self.waiting.new_zeros(1, 0, len(FAULTS))
        with evaluating(self.model):
            return self.model.conclude(none, none[..., 0].bool(), self.gathered)

    @torch.inference_mode()
    def _hear(self, samples: Tensor) -> Tensor:
        window = self.model.config.window
        self.waiting = torch.cat([self.waiting, samples.to(self.waiting)])
        count = max(0, (len(self.waiting) - window) // HOP + 1)
        if not count:
            return self.waiting.new_zeros(0, len(FAULTS))
        frames = self.waiting.unfold(0, window, HOP)[None]
        self.waiting = self.waiting[count * HOP :].clone()
        with evaluating(self.model):
            values, part = _carried_on(self.model, frames, self.past)
            self.gathered = part if self.gathered is None else self.gathered + part
            return self.model.locate(values).sigmoid()
