"""What is each step from waveform to MFCC worth? One classifier, eight representations, two tests.

The first test holds out takes of speakers that were heard in training, the second one all takes of
some speakers. Nothing is trained by chance, so the repeated unit is the fold: in each, other takes
and other speakers are held out. The first fold of the full tier is the publisher's split.
"""

import itertools
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
import torch.nn.functional as F
from sklearn.svm import SVC
from torch import Tensor

from mmbook.datasets.real.fsdd import OFFICIAL_TEST_TAKES, list_recordings
from mmbook.datasets.small.spoken_digits import RATE, load_spoken_digits
from mmbook.evaluation import Result, Row
from mmbook.preprocessing.audio.augmentation import change_speed
from mmbook.preprocessing.audio.mel import (
    SpectrogramConfig,
    log_mel_spectrogram,
    mel_filterbank,
    mfcc,
    normalise_bands,
)
from mmbook.preprocessing.audio.spectrogram import cosine_window, power, stft
from mmbook.preprocessing.audio.voice_activity import trim
from mmbook.preprocessing.audio.waveforms import mix_at_snr, normalise_level, read_audio
from mmbook.preprocessing.standardiser import Standardiser
from mmbook.training.checkpoints import digest

SPECTROGRAM = SpectrogramConfig(rate=RATE)
SEEN, NEW = "seen speakers", "new speakers"
TESTS = (SEEN, NEW)
MACHINE, NEIGHBOUR = "support vector machine", "nearest neighbour"  # the classifiers


@dataclass(frozen=True)
class SpeechFeaturesConfig:
    """The folds, what makes a take, and the classifier.

    seeds: which of the `folds` are tested. frames: what every clip is stretched to, so that clips
    of different lengths can be compared. penalty: C of the support vector machine.
    takes, speed, snr_db: of the mini tier, whose synthetic voices say a word in one way only; a
    take is that clip at another speed, with noise at another ratio.
    """

    seeds: tuple[int, ...] = (0, 1, 2, 3, 4, 5)
    folds: int = 6
    frames: int = 24
    penalty: float = 10.0
    takes: int = 6
    speed: tuple[float, float] = (0.85, 1.15)
    snr_db: tuple[float, float] = (20.0, 40.0)


TIERS = {"mini": SpeechFeaturesConfig(), "full": SpeechFeaturesConfig()}


@dataclass(frozen=True)
class Corpus:
    """Spoken digits of their own lengths: clips, and for each its digit, speaker and take.

    take_groups: takes are held out by group; a fold leaves out one.
    """

    clips: list[Tensor]
    labels: Tensor
    speakers: list[str]
    take_groups: Tensor

    def held_out(self, test: str, fold: int, folds: int) -> Tensor:
        """Which clips a fold is tested on, (n,) boolean; it is trained on the others."""
        if test == SEEN:
            return self.take_groups == fold
        chosen = set(sorted(set(self.speakers))[fold::folds])
        return torch.tensor([speaker in chosen for speaker in self.speakers])


def recorded_digits() -> Corpus:
    """FSDD: six people, fifty takes. Raises DataMissingError where it is not on this machine."""
    recordings = list_recordings()
    return Corpus(
        clips=[normalise_level(read_audio(recording.path, RATE)) for recording in recordings],
        labels=torch.tensor([recording.digit for recording in recordings]),
        speakers=[recording.speaker for recording in recordings],
        take_groups=torch.tensor([r.take // OFFICIAL_TEST_TAKES for r in recordings]),
    )


def synthetic_digits(config: SpeechFeaturesConfig) -> Corpus:
    """The shipped English digits of all 24 voices, in takes, without the silence around them."""
    parts = [load_spoken_digits(s, languages=["en"]) for s in ("train", "validation", "test")]
    words = torch.cat([part.waveforms for part in parts])  # (words, samples)
    generator = torch.Generator().manual_seed(0)

    def chance(bounds: tuple[float, float]) -> Tensor:
        low, high = bounds
        return low + (high - low) * torch.rand(len(words), generator=generator)

    clips: list[Tensor] = []
    for _ in range(config.takes):
        spoken = change_speed(words, chance(config.speed))
        noise = torch.randn(spoken.shape, generator=generator)
        noisy = mix_at_snr(spoken, noise, chance(config.snr_db))
        clips += [normalise_level(trim(clip)) for clip in noisy]
    return Corpus(
        clips=clips,
        labels=torch.cat([part.labels for part in parts]).repeat(config.takes),
        speakers=[voice for part in parts for voice in part.origins] * config.takes,
        take_groups=torch.arange(config.takes).repeat_interleave(len(words)),
    )


def stretch(frames: Tensor, count: int) -> Tensor:
    """Bring (frames, width) to (count, width), by linear interpolation over time."""
    return F.interpolate(frames.T[None], size=count, mode="linear")[0].T


def _spectrum(clip: Tensor) -> Tensor:
    """The power of each frequency in each frame, (frames, bins)."""
    window = cosine_window(SPECTROGRAM.n_fft)
    return power(stft(clip[None], window, SPECTROGRAM.hop))[0, : len(clip) // SPECTROGRAM.hop]


def _log_mel(clip: Tensor) -> Tensor:
    return log_mel_spectrogram(clip[None], SPECTROGRAM)  # (1, frames, mels)


# A mel filter's weights add up to n_fft / rate, so this is the same floor before the filters.
_POWER_FLOOR = SPECTROGRAM.floor * SPECTROGRAM.rate / SPECTROGRAM.n_fft
# Each step of the ladder: a clip (samples,) becomes (frames, width).
FEATURES: dict[str, Callable[[Tensor], Tensor]] = {
    "waveform": lambda clip: clip[:, None],
    "power STFT": _spectrum,
    "mel power": lambda clip: _spectrum(clip) @ mel_filterbank(SPECTROGRAM).T,
    "log STFT": lambda clip: _spectrum(clip).clamp(min=_POWER_FLOOR).log(),
    "log-mel": lambda clip: _log_mel(clip)[0],
    "log-mel minus mean": lambda clip: normalise_bands(_log_mel(clip))[0],
    "MFCC": lambda clip: mfcc(_log_mel(clip))[0],
    "MFCC minus mean": lambda clip: normalise_bands(mfcc(_log_mel(clip)))[0],
}


def features(name: str, clips: list[Tensor], frames: int) -> Tensor:
    """One row of numbers a clip, (n, numbers): a step of the ladder, stretched to `frames`.

    The waveform, which has no frames, is stretched to as many samples as they would have.
    """
    count = frames * SPECTROGRAM.hop if name == "waveform" else frames
    return torch.stack([stretch(FEATURES[name](clip), count).flatten() for clip in clips])


def classify(rows: Tensor, labels: Tensor, test: Tensor, penalty: float) -> tuple[float, float]:
    """Shares of right answers on the test rows: support vector machine, and nearest neighbour.

    rows: (n, numbers). labels: (n,). test: (n,) boolean. Both see standardised numbers and the
    same distances; the machine's kernel is exp(-squared distance / numbers).
    """
    train = ~test
    rows = Standardiser.fit(rows[train], axis=1)(rows)
    squares = torch.cdist(rows, rows[train]).square() / rows.shape[1]  # (n, train)
    kernel = torch.exp(-squares).double().numpy()
    machine = SVC(C=penalty, kernel="precomputed").fit(kernel[train], labels[train])
    nearest = labels[train][squares[test].argmin(dim=1)]
    right = torch.from_numpy(machine.predict(kernel[test])) == labels[test]
    return right.double().mean().item(), (nearest == labels[test]).double().mean().item()


def run(tier: str, config: SpeechFeaturesConfig, folder: Path) -> Result:
    """Climb the ladder in every fold, with speakers that were heard in training and with others."""
    started = time.perf_counter()
    corpus = recorded_digits() if tier == "full" else synthetic_digits(config)
    rows = [Row("chance", "accuracy", fold, 0.1) for fold in config.seeds]
    widths = {}
    for name in FEATURES:
        numbers = features(name, corpus.clips, config.frames)
        widths[name] = numbers.shape[1]
        for test, fold in itertools.product(TESTS, config.seeds):
            held_out = corpus.held_out(test, fold, config.folds)
            scores = classify(numbers, corpus.labels, held_out, config.penalty)
            for system, score in zip((MACHINE, NEIGHBOUR), scores, strict=True):
                rows.append(Row(system, "accuracy", fold, score, {"features": name, "test": test}))
    return Result(
        experiment="speech-features",
        tier=tier,
        rows=rows,
        baselines=["chance", NEIGHBOUR],
        seeds=config.seeds,
        split=_split(tier, corpus, config),
        config=asdict(config),
        parameters=widths,
        seconds=round(time.perf_counter() - started, 1),
        data={"clips": digest({str(i): clip for i, clip in enumerate(corpus.clips)})},
    )


def _split(tier: str, corpus: Corpus, config: SpeechFeaturesConfig) -> str:
    """What is held out, in words."""
    speakers, groups = len(set(corpus.speakers)), len(corpus.take_groups.unique())
    name = "FSDD" if tier == "full" else "synthetic voices"
    return (
        f"{name}, {len(corpus.clips)} clips of {speakers} speakers; the values are folds, not "
        f"seeds; {SEEN}: one group of takes in {groups} is held out"
        + (" (in fold 0 the publisher's test takes 0-4)" if tier == "full" else "")
        + f"; {NEW}: held out are {speakers // config.folds} of {speakers} speakers"
    )
