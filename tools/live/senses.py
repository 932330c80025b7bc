"""What the fusion explorer runs: a picture and a voice, spoilt as much as asked, and three fusions.

Samples and noise lie in the network, so that a page hands over five numbers and gets everything
that it shows. Noise of unit strength is drawn once for each example; a slider only scales it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import accumulate
from typing import Self

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mmbook.datasets.digits.bank import DigitBank, load_bank
from mmbook.datasets.digits.items import SPECTROGRAM
from mmbook.datasets.small.spoken_digits import ENGLISH
from mmbook.datasets.streams import stream
from mmbook.preprocessing.audio.mel import mel_filterbank
from mmbook.preprocessing.audio.spectrogram import cosine_window
from mmbook.tokens import Tokens
from tools.live.fusions import CLASSES, FUSIONS, SENSES, ThreeFusions

EXAMPLES = 3  # of each digit
CONTROLS = ("picture", "speech", "example", "sigma", "snr_db")
START = (7.0, 0.0, 0.0, 0.5, -8.0)  # where the three fusions do not agree
_NOISE_STEPS = 32  # of one standard deviation, so that 4 of them fit a byte
_PRESENT = ((True, True), (True, False), (False, True))  # both, picture alone, speech alone


@dataclass(frozen=True)
class Samples:
    """Held-out pictures and voices, EXAMPLES of each digit, and noise for each example.

    pictures: (10, EXAMPLES, 784) bytes. clips: (10, EXAMPLES, samples) of 16 bits.
    picture_noise: (EXAMPLES, 784), speech_noise: (EXAMPLES, samples), _NOISE_STEPS a sigma.
    """

    pictures: Tensor
    clips: Tensor
    picture_noise: Tensor
    speech_noise: Tensor

    @classmethod
    def of(cls, bank: DigitBank) -> Self:
        """The first pictures and English voices of each digit in a split, in the bank's order."""
        english = torch.tensor([word in ENGLISH for word in bank.clip_words])
        pictures, clips = [], []
        for digit in range(CLASSES):
            seen = bank.images[bank.image_labels == digit][:EXAMPLES]
            heard = bank.clips[english & (bank.clip_labels == digit)][:EXAMPLES]
            pictures.append((255 * seen.flatten(1)).round().to(torch.uint8))
            clips.append((2**15 * heard).round().to(torch.int16))
        size = bank.images[0].numel(), bank.clips.shape[1]
        noise = [torch.randn(EXAMPLES, n, generator=stream("explorer", n)) for n in size]
        steps = [(_NOISE_STEPS * n).round().clamp(-127, 127).to(torch.int8) for n in noise]
        return cls(torch.stack(pictures), torch.stack(clips), *steps)


class LogMel(nn.Module):
    """`normalise_bands(log_mel_spectrogram(waveforms))` in products of matrices.

    waveforms: (n, samples); returns (n, frames, mels). ONNX knows no complex numbers.
    """

    window: Tensor
    waves: Tensor
    bank: Tensor

    def __init__(self) -> None:
        super().__init__()
        size = SPECTROGRAM.n_fft
        turns = torch.arange(size)[:, None] * torch.arange(size // 2 + 1) % size
        angle = (2 * torch.pi / size) * torch.arange(size, dtype=torch.float64)
        waves = torch.cat([angle.cos()[turns], angle.sin()[turns]], dim=1)  # (size, 2 bins)
        self.register_buffer("window", cosine_window(size))
        self.register_buffer("waves", waves.float())
        self.register_buffer("bank", mel_filterbank(SPECTROGRAM).T.contiguous())  # (bins, mels)

    def forward(self, waveforms: Tensor) -> Tensor:
        hop, size = SPECTROGRAM.hop, SPECTROGRAM.n_fft
        frames = waveforms.shape[1] // hop
        pieces = F.pad(waveforms, (size // 2, size // 2)).unflatten(1, (-1, hop))
        windows = torch.cat([pieces[:, t : frames + t] for t in range(size // hop)], dim=2)
        cosines, sines = (windows * self.window @ self.waves).chunk(2, dim=2)
        mel = (cosines.square() + sines.square()) @ self.bank  # (n, frames, mels)
        log_mel = mel.clamp(min=SPECTROGRAM.floor).log()
        return log_mel - log_mel.mean(dim=1, keepdim=True)


class Explorer(nn.Module):
    """From five numbers, CONTROLS, to all that the page shows, one behind the other: see `parts`.

    picture + sigma · noise, cut off at 0 and 1; speech + gain · noise with the gain that makes the
    ratio of their powers snr_db. Then each fusion answers three times: with both senses, with the
    picture alone, with the speech alone. It leans on a sense by how much of the probability is
    elsewhere when that sense is hidden: ½ Σ |p(digit | both) - p(digit | the other)|, from 0 to 1.
    """

    pictures: Tensor
    clips: Tensor
    picture_noise: Tensor
    speech_noise: Tensor

    def __init__(self, fusions: ThreeFusions, samples: Samples) -> None:
        super().__init__()
        self.fusions, self.log_mel = fusions, LogMel()
        for name, values in vars(samples).items():
            self.register_buffer(name, values)

    def forward(self, controls: Tensor) -> Tensor:
        seen, heard, example = controls[:3].long().unbind()
        picture = self._picture(seen, example, controls[3])
        speech = self._speech(heard, example, controls[4])
        log_mel = self.log_mel(speech)
        tokens = self.fusions.encode({"image": picture, "audio": log_mel})
        present = torch.tensor(_PRESENT)  # (cases, senses)
        cases = {
            sense: Tokens(
                tokens[sense].values.expand(len(_PRESENT), -1, -1),
                present[:, [i]].expand(-1, tokens[sense].values.shape[1]),
            )
            for i, sense in enumerate(SENSES)
        }
        answers = self.fusions(cases).softmax(dim=-1)  # (fusions, cases, classes)
        apart = (answers[:, :1] - answers[:, 1:]).abs().sum(dim=-1) / 2  # without speech, picture
        weights = self.fusions.read_out(cases)[0]
        shown = (picture, speech, log_mel, answers[:, 0], apart.flip(1), weights)
        return torch.cat([part.flatten() for part in shown])

    def _picture(self, digit: Tensor, example: Tensor, sigma: Tensor) -> Tensor:
        clean = _row(self.pictures, digit, example) / 255
        noise = _row(self.picture_noise, example) / _NOISE_STEPS
        return (clean + sigma * noise).clamp(0, 1).view(1, 1, 28, 28)

    def _speech(self, digit: Tensor, example: Tensor, snr_db: Tensor) -> Tensor:
        clean = _row(self.clips, digit, example) / 2**15
        noise = _row(self.speech_noise, example) / _NOISE_STEPS
        ratio = clean.square().mean() / noise.square().mean()
        return (clean + ratio.sqrt() * 10 ** (-snr_db / 20) * noise).unsqueeze(0)


def _row(table: Tensor, *places: Tensor) -> Tensor:
    """One row of a table of whole numbers, as float; places: scalars, one for each dimension."""
    for place in places:
        table = table.index_select(0, place.view(1))[0]
    return table.float()


def parts(samples: Samples) -> dict[str, tuple[int, int]]:
    """Where each part of the explorer's output begins and ends."""
    length = samples.clips.shape[-1]
    sizes = {
        "picture": samples.pictures.shape[-1],
        "speech": length,
        "log_mel": length // SPECTROGRAM.hop * SPECTROGRAM.mels,
        "answers": len(FUSIONS) * CLASSES,
        "leans": len(FUSIONS) * len(SENSES),
        "weights": len(SENSES),
    }
    ends = list(accumulate(sizes.values()))
    return {name: (end - size, end) for (name, size), end in zip(sizes.items(), ends, strict=True)}


def split(output: Tensor, where: Mapping[str, tuple[int, int]]) -> dict[str, Tensor]:
    """The parts of an output, by name, each in its shape."""
    shapes = {
        "picture": (28, 28),
        "log_mel": (-1, SPECTROGRAM.mels),
        "answers": (-1, CLASSES),
        "leans": (-1, len(SENSES)),
    }
    return {
        name: output[begin:end].reshape(shapes.get(name, (-1,)))
        for name, (begin, end) in where.items()
    }


def held_out_samples() -> Samples:
    """The samples that ship: of pictures and voices that were in no training."""
    return Samples.of(load_bank("test"))
