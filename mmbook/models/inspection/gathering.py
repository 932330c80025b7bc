"""What is gathered over all frames of a recording, at once or in parts that are added."""

import math
from dataclasses import dataclass
from typing import Self

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mmbook.tokens import Tokens

QUIET = 1e-9  # -90 dB of full scale: the power of a frame of silence
EVEN = 1e-4  # variance below which a feature does not vary
DECIBELS = 10 / math.log(10)  # of a natural logarithm of power


@dataclass(frozen=True, eq=False)
class Pooled:
    """Means of frames with weights that are a softmax, one for each head, as far as they go.

    highest: (n, heads), the highest score. weight: (n, heads), the sum of exp(score - highest).
    total: (n, heads, width), that of the frames, so weighed.
    """

    highest: Tensor
    weight: Tensor
    total: Tensor

    def __add__(self, later: Self) -> "Pooled":
        highest = torch.maximum(self.highest, later.highest)
        faded, scale = (self.highest - highest).exp(), (later.highest - highest).exp()
        weight = faded * self.weight + scale * later.weight
        total = faded[..., None] * self.total + scale[..., None] * later.total
        return Pooled(highest, weight, total)

    def mean(self) -> Tensor:
        """(n, heads, width)."""
        return self.total / self.weight[..., None]


class AttentionPooling(nn.Module):
    """Each head weighs the frames for itself: (batch, frames, width) to (batch, heads, width).

    The weights are a softmax over frames that are real, of which there is one or more.
    """

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.score = nn.Linear(width, heads)

    def forward(self, tokens: Tokens) -> Tensor:
        return self.part(tokens).mean()

    def part(self, tokens: Tokens) -> Pooled:
        """What these frames give, to be added to what others give."""
        real = tokens.mask.unsqueeze(-1)
        scores = self.score(tokens.values).float().masked_fill(~real, -torch.inf)
        values = tokens.values.float().masked_fill(~real, 0)
        highest = scores.amax(dim=1)  # (n, heads)
        weights = (scores - highest[:, None]).exp()  # (n, frames, heads)
        return Pooled(highest, weights.sum(dim=1), weights.mT @ values)


@dataclass(frozen=True, eq=False)
class Moments:
    """Means over frames and how far they vary. Source of the sum: Chan et al. (1983).

    count: (n, 1) frames. mean: (n, features). scatter: (n, features), the sum of squares of
    differences from the mean.
    """

    count: Tensor
    mean: Tensor
    scatter: Tensor

    @classmethod
    def of(cls, values: Tensor, mask: Tensor) -> Self:
        """Of values (n, frames, features), those real where the mask (n, frames) is true."""
        real = mask.unsqueeze(-1)
        count = real.sum(dim=1).float()
        mean = values.masked_fill(~real, 0).sum(dim=1) / count
        scatter = (values - mean[:, None]).masked_fill(~real, 0).square().sum(dim=1)
        return cls(count, mean, scatter)

    def __add__(self, later: Self) -> "Moments":
        count, step = self.count + later.count, later.mean - self.mean
        mean = self.mean + step * later.count / count
        between = step.square() * self.count * later.count / count
        return Moments(count, mean, self.scatter + later.scatter + between)

    def both(self) -> Tensor:
        """Means and standard deviations, (n, 2 · features)."""
        deviation = (self.scatter / self.count + EVEN).sqrt()
        return torch.cat([self.mean, deviation], dim=-1)


@dataclass(frozen=True, eq=False)
class Energies:
    """Natural logarithms of the sums of power over frames, (n,): of speech, and what was added."""

    speech: Tensor
    added: Tensor

    @classmethod
    def of(cls, power: Tensor, share: Tensor, mask: Tensor) -> Self:
        """Of frames of this power; share: logits of which part of it was added; all (n, frames)."""
        logs = (power.clamp(min=0) + QUIET).log().masked_fill(~mask, -torch.inf)
        speech, added = logs + F.logsigmoid(-share), logs + F.logsigmoid(share)
        return cls(speech.logsumexp(dim=1), added.logsumexp(dim=1))

    def __add__(self, later: Self) -> "Energies":
        return Energies(
            torch.logaddexp(self.speech, later.speech), torch.logaddexp(self.added, later.added)
        )

    def snr(self) -> Tensor:
        """Their ratio, (n,) decibels."""
        return DECIBELS * (self.speech - self.added)


@dataclass(frozen=True, eq=False)
class Gathered:
    """All that is known of n recordings as wholes; that of two parts is added."""

    pooled: Pooled
    moments: Moments
    energies: Energies

    def __add__(self, later: Self) -> "Gathered":
        return Gathered(
            self.pooled + later.pooled,
            self.moments + later.moments,
            self.energies + later.energies,
        )


class Gathering(nn.Module):
    """What the frames of recordings say of them as wholes, of tokens (n, frames, width).

    heads: of attention pooling. features: numbers of each frame whose mean and deviation over time
    are taken. Which share of a frame's power was added to the speech is a sigmoid of a linear map.
    """

    def __init__(self, width: int, heads: int, features: int) -> None:
        super().__init__()
        self.pooling = AttentionPooling(width, heads)
        self.features = nn.Linear(width, features)
        self.share = nn.Linear(width, 1)

    def forward(self, tokens: Tokens, power: Tensor) -> Gathered:
        """power: (n, frames), mean squares of each frame's own samples."""
        share = self.share(tokens.values).float().squeeze(-1)
        return Gathered(
            self.pooling.part(tokens),
            Moments.of(self.features(tokens.values).float(), tokens.mask),
            Energies.of(power, share, tokens.mask),
        )
