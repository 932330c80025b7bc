"""Where a decoder looks while it writes: the weights of its cross-attention, made visible."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from inspect import signature
from typing import Any

import torch
from torch import Tensor, nn

from mmbook.decoders.masked_history import MaskedHistory
from mmbook.decoders.recurrent import RecurrentDecoder
from mmbook.decoders.transformer import TransformerDecoder
from mmbook.layers.attention import Keys, MultiHeadAttention
from mmbook.layers.modes import evaluating
from mmbook.models.captioning import Captioner, caption_batch


@dataclass(frozen=True, eq=False)
class AttentionMaps:
    """Where a captioner looked in a picture for each word of a sentence.

    words: of the sentence. weights: (layers, heads, words, rows, columns); each map sums to 1, and
    is that of the step that chose the word, so the word itself was not read yet.
    log_probabilities: (words,), natural, of each word after those before it.
    """

    words: tuple[str, ...]
    weights: Tensor
    log_probabilities: Tensor

    def mean(self) -> Tensor:
        """(words, rows, columns): the mean over layers and heads, which sums to 1, too."""
        return self.weights.mean(dim=(0, 1))


@torch.inference_mode()
def attention_maps(
    captioner: Captioner, image: Tensor, caption: str | None = None
) -> AttentionMaps:
    """Where a captioner looks for each word of a sentence about a picture.

    image: (3, height, width) as `Captioner.look` takes it. caption: by default, the captioner's
    own. Raises ValueError for another rank, a sentence without words, a decoder without
    cross-attention, and where picture tokens are no grid in the picture's proportions.
    """
    if image.ndim != 3:
        raise ValueError(f"image must be (3, height, width), not {tuple(image.shape)}")
    if caption is None:
        caption = captioner.caption(image[None])[0]
    words = tuple(captioner.tokenizer.split(caption))
    if not words:
        raise ValueError("there is no map for a sentence without words")
    batch = caption_batch(captioner.tokenizer, image[None], [caption])
    with evaluating(captioner), watched_cross_attention(captioner.model) as seen:
        logits = captioner(batch.inputs)  # (1, words + 1, vocabulary): the end is a token, too
    ids = batch.targets["next"][0, :-1]  # (words,)
    said = logits[0, :-1].log_softmax(dim=-1).gather(-1, ids.unsqueeze(-1)).squeeze(-1)
    weights = torch.cat(seen)[:, :, :-1]  # (layers, heads, words, cells)
    grid = _grid(weights.shape[-1], *image.shape[1:])
    return AttentionMaps(words, weights.unflatten(-1, grid), said)


class CaptionWord(nn.Module):
    """A captioner as a classifier: of pictures, the scores of the word at one place of a caption.

    captions: one a picture; asked about is the first word in each that is one of `among`, after the
    true words before it. images: (n, 3, height, width) as `Captioner.look` takes them; returns
    log probabilities (n, vocabulary). target: (n,), the ids of the words asked about; places: (n,),
    theirs. Raises ValueError for a caption with no such word, and another number of pictures.
    """

    def __init__(self, captioner: Captioner, captions: Sequence[str], among: Sequence[str]) -> None:
        super().__init__()
        self.captioner = captioner
        words = [captioner.tokenizer.split(caption) for caption in captions]
        found = [next((p for p, w in enumerate(row) if w in among), -1) for row in words]
        if not found or min(found) < 0:
            raise ValueError(f"each caption needs one of the words {list(among)}: {list(captions)}")
        text = caption_batch(captioner.tokenizer, torch.empty(len(words), 3, 1, 1), captions)
        self.ids = text.inputs["text"].filled(captioner.pad)  # (n, length)
        self.places = torch.tensor(found)
        self.target = text.targets["next"][torch.arange(len(found)), self.places]

    def forward(self, images: Tensor) -> Tensor:
        if len(images) != len(self.ids):
            raise ValueError(f"{len(self.ids)} captions need as many pictures, not {len(images)}")
        logits = self.captioner.model(self.captioner.look(images), self.ids.to(images.device))
        return logits[torch.arange(len(images)), self.places].log_softmax(dim=-1)


@contextmanager
def watched_cross_attention(decoder: nn.Module) -> Iterator[list[Tensor]]:
    """Inside, each call of a decoder's cross-attention leaves its weights in the list.

    One tensor (batch, heads, queries, keys) a call, the first layer first; see `cross_weights`.
    The decoder computes what it did before. Raises ValueError as `cross_attentions` does.
    """
    seen: list[Tensor] = []

    def keep(part: nn.Module, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> None:
        assert isinstance(part, MultiHeadAttention)
        given = signature(part.forward).bind(*args, **kwargs).arguments
        seen.append(cross_weights(part, given["x"], given["memory"], given.get("mask")))

    parts = cross_attentions(decoder)
    hooks = [part.register_forward_pre_hook(keep, with_kwargs=True) for part in parts]
    try:
        yield seen
    finally:
        for hook in hooks:
            hook.remove()


def cross_attentions(decoder: nn.Module) -> Sequence[MultiHeadAttention]:
    """The parts of a decoder that look at its memory, the first layer first.

    Raises ValueError where there are none.
    """
    if isinstance(decoder, MaskedHistory):
        return cross_attentions(decoder.decoder)
    found: list[Any] = []
    if isinstance(decoder, RecurrentDecoder):
        found = [decoder.attention]
    elif isinstance(decoder, TransformerDecoder):
        found = [block.cross_attention for block in decoder.stack.blocks]
    parts = [part for part in found if isinstance(part, MultiHeadAttention)]
    if not parts:
        raise ValueError(
            "the decoder must be a TransformerDecoder or a RecurrentDecoder with cross=True: "
            f"there is no cross-attention in {type(decoder).__name__}"
        )
    return parts


def cross_weights(
    part: MultiHeadAttention, x: Tensor, memory: Tensor | Keys, mask: Tensor | None = None
) -> Tensor:
    """The weights with which each head mixes the memory's values: (batch, heads, queries, keys).

    The module does not keep them; here they come from its own queries and keys. x, memory, mask:
    as `MultiHeadAttention` takes them. A row sums to 1, or is 0 where the mask shows nothing.
    Raises ValueError for attention whose positions are rotated. Chapter `attention`.
    """
    if part.rotary:
        raise ValueError("cross_weights reads attention without rotary positions")
    if not isinstance(memory, tuple):
        if mask is not None and mask.ndim == 2:  # what is not real may hold anything
            memory = memory.masked_fill(~mask.unsqueeze(-1), 0)
        memory = part.keys(memory)
    size = part.width // part.heads
    q = part.query(x).unflatten(-1, (-1, size)).transpose(1, 2)  # (batch, heads, queries, size)
    k = memory[0].repeat_interleave(part.heads // part.kv_heads, dim=1)
    scores = q @ k.mT / size**0.5  # (batch, heads, queries, keys)
    if mask is None:
        return scores.softmax(dim=-1)
    shown = (mask.unsqueeze(1) if mask.ndim == 2 else mask).unsqueeze(1)
    hidden = scores.masked_fill(~shown, float("-inf")).softmax(dim=-1)
    return hidden.masked_fill(~shown, 0)  # a softmax over nothing is NaN


def _grid(cells: int, height: int, width: int) -> tuple[int, int]:
    """Rows and columns of cells that lie over a picture. Raises ValueError where none fit."""
    rows = max(round((cells * height / width) ** 0.5), 1)
    if cells % rows:
        raise ValueError(f"{cells} picture tokens are no grid over {height} × {width} pixels")
    return rows, cells // rows
