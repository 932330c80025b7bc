"""Clips of different lengths as one batch of tokens: a moment of sound is one, padding is none."""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

from mmbook.preprocessing.audio.checks import AudioError, check_clips
from mmbook.preprocessing.audio.mel import SpectrogramConfig, log_mel_spectrogram
from mmbook.preprocessing.batches import length_buckets
from mmbook.tokens import Tokens


def frame_mask(samples: Tensor, hop: int) -> Tensor:
    """Which frames of a padded batch of log-mel spectrograms are sound, (n, most frames) boolean.

    samples: (n,) the lengths of the clips before padding. A clip has samples // hop frames.
    """
    frames = samples.long() // hop  # (n,), in a type that holds every length
    place = torch.arange(int(frames.max()), device=samples.device)
    return place < frames[:, None]


def log_mel_tokens(
    clips: Sequence[Tensor], config: SpectrogramConfig | None = None, *, bucket: int = 16
) -> Tokens:
    """Log-mel spectrograms of clips of any lengths, with the mask of their real frames.

    clips: (samples,) each. bucket: clips that are padded and transformed together; all at once
    would waste time on padding, one by one on calls.
    Returns values (n, most frames, mels), zero where the mask (n, most frames) is false.
    Raises AudioError where there is no clip, or one is shorter than a hop or not finite.
    """
    config = config or SpectrogramConfig()
    lengths = [clip.shape[-1] for clip in clips]
    if not lengths or min(lengths) < config.hop:
        found = f"clip {lengths.index(min(lengths))} has {min(lengths)}" if lengths else "no clip"
        raise AudioError(f"clips of at least {config.hop} samples were expected, got {found}")
    check_clips(clips)
    mask = frame_mask(torch.tensor(lengths, device=clips[0].device), config.hop)
    values = clips[0].new_zeros(*mask.shape, config.mels)  # (n, most frames, mels)
    for rows in length_buckets(lengths, bucket):
        longest = lengths[rows[-1]]
        padded = torch.stack([F.pad(clips[row], (0, longest - lengths[row])) for row in rows])
        spectrograms = log_mel_spectrogram(padded, config)  # (rows, frames, mels)
        values[rows, : spectrograms.shape[1]] = spectrograms
    return Tokens(values.masked_fill_(~mask[:, :, None], 0), mask)
