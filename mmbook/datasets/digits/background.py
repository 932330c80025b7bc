"""What speech is heard through: recorded sounds, or generated noise where there are none."""

from dataclasses import dataclass

import torch
from torch import Generator, Tensor

from mmbook.datasets.entries import DataDamagedError
from mmbook.datasets.real.esc10 import SECONDS, load_esc10
from mmbook.datasets.small.spoken_digits import RATE
from mmbook.datasets.splits import check_split
from mmbook.datasets.streams import stream

# All clips of one recording are in one fold, so no recording is in two splits.
FOLDS = {"train": (3, 4), "validation": (2,), "test": (1,)}
CLIPS = {"train": 120, "validation": 40, "test": 40}  # generated ones, half white and half pink
HOP = RATE // 10  # samples between two places where a piece may begin
_FAINTEST = 1e-4  # of the power of the clip's loudest piece: 40 dB below, recordings hold silence


@dataclass(frozen=True, eq=False)
class Background:
    """Long sounds that pieces are cut from.

    clips: (n, samples) at RATE. origins: what each was cut from, or the noise it is; n strings.
    """

    clips: Tensor
    origins: tuple[str, ...]

    def cut(self, size: int, samples: int, generator: Generator) -> tuple[Tensor, Tensor]:
        """Where pieces of so many samples begin: a clip at random, then a place in it.

        Returns rows and first samples, (size,) each. A place where next to nothing is heard is
        never chosen. Raises DataDamagedError where a clip is silent or too short.
        """
        power = self.pieces(samples).square().mean(dim=2)  # (n, places)
        loudest = power.amax(dim=1, keepdim=True)
        if not (loudest > 0).all():
            silent = self.origins[int((loudest[:, 0] > 0).int().argmin())]
            raise DataDamagedError(f"the background {silent!r} is silent: it cannot be mixed in")
        heard = (power >= _FAINTEST * loudest) & (power > 0)
        rows = torch.randint(len(self.clips), (size,), generator=generator)
        chance = torch.rand(size, generator=generator, dtype=torch.float64)
        counts = heard.sum(dim=1)
        # The k-th audible place of a clip is the first at which k + 1 were counted.
        wanted = (chance * counts[rows]).long() + 1
        places = torch.searchsorted(heard.cumsum(dim=1)[rows], wanted[:, None])[:, 0]
        return rows, places * HOP

    def pieces(self, samples: int) -> Tensor:
        """All pieces that may be cut, (n, places, samples), as a view of the clips."""
        if self.clips.shape[1] < samples:
            raise DataDamagedError(
                f"the background has clips of {self.clips.shape[1]} samples: {samples} are needed"
            )
        return self.clips.unfold(1, samples, HOP)


def recorded_background(split: str) -> Background:
    """ESC-10 at RATE: the split's own folds. Raises DataMissingError where it is not here."""
    check_split(split, tuple(FOLDS))
    parts = [load_esc10("test", fold=fold, rate=RATE) for fold in FOLDS[split]]
    longest = max(part.waveforms.shape[1] for part in parts)
    clips = [
        torch.nn.functional.pad(part.waveforms, (0, longest - part.waveforms.shape[1]))
        for part in parts
    ]
    return Background(torch.cat(clips), tuple(o for part in parts for o in part.origins))


def generated_background(split: str) -> Background:
    """White noise, and pink noise, whose power falls as one over the frequency; as long as ESC-10.

    Each split has a random stream of its own.
    """
    check_split(split, tuple(CLIPS))
    half, samples = CLIPS[split] // 2, round(SECONDS * RATE)
    noise = torch.randn(2 * half, samples, generator=stream(f"background {split}", 0))
    spectrum = torch.fft.rfft(noise[half:])
    frequencies = torch.arange(spectrum.shape[1]).clamp(min=1)
    noise[half:] = torch.fft.irfft(spectrum / frequencies.sqrt(), samples)
    noise /= noise.square().mean(dim=1, keepdim=True).sqrt()
    kinds = ["white"] * half + ["pink"] * half
    return Background(noise, tuple(f"{kind} {split} {n}" for n, kind in enumerate(kinds)))
