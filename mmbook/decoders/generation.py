"""Writing with any autoregressive decoder: the most probable, drawn, or searched for."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from numbers import Real
from typing import Any

import torch
from torch import Generator, Tensor

from mmbook.batch import Padded
from mmbook.decoders.autoregressive import AutoregressiveDecoder
from mmbook.layers.checks import can_look, check_usable, check_whole
from mmbook.layers.modes import evaluating
from mmbook.tokens import Tokens

Pick = Callable[[Tensor], Tensor]  # logits (rows, vocabulary) to ids (rows,)
_INTEGERS = (torch.uint8, torch.int8, torch.int16, torch.int32, torch.int64)


def greedy(logits: Tensor) -> Tensor:
    """The most probable token of each row: (rows, vocabulary) to (rows,).

    Raises ValueError on a row of NaN or infinite logits, where `can_look`.
    """
    if can_look(logits):
        check_usable(logits)
    return logits.argmax(dim=-1)


@dataclass(frozen=True)
class Sampling:
    """Draws a token for each row by its probability: (rows, vocabulary) to (rows,).

    temperature: below 1 the probable becomes more probable. top_k: only the k most probable (Fan et
    al. 2018). top_p: of these, only the fewest that hold this share (Holtzman et al. 2020).
    Draws where the generator is, so that all devices get the same. Raises ValueError on a
    temperature that is not positive, a top_k below 1, a top_p that is not in (0, 1], what is no
    generator, and a row of NaN or infinite logits, where `can_look` at what is drawn from.
    """

    generator: Generator
    temperature: float = 1.0
    top_k: int | None = None
    top_p: float = 1.0

    def __post_init__(self) -> None:
        if not isinstance(self.generator, Generator):
            raise ValueError(f"generator must be a torch.Generator, not {self.generator!r}")
        if not isinstance(self.temperature, Real) or not 0 < self.temperature < float("inf"):
            raise ValueError(f"temperature must be positive, not {self.temperature}")
        if self.top_k is not None:
            check_whole(top_k=self.top_k)
            if self.top_k < 1:
                raise ValueError(f"top_k must be 1 or more, or None for all, not {self.top_k}")
        if not isinstance(self.top_p, Real) or not 0 < self.top_p <= 1:
            raise ValueError(f"top_p must be in (0, 1], not {self.top_p}")

    def __call__(self, logits: Tensor) -> Tensor:
        scores, ids = (logits / self.temperature).sort(dim=-1, descending=True, stable=True)
        if self.top_k is not None:
            scores[:, self.top_k :] = -torch.inf
        p = scores.softmax(dim=-1)
        p = p.masked_fill(p.cumsum(dim=-1) - p >= self.top_p, 0)  # the first always stays
        p = p.to(self.generator.device)
        if can_look(p):
            check_usable(p)
        places = p.multinomial(1, generator=self.generator)
        return ids.gather(-1, places.to(ids.device)).squeeze(-1)


@torch.no_grad()
def generate(
    decoder: AutoregressiveDecoder[Any],
    memory: Tokens | None,
    prompts: Padded,
    eos: int | None,
    new: int,
    pick: Pick = greedy,
) -> Padded:
    """Prompts (rows, longest) of ids and what follows them: up to `new` ids, or up to eos.

    memory: (rows, ...) where the decoder reads one. eos: the id that ends a row, or None. pick:
    what chooses, of all rows at once. Runs where the decoder is, without gradients, in evaluation
    mode, and leaves every part in its mode. What all prompts share in length is read at once; then
    a row takes the next id of its prompt as long as there is one, and writes afterwards: rows stay
    aligned, and nothing that is read is padding.
    Raises ValueError on an empty prompt, ids or eos out of range, new below 1, numbers that are not
    whole, a pick that cannot be called, and NaN logits.
    """
    device = _device(decoder)
    if not callable(pick):
        raise ValueError(f"pick must be a function of logits, such as greedy, not {pick!r}")
    if prompts.values.dtype not in _INTEGERS:
        raise ValueError(f"prompts must be integers, not {prompts.values.dtype}")
    prompts = Padded(prompts.values.long(), prompts.lengths).to(device)
    _check_range(decoder, new, prompts=prompts.filled().flatten(), eos=eos)
    if not len(prompts) or int(prompts.lengths.min()) < 1:
        raise ValueError(f"each prompt needs an id, but lengths are {prompts.lengths.tolist()}")
    lengths, ends = prompts.lengths.clone(), prompts.lengths + new
    done = torch.zeros(len(prompts), dtype=torch.bool, device=device)
    fresh = ids = prompts.values[:, : int(lengths.min())]
    with evaluating(decoder):
        state = decoder.start(memory, len(prompts))
        while not done.all():
            logits, state = decoder.step(fresh, state)
            chosen, place = pick(_last(logits)), ids.shape[1]
            given = prompts.values[:, min(place, prompts.values.shape[1] - 1)]
            writes = (place >= prompts.lengths) & ~done
            fresh = torch.where(writes | done, chosen, given).unsqueeze(1)  # (rows, 1)
            lengths = lengths + writes
            done = done | (lengths == ends)
            if eos is not None:
                done = done | (writes & (chosen == eos))
            ids = torch.cat((ids, fresh), dim=1)
    return Padded(ids, lengths)


@torch.no_grad()
def beam_search(
    decoder: AutoregressiveDecoder[Any],
    memory: Tokens | None,
    bos: int,
    eos: int,
    new: int,
    width: int,
    rows: int = 1,
    penalty: float = 0.0,
) -> tuple[Padded, Tensor]:
    """The best sequence of each row that a search with `width` candidates finds, and its score.

    The score is the sum of log p of the ids behind bos, divided by their number to the power
    of `penalty`: 0 for the most probable, 1 for the mean (Wu et al. 2016). Up to `new` ids,
    or up to eos. Returns ids from bos on, and scores (rows,). Modes, devices and memory as in
    `generate`.
    Raises ValueError on bos or eos out of range, new or width below 1, a width above the number
    of sequences, vocabulary ** new, numbers that are not whole, a penalty that is not finite,
    and NaN logits.
    """
    device = _device(decoder)
    if eos is None:
        raise ValueError("a search needs an eos, not None")
    check_whole(bos=bos, width=width, rows=rows)
    _check_range(decoder, new, bos=bos, eos=eos)
    if not isinstance(penalty, Real) or not math.isfinite(penalty):
        raise ValueError(f"penalty must be finite, not {penalty}")
    if not 1 <= width <= decoder.vocabulary**new:
        most = f"{decoder.vocabulary} ** {new}, the number of sequences"
        raise ValueError(f"width must be from 1 to {most}, not {width}")
    if rows < 1:
        raise ValueError(f"rows must be 1 or more, not {rows}")
    every = torch.arange(rows, device=device)
    first = every.unsqueeze(1) * width  # (rows, 1): where the beams of a row begin
    ids = torch.full((rows * width, 1), bos, device=device)
    scores = torch.full((rows, width), -torch.inf, device=device)
    scores[:, 0] = 0  # all beams are the same yet: one is enough
    lengths = torch.zeros(rows, width, dtype=torch.int64, device=device)
    done = torch.zeros(rows, width, dtype=torch.bool, device=device)
    with evaluating(decoder):
        state = decoder.start(memory, rows).select(every.repeat_interleave(width))
        for _ in range(new):
            logits, state = decoder.step(ids[:, -1:], state)
            steps = _last(logits).log_softmax(dim=-1).view(rows, width, -1)
            # A beam that has ended goes on for nothing, with eos alone.
            stays = torch.full_like(steps[0, 0], -torch.inf)
            stays[eos] = 0
            totals = scores.unsqueeze(-1) + torch.where(done.unsqueeze(-1), stays, steps)
            lengths = lengths + ~done
            ranked = totals / lengths.unsqueeze(-1).to(totals.dtype) ** penalty
            best = ranked.flatten(1).topk(width).indices  # (rows, width) of width × vocabulary
            parent, chosen = best // decoder.vocabulary, best % decoder.vocabulary
            scores, lengths = totals.flatten(1).gather(1, best), lengths.gather(1, parent)
            done = done.gather(1, parent) | (chosen == eos)
            origin = (parent + first).flatten()
            ids = torch.cat((ids[origin], chosen.view(-1, 1)), dim=1)
            if done.all():
                break
            state = state.select(origin)
    best, count = ids[first[:, 0]], lengths[:, 0]
    return Padded(best, count + 1), scores[:, 0] / count.to(scores.dtype) ** penalty


def _device(decoder: AutoregressiveDecoder[Any]) -> torch.device:
    return next((p.device for p in decoder.parameters()), torch.device("cpu"))


def _last(logits: Tensor) -> Tensor:
    """The logits after the last token, (rows, vocabulary), in float32 at least."""
    last = logits[:, -1].to(torch.promote_types(logits.dtype, torch.float32))
    check_usable(last)
    return last


def _check_range(decoder: AutoregressiveDecoder[Any], new: int, **ids: int | Tensor | None) -> None:
    check_whole(new=new)
    if new < 1:
        raise ValueError(f"new must be 1 or more ids to write, not {new}")
    for name, value in ids.items():
        if value is None or (isinstance(value, Tensor) and not value.numel()):
            continue
        if not isinstance(value, Tensor):
            check_whole(**{name: value})
        low, high = (int(x) for x in torch.as_tensor(value).aminmax())
        if low < 0 or high >= decoder.vocabulary:
            raise ValueError(
                f"{name} must be in [0, {decoder.vocabulary}), not {low if low < 0 else high}"
            )
