"""Writing: cached is uncached, uneven prompts are single ones, beam search finds the best."""

import itertools
import math
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chisquare
from torch import Tensor, nn

from mmbook.batch import Padded
from mmbook.decoders import (
    AutoregressiveDecoder,
    MaskedHistory,
    PrefixDecoder,
    RecurrentDecoder,
    Sampling,
    State,
    TransformerDecoder,
    beam_search,
    generate,
    greedy,
)
from mmbook.tokens import Tokens

WIDTH, VOCABULARY, BOS, EOS = 16, 7, 1, 2
MAKERS: dict[str, tuple[Callable[[int], AutoregressiveDecoder], bool]] = {
    "gru": (lambda v: RecurrentDecoder(v, WIDTH, 2), False),
    "lstm, cross": (lambda v: RecurrentDecoder(v, WIDTH, cell="lstm", cross=True), True),
    "gru, cross": (lambda v: RecurrentDecoder(v, WIDTH, cross=True, heads=2, dropout=0.3), True),
    "transformer": (lambda v: TransformerDecoder(v, WIDTH, 4, dropout=0.3), False),
    "transformer, cross": (lambda v: TransformerDecoder(v, WIDTH, cross=True, kv_heads=2), True),
    "prefix": (lambda v: PrefixDecoder(v, WIDTH, kv_heads=1), True),
    "masked history, cross": (
        lambda v: MaskedHistory(RecurrentDecoder(v, WIDTH, cross=True), [3], 0),
        True,
    ),
}
PROMPTS = Padded.of([torch.tensor(p) for p in ([1], [1, 4, 3, 5, 6], [1, 3, 3], [1, 6])])


def decoder_of(name: str, vocabulary: int = VOCABULARY) -> AutoregressiveDecoder:
    """A decoder, in training mode, whose choices differ from token to token."""
    torch.manual_seed(1)
    decoder = MAKERS[name][0](vocabulary).double()
    for parameter in decoder.parameters():
        parameter.data = 2 * parameter + 0.1 * torch.randn_like(parameter)
    return decoder


def memory_of(name: str, rows: int = 4) -> Tokens | None:
    """Tokens of which some rows are padded, with NaN, and one is absent."""
    if not MAKERS[name][1]:
        return None
    generator = torch.Generator().manual_seed(3)
    mask = torch.ones(rows, 5, dtype=torch.bool)
    mask[1, 3:] = mask[2] = False
    values = torch.randn(rows, 5, WIDTH, generator=generator, dtype=torch.float64)
    return Tokens(values.masked_fill(~mask[..., None], torch.nan), mask)


def rows_of(memory: Tokens | None, rows: Tensor) -> Tokens | None:
    return None if memory is None else Tokens(memory.values[rows], memory.mask[rows])


@dataclass(frozen=True, eq=False)
class Read(State):
    """All that was read, and the memory."""

    ids: Tensor
    memory: tuple[Tensor, Tensor] | None


class Uncached(AutoregressiveDecoder[Read]):
    """Reads everything again at each step."""

    def __init__(self, decoder: AutoregressiveDecoder) -> None:
        super().__init__(decoder.vocabulary, decoder.width, decoder.cross)
        self.decoder = decoder

    def start(self, memory: Tokens | None, rows: int) -> Read:
        pair = None if memory is None else (memory.values, memory.mask)
        return Read(torch.zeros(rows, 0, dtype=torch.int64), pair)

    def step(self, ids: Tensor, state: Read) -> tuple[Tensor, Read]:
        ids = torch.cat([state.ids, ids], dim=1)
        memory = None if state.memory is None else Tokens(*state.memory)
        return self.decoder(memory, ids), Read(ids, state.memory)

    def advance(self, ids: Tensor, state: Read) -> tuple[Tensor, Read]:
        raise NotImplementedError


def sentences(padded: Padded) -> list[list[int]]:
    pairs = zip(padded.values.tolist(), padded.lengths.tolist(), strict=True)
    return [row[:length] for row, length in pairs]


@pytest.mark.parametrize("name", MAKERS)
def test_steps_of_any_size_are_one_step(name: str) -> None:
    decoder, memory = decoder_of(name).eval(), memory_of(name)
    ids = torch.randint(0, VOCABULARY, (4, 9))
    whole = decoder(memory, ids)
    assert whole.shape == (4, 9, VOCABULARY) and whole.isfinite().all()
    state, found = decoder.start(memory, 4), []
    for part in ids.split([3, 1, 1, 2, 1, 1], dim=1):
        logits, state = decoder.step(part, state)
        found.append(logits)
    torch.testing.assert_close(torch.cat(found, dim=1), whole)
    torch.testing.assert_close(decoder.output(decoder.states(memory, ids)), whole)
    for end in (1, 4):  # nothing depends on what comes later
        torch.testing.assert_close(decoder(memory, ids[:, :end]), whole[:, :end])
    rows = torch.tensor([3, 1, 1, 0, 2])  # another order, and one of them twice
    new = torch.arange(1, 6).unsqueeze(1)
    logits, _ = decoder.step(new, state.select(rows))
    expected = decoder(rows_of(memory, rows), torch.cat([ids[rows], new], dim=1))
    torch.testing.assert_close(logits, expected[:, -1:])


@pytest.mark.parametrize("name", [name for name, (_, reads) in MAKERS.items() if reads])
def test_the_memory_counts_and_its_padding_does_not(name: str) -> None:
    decoder, memory = decoder_of(name).eval(), memory_of(name)
    assert memory is not None
    ids = torch.randint(0, VOCABULARY, (4, 6))
    found = decoder(memory, ids)
    junk, none = torch.full((4, 2, WIDTH), torch.inf).double(), torch.zeros(4, 2).bool()
    for parts in ((memory.values, junk), (junk, memory.values)):
        masks = [memory.mask if part is memory.values else none for part in parts]
        longer = Tokens(torch.cat(parts, dim=1), torch.cat(masks, dim=1))
        torch.testing.assert_close(decoder(longer, ids), found)
    changed = memory.values.clone()
    changed[0, 4, 0] += 1
    difference = (decoder(Tokens(changed, memory.mask), ids) - found).abs().amax(dim=(1, 2))
    assert difference[0] > 1e-6 and not difference[1:].any()
    found.logsumexp(-1).sum().backward()
    assert all(p.grad is not None and p.grad.isfinite().all() for p in decoder.parameters())


def test_a_prefix_is_a_beginning_without_words() -> None:
    decoder = decoder_of("prefix").eval()
    ids = torch.randint(0, VOCABULARY, (2, 6))
    as_memory = Tokens.of(decoder.embedding(ids[:, :4]))
    torch.testing.assert_close(decoder(as_memory, ids[:, 4:]), decoder(None, ids)[:, 4:])


@pytest.mark.parametrize("name", MAKERS)
def test_uneven_prompts_are_continued_as_each_by_itself(name: str) -> None:
    decoder, memory, new = decoder_of(name), memory_of(name), 9
    found = sentences(generate(decoder, memory, PROMPTS, EOS, new))
    assert decoder.training
    decoder.eval()
    for row, prompt in enumerate(sentences(PROMPTS)):
        ids, own = prompt, rows_of(memory, torch.tensor([row]))
        while len(ids) < len(prompt) + new and (len(ids) == len(prompt) or ids[-1] != EOS):
            ids = [*ids, int(decoder(own, torch.tensor([ids]))[0, -1].argmax())]
        assert found[row] == ids


@pytest.mark.parametrize("name", MAKERS)
@pytest.mark.parametrize("pick", ["greedy", "sampled"])
def test_cached_writes_what_uncached_writes(name: str, pick: str) -> None:
    decoder, memory = decoder_of(name), memory_of(name)
    written = []
    for one in (decoder, Uncached(decoder)):
        choose = greedy if pick == "greedy" else Sampling(torch.Generator().manual_seed(5), 2.0)
        written.append(generate(one, memory, PROMPTS, EOS, 20, choose))
    assert sentences(written[0]) == sentences(written[1])
    assert len({tuple(row) for row in sentences(written[0])}) > 1
    searched = [
        beam_search(one, memory, BOS, EOS, 12, 3, rows=4, penalty=0.5)
        for one in (decoder, Uncached(decoder))
    ]
    assert sentences(searched[0][0]) == sentences(searched[1][0])
    torch.testing.assert_close(searched[0][1], searched[1][1])


@pytest.mark.parametrize("name", MAKERS)
@pytest.mark.parametrize("penalty", [0.0, 0.7])
def test_a_beam_as_wide_as_all_sequences_is_exhaustive(name: str, penalty: float) -> None:
    size, new, rows = 4, 3, 3
    decoder, memory = decoder_of(name, size), memory_of(name, rows)
    best, scores = beam_search(decoder, memory, BOS, EOS, new, size**new, rows, penalty)
    decoder.eval()
    ended = {
        s[: s.index(EOS) + 1] if EOS in s else s for s in itertools.product(range(size), repeat=new)
    }
    for row in range(rows):
        own, found = rows_of(memory, torch.tensor([row])), {}
        for sequence in ended:
            ids = torch.tensor([[BOS, *sequence]])
            logs = decoder(own, ids[:, :-1]).log_softmax(dim=-1)[0]
            total = logs.gather(-1, ids[0, 1:, None]).sum()
            found[sequence] = (total / len(sequence) ** penalty).item()
        expected = max(found, key=lambda sequence: found[sequence])
        assert sentences(best)[row] == [BOS, *expected]
        assert abs(float(scores[row]) - found[expected]) < 1e-9


def searched(
    decoder: AutoregressiveDecoder, memory: Tokens | None, new: int, width: int, penalty: float
) -> tuple[list[int], float]:
    """The search of one row with lists, in which each candidate is read from its beginning."""
    beams: list[tuple[tuple[int, ...], float]] = [((), 0.0)]
    for _ in range(new):
        found = [beam for beam in beams if EOS in beam[0]]
        for ids, total in beams:
            if EOS not in ids:
                logs = decoder(memory, torch.tensor([[BOS, *ids]]))[0, -1].log_softmax(dim=-1)
                found += [((*ids, token), total + log) for token, log in enumerate(logs.tolist())]
        beams = sorted(found, key=lambda beam: beam[1] / len(beam[0]) ** penalty)[-width:]
    best, total = beams[-1]
    return [BOS, *best], total / len(best) ** penalty


@pytest.mark.parametrize("name", MAKERS)
@pytest.mark.parametrize(("width", "penalty"), [(1, 0.0), (2, 1.0), (3, 0.0), (4, -0.3), (9, 0.7)])
def test_rows_are_searched_as_each_by_itself(name: str, width: int, penalty: float) -> None:
    decoder, memory = decoder_of(name), memory_of(name)
    best, scores = beam_search(decoder, memory, BOS, EOS, 6, width, rows=4, penalty=penalty)
    decoder.eval()
    for row in range(4):
        own = rows_of(memory, torch.tensor([row]))
        ids, score = searched(decoder, own, 6, width, penalty)
        assert sentences(best)[row] == ids
        assert float(scores[row]) == pytest.approx(score, abs=1e-9)


@pytest.mark.parametrize("name", MAKERS)
def test_one_beam_is_greedy(name: str) -> None:
    decoder, memory = decoder_of(name), memory_of(name)
    starts = Padded(torch.full((4, 1), BOS), torch.ones(4, dtype=torch.int64))
    searched, _ = beam_search(decoder, memory, BOS, EOS, 8, 1, rows=4)
    assert sentences(searched) == sentences(generate(decoder, memory, starts, EOS, 8))


class Fixed(AutoregressiveDecoder[State]):
    """The same logits whatever it reads."""

    def __init__(self, logits: list) -> None:
        super().__init__(len(logits), 1, False)
        self.logits = nn.Parameter(torch.tensor(logits))
        self.drop = nn.Dropout(0.5)

    def start(self, memory: Tokens | None, rows: int) -> State:
        return State()

    def advance(self, ids: Tensor, state: State) -> tuple[Tensor, State]:
        assert not self.training and not torch.is_grad_enabled()
        return ids, state

    def output(self, known: Tensor) -> Tensor:
        return self.logits.expand(*known.shape, -1)


@pytest.mark.parametrize(("penalty", "written"), [(0.0, 1), (0.5, 1), (0.65, 4), (1.0, 4)])
def test_a_penalty_for_brevity_decides_how_much_is_written(penalty: float, written: int) -> None:
    # One token of 0.4 ends it; four of 0.6 have less probability, but a higher mean.
    ends, goes_on = math.log(0.4), math.log(0.6)
    best, scores = beam_search(Fixed([goes_on, -99.0, ends]), None, 1, 2, 4, 2, penalty=penalty)
    assert sentences(best) == [[1, 2]] if written == 1 else [[1, 0, 0, 0, 0]]
    expected = ends if written == 1 else 4 * goes_on / 4**penalty
    assert float(scores[0]) == pytest.approx(expected, abs=1e-6)


class Markov(Fixed):
    """Logits that depend on the last token: one row of the table for each."""

    def output(self, known: Tensor) -> Tensor:
        return self.logits[known]


def test_two_beams_find_what_greedy_choice_misses() -> None:
    # From 0: to 1 with 0.6, to 2 with 0.4. Behind 1 all is as probable; 2 goes to 3, the end.
    table = [[0.0, 0.6, 0.4, 0.0], [0.25] * 4, [0.05, 0.03, 0.02, 0.9], [0.25] * 4]
    decoder = Markov(torch.tensor(table).log().clamp(min=-99).tolist())
    found = [beam_search(decoder, None, 0, 3, 2, width) for width in (1, 2)]
    assert [sentences(best)[0][1] for best, _ in found] == [1, 2]
    assert sentences(found[1][0]) == [[0, 2, 3]]
    assert [float(scores[0].exp()) for _, scores in found] == pytest.approx([0.15, 0.36])


def test_rows_end_at_eos_or_when_they_are_long_enough() -> None:
    start = Padded.of([torch.tensor([3]), torch.tensor([3, 3, 3])])
    assert sentences(generate(Fixed([0.0, 1.0, 2.0, 0.0]), None, start, 2, 5)) == [
        [3, 2],
        [3, 3, 3, 2],
    ]
    assert sentences(generate(Fixed([0.0, 1.0, 2.0, 0.0]), None, start, None, 2)) == [
        [3, 2, 2],
        [3, 3, 3, 2, 2],
    ]
    eos_in_a_prompt = Padded.of([torch.tensor([2, 2, 3])])
    assert sentences(generate(Fixed([0.0, 1.0, 0.0, 0.0]), None, eos_in_a_prompt, 2, 2)) == [
        [2, 2, 3, 1, 1]
    ]


def test_every_part_is_left_in_its_mode_even_after_an_error() -> None:
    decoder = Fixed([0.0, torch.nan])
    decoder.train()
    decoder.drop.eval()
    start = Padded.of([torch.tensor([0])])
    with pytest.raises(ValueError, match="logits of row 0 are NaN"):
        generate(decoder, None, start, 1, 2)
    with pytest.raises(ValueError, match="logits of row 0 are NaN"):
        beam_search(decoder, None, 0, 1, 2, 2)
    assert decoder.training and not decoder.drop.training


PROBABILITIES = torch.tensor([0.15, 0.5, 0.05, 0.3])


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, [0.15, 0.5, 0.05, 0.3]),
        ({"top_k": 2}, [0, 0.625, 0, 0.375]),
        ({"top_k": 9}, [0.15, 0.5, 0.05, 0.3]),
        ({"top_p": 0.7}, [0, 0.625, 0, 0.375]),
        ({"top_p": 0.5}, [0, 1, 0, 0]),
        ({"top_p": 0.01}, [0, 1, 0, 0]),
        ({"top_k": 3, "top_p": 0.9}, [0.15 / 0.95, 0.5 / 0.95, 0, 0.3 / 0.95]),
        ({"temperature": 0.5}, (PROBABILITIES**2 / (PROBABILITIES**2).sum()).tolist()),
        ({"temperature": 0.01}, [0, 1, 0, 0]),
    ],
)
def test_tokens_come_as_often_as_they_should(options: dict, expected: list[float]) -> None:
    logits = PROBABILITIES.log().repeat(20_000, 1)
    drawn = Sampling(torch.Generator().manual_seed(0), **options)(logits)
    shares = drawn.bincount(minlength=4) / len(drawn)
    torch.testing.assert_close(shares, torch.tensor(expected).float(), atol=0.012, rtol=0)
    assert (shares[torch.tensor(expected) == 0] == 0).all()
    assert logits.equal(PROBABILITIES.log().repeat(20_000, 1)), "the logits stay as they are"


def chosen_plainly(
    logits: Tensor, temperature: float = 1.0, top_k: int | None = None, top_p: float = 1.0
) -> list[float]:
    """The probability of each token, (vocabulary,) logits, one token after the other."""
    p = (logits / temperature).softmax(dim=-1).tolist()
    order = sorted(range(len(p)), key=lambda token: -p[token])[:top_k]
    whole, kept = sum(p[token] for token in order), []
    for token in order:
        if sum(p[other] for other in kept) < top_p * whole:
            kept.append(token)
    share = sum(p[token] for token in kept)
    return [p[token] / share if token in kept else 0.0 for token in range(len(p))]


@pytest.mark.parametrize("name", ["gru", "transformer, cross"])
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"temperature": 0.6},
        {"top_k": 2},
        {"top_p": 0.8},
        {"temperature": 1.5, "top_k": 3, "top_p": 0.85},
    ],
    ids=str,
)
def test_sentences_are_drawn_as_often_as_they_are_probable(name: str, options: dict) -> None:
    size, new, rows = 4, 3, 8000
    decoder = decoder_of(name, size)
    one = rows_of(memory_of(name), torch.tensor([0]))
    many = rows_of(memory_of(name), torch.zeros(rows, dtype=torch.int64))
    starts = Padded(torch.full((rows, 1), BOS), torch.ones(rows, dtype=torch.int64))
    pick = Sampling(torch.Generator().manual_seed(0), **options)
    drawn = Counter(map(tuple, sentences(generate(decoder, many, starts, EOS, new, pick))))
    decoder.eval()
    expected, open_ = {}, {(BOS,): 1.0}
    for place in range(new):
        longer = {}
        for ids, p in open_.items():
            chances = chosen_plainly(decoder(one, torch.tensor([ids]))[0, -1], **options)
            for token, chance in enumerate(chances):
                ends = token == EOS or place == new - 1
                (expected if ends else longer)[(*ids, token)] = p * chance
        open_ = longer
    possible = {ids: rows * p for ids, p in expected.items() if p}
    assert drawn.keys() <= possible.keys() and len(possible) > 3
    often = [ids for ids, count in possible.items() if count >= 5]
    rare = sum(count for count in possible.values() if count < 5)
    observed = [drawn[ids] for ids in often]
    counts = [possible[ids] for ids in often]
    if rare:
        observed, counts = [*observed, rows - sum(observed)], [*counts, rare]
    assert chisquare(observed, counts).pvalue > 1e-3


@given(
    logits=st.lists(st.floats(-50, 50), min_size=1, max_size=6),
    top_k=st.none() | st.integers(1, 8),
    top_p=st.floats(1e-6, 1),
)
def test_what_is_drawn_was_allowed(logits: list[float], top_k: int | None, top_p: float) -> None:
    scores = torch.tensor([logits], dtype=torch.float64)
    chosen = int(Sampling(torch.Generator().manual_seed(0), 1.0, top_k, top_p)(scores))
    better = scores[0].softmax(0)[scores[0] > scores[0, chosen]]
    assert len(better) < (top_k or 9)
    assert not len(better) or top_p == 1 or better.sum() < top_p + 1e-9 or top_k


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"temperature": 0.0}, "temperature must be positive, not 0.0"),
        ({"temperature": -1.0}, "temperature must be positive"),
        ({"temperature": float("nan")}, "temperature must be positive, not nan"),
        ({"temperature": float("inf")}, "temperature must be positive"),
        ({"top_k": 0}, "top_k must be 1 or more, or None for all, not 0"),
        ({"top_p": 0.0}, r"top_p must be in \(0, 1\], not 0.0"),
        ({"top_p": 1.1}, r"top_p must be in \(0, 1\], not 1.1"),
        ({"top_p": float("nan")}, r"top_p must be in \(0, 1\]"),
        ({"temperature": None}, "temperature must be positive, not None"),
        ({"top_p": None}, r"top_p must be in \(0, 1\], not None"),
        ({"top_k": 2.5}, "top_k must be a whole number, not 2.5"),
        ({"top_k": True}, "top_k must be a whole number, not True"),
        ({"generator": None}, "generator must be a torch.Generator, not None"),
    ],
)
def test_no_sampling_of_other_kinds(options: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Sampling(**({"generator": torch.Generator()} | options))


@pytest.mark.parametrize(
    "pick", [greedy, Sampling(torch.Generator(), top_k=2)], ids=["greedy", "sampling"]
)
def test_nothing_is_chosen_from_logits_that_say_nothing(pick: Callable[[Tensor], Tensor]) -> None:
    fine = torch.tensor([0.0, 1.0, -torch.inf])
    for bad in ([torch.nan, 1.0, 2.0], [torch.inf, 1.0, 2.0], [-torch.inf] * 3):
        with pytest.raises(ValueError, match="logits of row 1 are NaN or infinite"):
            pick(torch.stack([fine, torch.tensor(bad)]))
    assert pick(fine[None]).shape == (1,) and not len(pick(torch.zeros(0, 3)))


def test_logits_without_values_are_not_looked_at() -> None:
    assert greedy(torch.zeros(2, 3, device="meta")).shape == (2,)
    compiled = torch.compile(greedy, backend="eager", fullgraph=True)
    assert compiled(torch.tensor([[0.0, 2.0, 1.0]])).tolist() == [1]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"prompts": Padded(torch.zeros(2, 1).long(), torch.tensor([1, 0]))},
            r"lengths are \[1, 0\]",
        ),
        ({"prompts": Padded(torch.zeros(0, 1).long(), torch.zeros(0).long())}, r"lengths are \[\]"),
        ({"prompts": Padded.of([torch.tensor([1, 7])])}, r"prompts must be in \[0, 7\), not 7"),
        ({"prompts": Padded.of([torch.tensor([-1, 3])])}, r"prompts must be in \[0, 7\), not -1"),
        ({"eos": 7}, r"eos must be in \[0, 7\), not 7"),
        ({"eos": -1}, r"eos must be in \[0, 7\), not -1"),
        ({"eos": 2.5}, "eos must be a whole number, not 2.5"),
        ({"prompts": Padded.of([torch.tensor([1.0])])}, "prompts must be integers, not .*float32"),
        ({"prompts": Padded.of([torch.tensor([True])])}, "prompts must be integers, not .*bool"),
        ({"new": 0}, "new must be 1 or more ids to write, not 0"),
        ({"new": 2.5}, "new must be a whole number, not 2.5"),
        ({"new": True}, "new must be a whole number, not True"),
        ({"pick": None}, "pick must be a function of logits, such as greedy, not None"),
        ({"memory": Tokens.of(torch.zeros(3, 2, 16))}, "memory must have 4 rows and .* 16, not 3"),
        ({"memory": Tokens.of(torch.zeros(4, 2, 8))}, "a width of 16, not 4 and 8"),
        ({"memory": None}, "reads a memory, and none is given"),
    ],
)
def test_generation_names_what_is_wrong(change: dict, message: str) -> None:
    fine = {"memory": memory_of("gru, cross"), "prompts": PROMPTS, "eos": EOS, "new": 3}
    with pytest.raises(ValueError, match=message):
        generate(decoder_of("gru, cross"), **(fine | change))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"bos": 7}, r"bos must be in \[0, 7\), not 7"),
        ({"eos": -2}, r"eos must be in \[0, 7\), not -2"),
        ({"eos": None}, "needs an eos, not None"),
        ({"eos": 2.0}, "eos must be a whole number, not 2.0"),
        ({"bos": True}, "bos must be a whole number, not True"),
        ({"new": 0}, "new must be 1 or more"),
        ({"new": 2.5}, "new must be a whole number, not 2.5"),
        ({"width": 2.0}, "width must be a whole number, not 2.0"),
        ({"rows": 1.0}, "rows must be a whole number, not 1.0"),
        ({"penalty": torch.nan}, "penalty must be finite, not nan"),
        ({"penalty": torch.inf}, "penalty must be finite, not inf"),
        ({"penalty": None}, "penalty must be finite, not None"),
        ({"bos": None}, "bos must be a whole number, not None"),
        ({"new": None}, "new must be a whole number, not None"),
        ({"width": None}, "width must be a whole number, not None"),
        ({"width": 0}, r"width must be from 1 to 7 \*\* 2, the number of sequences, not 0"),
        ({"width": 50}, r"width must be from 1 to 7 \*\* 2, .* not 50"),
        ({"width": 8, "new": 1}, r"width must be from 1 to 7 \*\* 1, .* not 8"),
        ({"rows": 0}, "rows must be 1 or more, not 0"),
        ({"memory": Tokens.of(torch.zeros(1, 2, 16))}, "reads no memory: make it with cross=True"),
    ],
)
def test_beam_search_names_what_is_wrong(change: dict, message: str) -> None:
    fine = {"memory": None, "bos": BOS, "eos": EOS, "new": 2, "width": 3, "rows": 1}
    with pytest.raises(ValueError, match=message):
        beam_search(decoder_of("transformer"), **(fine | change))


@pytest.mark.parametrize("dtype", [torch.uint8, torch.int16, torch.int32], ids=str)
def test_prompts_of_every_integer_type_are_read(dtype: torch.dtype) -> None:
    decoder, prompts = decoder_of("gru"), Padded(PROMPTS.values.to(dtype), PROMPTS.lengths)
    found = generate(decoder, None, prompts, EOS, 3)
    assert found.values.dtype == torch.int64
    assert sentences(found) == sentences(generate(decoder, None, PROMPTS, EOS, 3))
