"""Encoders that say which words suit a picture, beside the tokens of its cells."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mmbook.encoders.feature_grid import FourierPositions
from mmbook.tokens import Tokens

RARE = -4.0  # the logit of a tag at first: of many words, few suit a picture


class KeptGrid(nn.Module):
    """The cells of a feature map that another network has made become tokens with their places.

    maps: (batch, channels, rows, columns), float; tokens: (batch, rows · columns, width), all real,
    row by row. dropout: of whole channels, in training. Raises ValueError on another rank or
    number of channels.
    """

    def __init__(self, channels: int, width: int, dropout: float = 0.0) -> None:
        super().__init__()
        self.channels = channels
        self.scale, self.dropout = nn.BatchNorm2d(channels), nn.Dropout2d(dropout)
        self.project = nn.Linear(channels, width)
        self.positions, self.norm = FourierPositions(width), nn.LayerNorm(width)

    def forward(self, maps: Tensor) -> Tokens:
        if maps.ndim != 4 or maps.shape[1] != self.channels:
            raise ValueError(
                f"maps must have shape (batch, {self.channels}, rows, columns), "
                f"not {tuple(maps.shape)}"
            )
        cells = self.dropout(self.scale(maps)).permute(0, 2, 3, 1)  # (batch, rows, columns, ...)
        cells = self.positions(F.relu(self.project(cells)))
        return Tokens.of(self.norm(cells.flatten(1, 2)))  # (batch, cells, width)


class TaggingEncoder(nn.Module):
    """The tokens of an encoder, and behind them one that holds the words which suit the picture.

    encoder: makes tokens of `width`, all real. tags: how many words are scored. The last token is
    made of the probabilities of all tags, so a decoder can look at words as it looks at cells.
    dropout: of whole tokens, and of what the scores are made of, in training. Source: You et al.
    2016, in whose captioner the words are found by networks of their own.
    """

    def __init__(self, encoder: nn.Module, width: int, tags: int, dropout: float = 0.0) -> None:
        super().__init__()
        self.encoder = encoder
        self.dropout, self.drop_tokens = nn.Dropout(dropout), nn.Dropout1d(dropout)
        self.score = nn.Linear(width, tags)
        nn.init.constant_(self.score.bias, RARE)
        self.describe = nn.Sequential(nn.Linear(tags, width), nn.LayerNorm(width))

    def forward(self, images: Tensor) -> Tokens:
        values = self.encoder(images).values  # (batch, cells, width)
        found = self.describe(self._scores(values).sigmoid()).unsqueeze(1)  # (batch, 1, width)
        return Tokens.of(self.drop_tokens(torch.cat((values, found.to(values.dtype)), dim=1)))

    def scores(self, tokens: Tokens) -> Tensor:
        """The logit of each tag, (batch, tags), from tokens that this encoder has made."""
        return self._scores(tokens.values[:, :-1])

    def _scores(self, cells: Tensor) -> Tensor:
        return self.score(self.dropout(cells.mean(dim=1)))
