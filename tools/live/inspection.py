"""An inspector as a page runs it: a recording and how to spoil it go in, the verdict comes out.

`assets/live/inspector.js` shows the verdict, which is that of `SpeechInspector.predict`.
"""

import base64
from collections.abc import Mapping
from itertools import accumulate
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mmbook.datasets.small.spoken_digits import load_spoken_digits
from mmbook.datasets.speech_faults.material import voice_of
from mmbook.datasets.speech_faults.mixing import say
from mmbook.datasets.streams import stream
from mmbook.models.inspection import STEP, SpeechInspector
from mmbook.models.inspection.report import BEST, RELEASE, WORDS
from mmbook.models.inspection.verdict import ADDED, BLOCK, OFFSET, SILENT, STEADY
from mmbook.preprocessing.audio.faults import FAULTS, HOP, RATE
from mmbook.preprocessing.audio.faults.chain import FULL_SCALE, apply_faults

SECONDS = 3
SAMPLES = SECONDS * RATE
FRAMES = 1 + SAMPLES // HOP
NOISE_STEPS = 32  # of one standard deviation, so that 4 of them fit a byte
DEPTH = 2**15  # steps of a sample
OFFERED: Mapping[str, tuple[str, Mapping[str, float]]] = {  # by voices that no training has
    "Clean voice": ("Annie", {}),
    "Deep clean voice": ("m7", {}),
    "Bare room": ("belinda", {"reverberation": 0.9}),
    "Hum of mains": ("david", {"hum": -8.0}),
    "Clicks": ("Mike", {"clicks": 3.0}),
    "Bad network": ("f4", {"dropouts": 0.15}),
}
SHOWN, SHOWN_SNR, SHOWN_SHARE = "Clicks", 12, 0.02  # in the still image
CAPTION = f"{SHOWN}, noise at {SHOWN_SNR} dB, {100 * SHOWN_SHARE:g} % clipped"


class LiveInspector(nn.Module):
    """An inspector behind one tensor, and noise and clipping before it.

    values: (SAMPLES + 2,): a recording at RATE in [-1, 1], the root mean square of white noise by
    the recording's, and the share of samples that are cut off. Noise comes first, as in
    `apply_faults`; at ±1 all ends. Returns all that `parts` lists, one behind the other.
    """

    noise: Tensor

    def __init__(self, model: SpeechInspector) -> None:
        super().__init__()
        self.model = model
        self.register_buffer("noise", white_noise())

    @property
    def shape(self) -> tuple[int]:
        """The shape of what goes in."""
        return (SAMPLES + 2,)

    def forward(self, values: Tensor) -> Tensor:
        waveform = self.spoilt(*values.split([SAMPLES, 1, 1]))
        offset = waveform.mean()
        offset = torch.where(offset.abs() > OFFSET, offset, 0)
        heard = waveform - offset
        size, half = self.model.config.window, self.model.config.window // 2
        frames = F.pad(heard, (half, half)).unfold(0, size, HOP)[None]
        mask = torch.ones(1, FRAMES, dtype=torch.bool)
        tokens = self.model.tokens(frames, mask)
        gathered = self.model.gathering(tokens, self.model.features.power(frames))
        found = self.model.conclude(self.model.locate(tokens.values), mask, gathered)
        sounds = heard.abs().max() >= SILENT
        shown = (
            waveform,
            self.model.features.spectrogram(frames),
            found.frames.sigmoid() * sounds,
            found.faults.sigmoid() * sounds,
            torch.stack([found.snr[0], found.stoi[0], found.pesq[0], offset, change(heard)]),
            sounds.float()[None],
        )
        return torch.cat([part.flatten() for part in shown])

    def spoilt(self, clean: Tensor, ratio: Tensor, share: Tensor) -> Tensor:
        """What becomes of a recording, (samples,): `add_noise`, `clip_peaks`, and the converter."""
        noise = self.noise.float() / NOISE_STEPS
        gain = (clean.square().mean() / noise.square().mean()).sqrt()
        noisy = clean + ratio * gain * noise
        place = (share * SAMPLES).round().long().clamp(1, SAMPLES) - 1
        ceiling = noisy.abs().sort(descending=True).values[place]
        return noisy.clamp(-ceiling, ceiling).clamp(-FULL_SCALE, FULL_SCALE)


def change(waveform: Tensor) -> Tensor:
    """By how many decibels the level of blocks changes, as `heard` asks."""
    blocks = waveform[: len(waveform) // BLOCK * BLOCK].reshape(-1, BLOCK)
    levels = 20 * (blocks.square().sum(dim=1).sqrt() + 1e-6).log10()
    return levels.std(unbiased=False)


def white_noise() -> Tensor:
    """The noise that the page adds, (SAMPLES,) bytes, NOISE_STEPS a standard deviation."""
    noise = torch.randn(SAMPLES, generator=stream("live inspector", 0))
    return (NOISE_STEPS * noise).round().clamp(-127, 127).to(torch.int8)


def inputs_of(waveform: Tensor, snr_db: float | None = None, share: float = 0) -> Tensor:
    """What `LiveInspector` takes; snr_db: of the noise, None for none. share: cut off."""
    ratio = 0.0 if snr_db is None else 10 ** (-snr_db / 20)
    return torch.cat([waveform, torch.tensor([ratio, share])])


def parts(model: SpeechInspector) -> dict[str, tuple[int, int]]:
    """Where each part of the output begins and ends.

    change: of the level, in decibels. sounds: 1, or 0 for silence.
    """
    sizes = {
        "waveform": SAMPLES,
        "spectrogram": FRAMES * model.config.mels,
        "trace": FRAMES * len(FAULTS),
        "faults": len(FAULTS),
        **dict.fromkeys(("snr", "stoi", "pesq", "offset", "change", "sounds"), 1),
    }
    ends = list(accumulate(sizes.values()))
    return {name: (end - size, end) for (name, size), end in zip(sizes.items(), ends, strict=True)}


def split(output: Tensor, model: SpeechInspector) -> dict[str, Tensor]:
    """The parts of an output, by name, each in its shape."""
    shapes = {"spectrogram": (FRAMES, -1), "trace": (FRAMES, -1)}
    return {
        name: output[begin:end].reshape(shapes.get(name, (-1,)))
        for name, (begin, end) in parts(model).items()
    }


def recordings() -> dict[str, Tensor]:
    """The recordings that the page offers by name, (SAMPLES,) int16: English digits, spoken."""
    digits, found = load_spoken_digits("test", languages=["en"]), {}
    for place, (name, (voice, severity)) in enumerate(OFFERED.items()):
        generator = stream("live recordings", place)
        said = [row for row, origin in enumerate(digits.origins) if origin == voice]
        clean = say(voice_of(digits.waveforms[said]), SAMPLES, generator)
        spoilt = apply_faults(clean, severity, generator).waveform
        found[name] = (DEPTH * spoilt).round().clamp(-DEPTH, DEPTH - 1).to(torch.int16)
    return found


@torch.no_grad()
def example(inspector: LiveInspector) -> dict[str, Tensor]:
    """What the still image shows, by name."""
    waveform = recordings()[SHOWN] / DEPTH
    return split(inspector(inputs_of(waveform, SHOWN_SNR, SHOWN_SHARE)), inspector.model)


def page_of(model: SpeechInspector) -> Mapping[str, Any]:
    """What the page needs beside the network: what its numbers mean, and recordings to try."""
    return {
        "parts": parts(model),
        "rate": RATE,
        "seconds": SECONDS,
        "step": STEP,
        "faults": FAULTS,
        "added": [fault for fault in FAULTS if fault in ADDED],
        "thresholds": model.config.thresholds,
        "frame_thresholds": model.config.frame_thresholds,
        "release": RELEASE,
        "steady": STEADY,
        "qualities": [*WORDS.items(), (None, BEST)],
        "recordings": {name: int16(waveform) for name, waveform in recordings().items()},
    }


def int16(waveform: Tensor) -> str:
    """Samples as text: base64 of their numbers, 16 bits each, the lowest first."""
    return base64.b64encode(waveform.numpy().astype("<i2").tobytes()).decode("ascii")
