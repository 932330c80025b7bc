"""Information: closed forms, identities that hold for any table, and scikit-learn."""

import math

import pytest
import sklearn.metrics
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from mmbook.evaluation import co_information, entropy, mutual_information, partial_information


@st.composite
def tables(draw: st.DrawFn) -> Tensor:
    """Counts of three variables with one to four values each, not all zero."""
    shape = draw(st.tuples(*[st.integers(1, 4)] * 3))
    size = math.prod(shape)
    counts = draw(st.lists(st.integers(0, 9), min_size=size, max_size=size).filter(any))
    return torch.tensor(counts).reshape(shape)


def table_of(rule: list[tuple[int, int, int]]) -> Tensor:
    """The counts of the cases of a rule (x₁, x₂, y)."""
    sizes = [max(column) + 1 for column in zip(*rule, strict=True)]
    table = torch.zeros(sizes)
    for case in rule:
        table[case] += 1
    return table


BITS = [(a, b) for a in (0, 1) for b in (0, 1)]
DIGITS = [(a, b) for a in range(10) for b in range(10)]
AND = [(a, b, a & b) for a, b in BITS]
I_AND = 2 - 0.75 * math.log2(3)  # I(X₁,X₂;Y) = H(Y), 0.8113 bits
CASES = {
    # redundancy, unique 1, unique 2, synergy
    "exclusive or": ([(a, b, a ^ b) for a, b in BITS], (0, 0, 0, 1)),
    "parity of digits": ([(a, b, (a + b) % 2) for a, b in DIGITS], (0, 0, 0, 1)),
    "copy of a digit": ([(a, a, a) for a in range(10)], (math.log2(10), 0, 0, 0)),
    "first digit": ([(a, b, a) for a, b in DIGITS], (0, math.log2(10), 0, 0)),
    "second bit": ([(a, b, b) for a, b in BITS], (0, 0, 1, 0)),
    # Williams and Beer 2010: 0.311 bits of redundancy and 0.5 of synergy
    "and": (AND, (I_AND - 0.5, 0, 0, 0.5)),
    # Their measure calls two independent copied bits one bit redundant and one synergetic.
    "two bits": ([(a, b, 2 * a + b) for a, b in BITS], (1, 0, 0, 1)),
}


@pytest.mark.parametrize("name", CASES)
def test_partial_information_in_closed_form(name: str) -> None:
    rule, expected = CASES[name]
    parts = partial_information(table_of(rule))
    assert list(parts) == ["redundancy", "unique 1", "unique 2", "synergy"]
    assert tuple(parts.values()) == pytest.approx(expected, abs=1e-12)


def test_and_as_published() -> None:
    parts = partial_information(table_of(AND))
    assert round(parts["redundancy"], 3) == 0.311
    assert co_information(table_of(AND)) == pytest.approx(I_AND - 1, abs=1e-12)  # −0.189


@settings(max_examples=60, deadline=None)
@given(table=tables())
def test_identities_of_the_decomposition(table: Tensor) -> None:
    parts = partial_information(table)
    first, second = mutual_information(table.sum(1)), mutual_information(table.sum(0))
    both = mutual_information(table.flatten(0, 1))
    assert all(part > -1e-9 for part in parts.values())
    assert parts["redundancy"] + parts["unique 1"] == pytest.approx(first, abs=1e-9)
    assert parts["redundancy"] + parts["unique 2"] == pytest.approx(second, abs=1e-9)
    assert sum(parts.values()) == pytest.approx(both, abs=1e-9)
    redundancy_less_synergy = parts["redundancy"] - parts["synergy"]
    assert co_information(table) == pytest.approx(redundancy_less_synergy, abs=1e-9)


@settings(max_examples=30, deadline=None)
@given(table=tables())
def test_swapping_the_senses_swaps_what_is_unique(table: Tensor) -> None:
    parts, swapped = partial_information(table), partial_information(table.transpose(0, 1))
    assert swapped["unique 1"] == pytest.approx(parts["unique 2"], abs=1e-9)
    assert swapped["redundancy"] == pytest.approx(parts["redundancy"], abs=1e-9)
    assert swapped["synergy"] == pytest.approx(parts["synergy"], abs=1e-9)


@settings(max_examples=40, deadline=None)
@given(pairs=st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=40))
def test_mutual_information_is_that_of_scikit_learn(pairs: list[tuple[int, int]]) -> None:
    table = torch.zeros(4, 4)
    for pair in pairs:
        table[pair] += 1
    x, y = zip(*pairs, strict=True)
    expected = sklearn.metrics.mutual_info_score(x, y) / math.log(2)
    assert mutual_information(table) == pytest.approx(expected, abs=1e-9)


def test_entropy_by_hand() -> None:
    assert entropy(torch.tensor([1, 1, 2, 0])) == pytest.approx(1.5)
    assert entropy(torch.ones(2, 2, 2)) == pytest.approx(3)
    assert entropy(torch.tensor([7.0])) == 0


def test_counts_and_probabilities_are_alike() -> None:
    counts = torch.tensor([[3, 1], [0, 4]])
    assert mutual_information(counts) == pytest.approx(mutual_information(counts / 8), abs=1e-12)


@pytest.mark.parametrize(
    "table",
    [torch.zeros(2, 2, 2), torch.full((2, 2, 2), torch.nan), torch.tensor([[[2.0, -1.0]]])],
    ids=["empty", "NaN", "negative"],
)
def test_what_is_no_table_is_refused(table: Tensor) -> None:
    with pytest.raises(ValueError, match="none negative, some positive"):
        partial_information(table)
    with pytest.raises(ValueError, match="none negative, some positive"):
        mutual_information(table[0])


def test_other_numbers_of_dimensions_are_refused() -> None:
    with pytest.raises(ValueError, match="two dimensions, not 3"):
        mutual_information(torch.ones(2, 2, 2))
    for measure in (partial_information, co_information):
        with pytest.raises(ValueError, match="three dimensions, not 2"):
            measure(torch.ones(2, 2))


COUNTS = torch.tensor([[[100, 20], [3, 90]], [[0, 120], [110, 7]]])


@pytest.mark.parametrize(
    "dtype",
    [*(torch.uint8, torch.int8, torch.int16, torch.int32), *(torch.float16, torch.bfloat16)],
    ids=str,
)
def test_sums_of_a_narrow_type_do_not_overflow(dtype: torch.dtype) -> None:
    narrow = COUNTS.to(dtype)
    if dtype == torch.float16:
        narrow = narrow * 512  # a sum of two is more than float16 holds
    assert mutual_information(narrow[0]) == pytest.approx(mutual_information(COUNTS[0]), abs=1e-12)
    assert co_information(narrow) == pytest.approx(co_information(COUNTS), abs=1e-12)
    assert partial_information(narrow) == pytest.approx(partial_information(COUNTS), abs=1e-12)
    assert entropy(narrow) == pytest.approx(entropy(COUNTS), abs=1e-12)


def test_a_table_of_bools_is_counted() -> None:
    same = torch.eye(2, dtype=torch.bool)
    assert mutual_information(same) == pytest.approx(1)
    assert co_information(torch.ones(2, 2, 2, dtype=torch.bool)) == pytest.approx(0)


def test_a_complex_table_is_refused() -> None:
    with pytest.raises(ValueError, match="real numbers"):
        entropy(COUNTS * 1j)
