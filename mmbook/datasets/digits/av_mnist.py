"""AV-MNIST, rebuilt: faint images and noisy words of one digit, from parts that are public.

The set of Vielzeuf et al. 2018 pairs images of MNIST, 75 % of whose energy was removed, with spoken
digits under environmental noise. It is not published in a form that can be used here, so this one
is built anew, and its figures cannot be compared with published ones. The recipe in full:

image. The principal components of the training images, about their mean image. The first ones that
hold 25 % of the energy are left, the last of them scaled down so that it is exactly 25 % on the
training images; the mean image is left too, and nothing else. Of MNIST that is three components
and part of a fourth.
audio. A recording of FSDD, at one level, cut or padded to 0.8 s, with a random piece of an ESC-10
clip at a ratio in decibels, both over the 0.8 s; then a log-mel spectrogram, each band's mean
removed, as in `items`. Folds 3 and 4 are heard in training, 2 in validation, 1 in test.
pairs. The digit is drawn first, then an image, a recording and a piece of background, independently
and all from one split: so the two senses are independent given the digit.
"""

from dataclasses import dataclass, replace

import torch
from torch import Generator, Tensor

from mmbook.batch import Batch
from mmbook.datasets.digits.background import (
    Background,
    generated_background,
    recorded_background,
)
from mmbook.datasets.digits.bank import SPLITS, TIERS, load_bank
from mmbook.datasets.digits.takes import Takes, recorded_takes, synthetic_takes
from mmbook.datasets.entries import DataDamagedError, DataSet
from mmbook.datasets.small.spoken_digits import (
    FSDD_TEST_SPEAKERS,
    SAMPLES,
    load_spoken_digits,
)
from mmbook.datasets.splits import check_split
from mmbook.datasets.streams import stream
from mmbook.preprocessing.audio.mel import SpectrogramConfig, log_mel_spectrogram, normalise_bands
from mmbook.preprocessing.audio.waveforms import AudioError, fit_length, mix_at_snr
from mmbook.preprocessing.images.principal_components import PrincipalComponents

AV_MNIST = DataSet(
    name="av-mnist",
    splits=SPLITS,
    title="AV-MNIST, rebuilt",
    kind="generated",
    what="Pairs of an image and a spoken word of one digit, both spoilt for good: of the images' "
    "energy 75 % is removed, and the words are heard through other sounds. Splits share no image, "
    "no recording and no background; in the variant `speakers` no voice either.",
    teaches="fusion where either sense alone is not enough",
    size="none: drawn from the images and voices of digits, or from MNIST, FSDD and ESC-10",
    licence="that of the sets it is drawn from",
    citations=("vielzeuf2018centralnet", "liang2021multibench"),
)

VARIANTS = ("takes", "speakers")
ENERGY = 0.25  # of the images, what is left
SNR_DB = -15.0  # where a network that hears alone is right about half the time
_FSDD_SPEAKERS = {"validation": ("nicolas",), "test": FSDD_TEST_SPEAKERS}
_TAKE_GROUPS = {"validation": 1, "test": 0}
_SPECTROGRAM = SpectrogramConfig()
_CHUNK = 256  # clips transformed at a time: their spectra stay in the processor's cache


@dataclass(frozen=True, eq=False)
class Parts:
    """What the pairs of a split are drawn from.

    images: (P, 1, 28, 28) float32 with little of their energy; image_labels: (P,).
    clips: (C, SAMPLES) float32; clip_labels: (C,); speakers: C names.
    """

    split: str
    images: Tensor
    image_labels: Tensor
    clips: Tensor
    clip_labels: Tensor
    speakers: tuple[str, ...]
    background: Background


@dataclass(frozen=True, eq=False)
class Pairs:
    """Which parts make up each sample, all (n,): rows of images, of clips, of the background, the
    first sample of the piece of it; and the digit that image and clip share."""

    image: Tensor
    clip: Tensor
    background: Tensor
    start: Tensor
    digits: Tensor


def load_parts(tier: str = "mini", variant: str = "takes") -> dict[str, Parts]:
    """Load what the pairs of each split are drawn from.

    tier: "full", MNIST, FSDD and ESC-10; or "mini", what ships: scikit-learn's digits, synthetic
    voices, white and pink noise. variant: "takes", where speakers are the same in all splits, and
    the takes others (of FSDD the official test takes, the next five for validation); or "speakers",
    where those of validation and test are never heard in training.
    Raises ValueError for another name, DataMissingError where a set is not on this machine.
    """
    for name, value, known in (("tier", tier, TIERS), ("variant", variant, VARIANTS)):
        if value not in known:
            raise ValueError(f"there is no {name} {value!r}; there are {', '.join(known)}")
    banks = {split: load_bank(split, tier) for split in SPLITS}
    components = PrincipalComponents.of(banks["train"].images)
    takes, backgrounds = _takes(tier), {"full": recorded_background, "mini": generated_background}
    parts = {}
    for split, chosen in _shared_out(takes, variant, tier).items():
        rows = chosen.nonzero()[:, 0].tolist()
        parts[split] = Parts(
            split=split,
            images=components.keep(banks[split].images, ENERGY),
            image_labels=banks[split].image_labels,
            clips=torch.stack([fit_length(takes.clips[row], SAMPLES) for row in rows]),
            clip_labels=takes.labels[rows],
            speakers=tuple(takes.speakers[row] for row in rows),
            background=backgrounds[tier](split),
        )
    return parts


def _takes(tier: str) -> Takes:
    """The spoken digits of all splits."""
    if tier == "mini":
        return synthetic_takes()
    try:
        return recorded_takes()
    except AudioError as error:
        raise DataDamagedError(str(error)) from error


def _shared_out(takes: Takes, variant: str, tier: str) -> dict[str, Tensor]:
    """Which clips are of each split, (C,) boolean: training has what the others have not."""
    if variant == "takes":
        held_out = {s: takes.take_groups == group for s, group in _TAKE_GROUPS.items()}
    else:
        names = _FSDD_SPEAKERS
        if tier == "mini":
            names = {s: load_spoken_digits(s).origins for s in ("validation", "test")}
        held_out = {
            s: torch.tensor([speaker in names[s] for speaker in takes.speakers]) for s in names
        }
    train = ~(held_out["validation"] | held_out["test"])
    return {"train": train, "validation": held_out["validation"], "test": held_out["test"]}


def draw_pairs(parts: Parts, size: int, seed: int = 0) -> Pairs:
    """Draw samples, as rows of the parts; the same seed gives the same draw.

    Raises ValueError for a size below 1.
    """
    if size < 1:
        raise ValueError(f"size must be at least 1, got {size}")
    generator = stream(f"av-mnist {parts.split}", seed)
    digits = torch.randint(10, (size,), generator=generator)
    image = _of_digits(parts.image_labels, digits, generator)
    clip = _of_digits(parts.clip_labels, digits, generator)
    background, start = parts.background.cut(size, parts.clips.shape[1], generator)
    return Pairs(image, clip, background, start, digits)


def _of_digits(labels: Tensor, digits: Tensor, generator: Generator) -> Tensor:
    """For each digit, the row of a random item with that label, (n,)."""
    order = labels.argsort(stable=True)
    counts = labels.bincount(minlength=10)
    starts = counts.cumsum(0) - counts
    chance = torch.rand(len(digits), generator=generator, dtype=torch.float64)
    return order[starts[digits] + (chance * counts[digits]).long()]


def noisy(parts: Parts, pairs: Pairs, snr_db: float = SNR_DB) -> Tensor:
    """The clips of the samples with their background at the ratio, (n, SAMPLES)."""
    clips = parts.clips[pairs.clip]
    places = pairs.start[:, None] + torch.arange(clips.shape[1])
    return mix_at_snr(clips, parts.background.clips[pairs.background[:, None], places], snr_db)


def render(parts: Parts, pairs: Pairs, snr_db: float = SNR_DB) -> Batch:
    """The samples as networks read them: "image" (n, 1, 28, 28), "audio" (n, frames, mels)."""
    speech = []
    for rows in torch.arange(len(pairs.digits)).split(_CHUNK):
        some = replace(pairs, **{name: values[rows] for name, values in vars(pairs).items()})
        heard = log_mel_spectrogram(noisy(parts, some, snr_db), _SPECTROGRAM)
        speech.append(normalise_bands(heard))
    inputs = {"image": parts.images[pairs.image], "audio": torch.cat(speech)}
    return Batch(inputs, {"label": pairs.digits})


def draw(parts: Parts, size: int, *, snr_db: float = SNR_DB, seed: int = 0) -> Batch:
    """Draw samples from the parts and render them: see `draw_pairs` and `render`."""
    return render(parts, draw_pairs(parts, size, seed), snr_db)


def load_av_mnist(
    split: str,
    *,
    size: int,
    tier: str = "mini",
    variant: str = "takes",
    snr_db: float = SNR_DB,
    seed: int = 0,
) -> Batch:
    """As many samples as wanted, drawn from a split's parts: see `load_parts` and `draw`."""
    check_split(split, SPLITS)
    return draw(load_parts(tier, variant)[split], size, snr_db=snr_db, seed=seed)
