"""Layers that read a recording frame by frame: of all of it at once, or as it comes."""

from collections.abc import Sequence
from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mmbook.layers.checks import can_look
from mmbook.layers.recurrent import read, recurrent
from mmbook.tokens import Tokens

Past = dict[nn.Module, Tensor]  # what each layer keeps of the frames before, where they stream


class TimeConvolution(nn.Module):
    """A convolution over three frames, and with `bands` over three bands, of which half remain.

    (batch, inputs, frames, bands) to (batch, outputs, frames, ⌈bands/2⌉), or as many bands, each
    read by itself. causal: the three frames are the last ones; otherwise the ones around.
    """

    def __init__(self, inputs: int, outputs: int, *, causal: bool, bands: bool) -> None:
        super().__init__()
        self.before, self.behind = (2, 0) if causal else (1, 1)
        size, stride, padding = ((3, 3), (1, 2), (0, 1)) if bands else ((3, 1), (1, 1), (0, 0))
        self.convolution = nn.Conv2d(inputs, outputs, size, stride, padding, bias=False)
        self.norm = nn.BatchNorm2d(outputs)

    def forward(self, x: Tensor, past: Past | None = None) -> Tensor:
        batch, channels, _, bands = x.shape
        earlier = None if past is None else past.get(self)
        if earlier is None:
            earlier = x.new_zeros(batch, channels, self.before, bands)
        x = torch.cat([earlier, x], dim=2)
        if past is not None:
            past[self] = x[:, :, -self.before :]
        return F.relu(self.norm(self.convolution(F.pad(x, (0, 0, 0, self.behind)))))


class StreamEncoder(nn.Module):
    """A stream of features becomes tokens, one a frame.

    features: Tokens (batch, frames, inputs), padded at the end; (batch, frames, width) is returned
    with the same mask. stages: channels of convolutions over time; none leave a linear map of each
    frame. bands: whether neighbouring features are neighbours in frequency, too.
    """

    def __init__(
        self, inputs: int, width: int, stages: Sequence[int], *, causal: bool, bands: bool
    ) -> None:
        super().__init__()
        self.bands = bands
        first = 1 if bands else inputs
        self.blocks = nn.ModuleList(
            TimeConvolution(i, o, causal=causal, bands=bands) for i, o in pairwise([first, *stages])
        )
        left = -(-inputs // 2 ** len(stages)) if bands else 1  # ⌈inputs/2ⁿ⌉
        self.project = nn.Linear((stages[-1] if stages else first) * left, width)

    def forward(self, features: Tokens, past: Past | None = None) -> Tokens:
        x, mask = features.values, features.mask
        x = x.unsqueeze(1) if self.bands else x.mT.unsqueeze(3)  # (batch, channels, frames, bands)
        whole = can_look(mask) and bool(mask.all())
        for block in self.blocks:
            # Zero is what a convolution finds beyond the edge: padding must look the same.
            x = block(x if whole else x.masked_fill(~mask[:, None, :, None], 0), past)
        return Tokens(self.project(x.transpose(1, 2).flatten(2)), features.mask)


class StreamFusion(nn.Module):
    """Tokens of several streams become one sequence, frame by frame: (batch, frames, width).

    attention: each frame weighs its streams, by a softmax of a score for each; otherwise a linear
    map reads them side by side.
    """

    def __init__(self, streams: int, width: int, *, attention: bool) -> None:
        super().__init__()
        self.score = nn.Linear(width, 1) if attention else None
        self.mix = None if attention else nn.Linear(streams * width, width)

    def forward(self, streams: Sequence[Tokens]) -> Tokens:
        mask = streams[0].mask
        if self.mix is not None:
            return Tokens(F.relu(self.mix(torch.cat([s.values for s in streams], dim=-1))), mask)
        assert self.score is not None
        values = torch.stack(
            [F.relu(s.values) for s in streams], dim=2
        )  # (batch, frames, n, width)
        return Tokens((self.score(values).softmax(dim=2) * values).sum(dim=2), mask)


class FrameMemory(nn.Module):
    """A gated recurrent unit, forwards and, where it may look ahead, backwards.

    (batch, frames, width) to the same, the tokens themselves beside: (batch, frames, 2 width).
    """

    def __init__(self, width: int, layers: int, *, causal: bool) -> None:
        super().__init__()
        self.network = recurrent("gru", width, width, layers, bidirectional=not causal)

    def forward(self, tokens: Tokens, past: Past | None = None) -> Tokens:
        with torch.autocast(tokens.values.device.type, enabled=False):  # its steps are too small
            values = tokens.values.float()
            if past is None:
                states = read(self.network, Tokens(values, tokens.mask)).values
            else:
                states, past[self] = self.network(values, past.get(self))
        return Tokens(torch.cat([states, values], dim=-1), tokens.mask)
