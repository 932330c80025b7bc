"""Positions: what the formulas promise about shifts, and what the layers add."""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from mmbook.layers import LearnedPositions, SinusoidalPositions, apply_rotary_embedding, sinusoids

HALF = st.integers(1, 8)


@settings(max_examples=40)
@given(length=st.integers(1, 40), half=HALF)
def test_sinusoids_by_the_paper(length: int, half: int) -> None:
    table, width = sinusoids(length, 2 * half), 2 * half
    assert table.shape == (length, width) and table.dtype == torch.float32
    for position in (0, length // 2, length - 1):
        for i in range(half):
            angle = position / 10000 ** (2 * i / width)
            assert abs(table[position, 2 * i] - math.sin(angle)) < 1e-6
            assert abs(table[position, 2 * i + 1] - math.cos(angle)) < 1e-6


def test_the_product_of_two_sinusoids_depends_on_their_distance() -> None:
    table = sinusoids(60, 16).double()
    products = table @ table.T
    for distance in (0, 1, 17):
        along = products.diagonal(distance)
        torch.testing.assert_close(along, along[:1].expand_as(along), rtol=0, atol=1e-5)


@settings(max_examples=40)
@given(length=st.integers(1, 9), half=HALF, start=st.integers(0, 5000), seed=st.integers(0, 99))
def test_rotation_turns_points(length: int, half: int, start: int, seed: int) -> None:
    generator = torch.Generator().manual_seed(seed)
    x = torch.randn(2, length, 2 * half, generator=generator, dtype=torch.float64)
    positions = torch.arange(start, start + length)
    turned = apply_rotary_embedding(x, positions)
    speeds = 10000 ** (-torch.arange(half, dtype=torch.float64) / half)
    point = torch.polar(torch.ones(()).double(), torch.outer(positions.double(), speeds))
    expected = torch.complex(x[..., :half], x[..., half:]) * point
    torch.testing.assert_close(turned, torch.cat([expected.real, expected.imag], dim=-1))
    torch.testing.assert_close(turned.norm(dim=-1), x.norm(dim=-1))


@settings(max_examples=40)
@given(at=st.integers(0, 300), distance=st.integers(0, 300), shift=st.integers(0, 3000))
def test_rotated_products_depend_on_the_distance(at: int, distance: int, shift: int) -> None:
    q, k = torch.randn(2, 1, 8, dtype=torch.float64, generator=torch.Generator().manual_seed(at))

    def product(first: int, second: int) -> float:
        turned = (
            apply_rotary_embedding(x, torch.tensor([t])) for x, t in ((q, first), (k, second))
        )
        return float(torch.stack([*turned]).prod(dim=0).sum())

    expected = product(at, at + distance)
    assert product(at + shift, at + distance + shift) == pytest.approx(expected, abs=1e-9)


def test_positions_are_counted_and_may_differ_by_row() -> None:
    x = torch.randn(2, 3, 4, 8, dtype=torch.float64)
    assert apply_rotary_embedding(x).equal(apply_rotary_embedding(x, torch.arange(4)))
    positions = torch.tensor([[5, 6, 7, 8], [0, 2, 4, 9]])
    turned = apply_rotary_embedding(x, positions.unsqueeze(1))
    for row in range(2):
        assert turned[row].equal(apply_rotary_embedding(x[row], positions[row]))


def test_position_zero_is_not_turned_and_types_stay() -> None:
    x = torch.randn(3, 1, 6, dtype=torch.bfloat16)
    assert (
        apply_rotary_embedding(x).equal(x)
        and apply_rotary_embedding(torch.zeros(2, 5, 4)).dtype == torch.float32
    )


@settings(max_examples=20)
@given(batch=st.integers(1, 3), length=st.integers(0, 9), half=HALF)
def test_layers_add_a_vector_to_each_position(batch: int, length: int, half: int) -> None:
    x = torch.randn(batch, length, 2 * half)
    assert SinusoidalPositions()(x).equal(x + sinusoids(length, 2 * half))
    learned = LearnedPositions(9, 2 * half)
    assert learned(x).equal(x + learned.vectors[:length])


def test_learned_positions_learn() -> None:
    learned = LearnedPositions(5, 4)
    learned(torch.randn(2, 3, 4)).square().sum().backward()
    assert learned.vectors.grad is not None
    assert learned.vectors.grad.any(dim=1).tolist() == [True, True, True, False, False]


def test_what_has_no_position_is_refused() -> None:
    with pytest.raises(ValueError, match="up to a length of 4, not 5"):
        LearnedPositions(4, 2)(torch.zeros(1, 5, 2))
    with pytest.raises(ValueError, match=r"must be even.* not 5"):
        sinusoids(3, 5)
    with pytest.raises(ValueError, match=r"must be even.* not 3"):
        apply_rotary_embedding(torch.zeros(2, 3))
