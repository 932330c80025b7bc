"""Recurrent layers: each sequence read as if it were alone, by every cell."""

import copy
import itertools
from typing import get_args

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from mmbook.layers.recurrent import CELLS, Cell, RecurrentLayer, read, recurrent
from mmbook.tokens import Tokens

LENGTHS = st.lists(st.integers(0, 5), min_size=1, max_size=4)
CASES = list(itertools.product(CELLS, (False, True)))
TOLERANCE = {torch.float64: 1e-10, torch.float32: 1e-5}


def step(cell: str, x: Tensor, h: Tensor, c: Tensor, weights: list[Tensor]) -> tuple[Tensor, ...]:
    """One step of a cell by its textbook equations: the new state and the new cell."""
    w, u, b, d = weights
    if cell == "rnn":
        return torch.tanh(w @ x + u @ h + b + d), c
    if cell == "gru":
        (wr, wz, wn), (ur, uz, un) = (w @ x + b).chunk(3), (u @ h).chunk(3)
        dr, dz, dn = d.chunk(3)
        r, z = torch.sigmoid(wr + ur + dr), torch.sigmoid(wz + uz + dz)
        return (1 - z) * torch.tanh(wn + r * (un + dn)) + z * h, c
    i, f, g, o = (w @ x + u @ h + b + d).chunk(4)
    c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
    return torch.sigmoid(o) * torch.tanh(c), c


def by_hand(network: torch.nn.RNNBase, cell: str, sequence: Tensor) -> Tensor:
    """All layers and directions over one sequence (length, inputs), step by step."""
    states = sequence
    for layer in range(network.num_layers):
        sides = []
        for direction in ("", "_reverse")[: 1 + network.bidirectional]:
            kinds = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
            weights = [getattr(network, f"{kind}_l{layer}{direction}") for kind in kinds]
            h = c = states.new_zeros(network.hidden_size)
            found = []
            for x in states.flip(0) if direction else states:
                h, c = step(cell, x, h, c, weights)
                found.append(h)
            found = torch.stack(found)
            sides.append(found.flip(0) if direction else found)
        states = torch.cat(sides, dim=-1)
    return states


def padded(lengths: list[int], extra: int, inputs: int, dtype: torch.dtype) -> Tokens:
    size = max(lengths) + extra
    mask = torch.arange(size) < torch.tensor(lengths)[:, None]
    return Tokens(torch.randn(len(lengths), size, inputs, dtype=dtype), mask)


@settings(max_examples=30, deadline=None)
@given(
    lengths=LENGTHS,
    extra=st.integers(1, 3),
    cell=st.sampled_from(get_args(Cell)),
    bidirectional=st.booleans(),
    layers=st.integers(1, 2),
    inputs=st.integers(1, 4),
    dtype=st.sampled_from([torch.float32, torch.float64]),
    seed=st.integers(0, 99),
)
def test_states_and_gradients_are_those_of_the_equations(
    lengths, extra, cell, bidirectional, layers, inputs, dtype, seed
) -> None:
    torch.manual_seed(seed)
    network = recurrent(cell, inputs, 6, layers, bidirectional=bidirectional).to(dtype)
    reference = copy.deepcopy(network)
    tokens = padded(lengths, extra, inputs, dtype)
    values, same = (tokens.values.clone().requires_grad_() for _ in range(2))
    found = read(network, Tokens(values, tokens.mask))
    assert found.values.shape == (len(lengths), max(lengths) + extra, 6)
    expected = torch.zeros_like(found.values)
    for row, length in enumerate(lengths):
        if length:
            expected[row, :length] = by_hand(reference, cell, same[row, :length])
    close = {"atol": TOLERANCE[dtype], "rtol": TOLERANCE[dtype]}
    torch.testing.assert_close(found.values, expected, **close)
    weights = torch.randn_like(expected)
    (found.values * weights).sum().backward()
    if expected.requires_grad:
        (expected * weights).sum().backward()
        torch.testing.assert_close(values.grad, same.grad, **close)
        for (name, ours), theirs in zip(
            network.named_parameters(), reference.parameters(), strict=True
        ):
            torch.testing.assert_close(ours.grad, theirs.grad, **close, msg=name)


@pytest.mark.parametrize(("cell", "bidirectional"), CASES)
def test_the_content_of_padding_changes_nothing(cell: Cell, bidirectional: bool) -> None:
    torch.manual_seed(0)
    layer = RecurrentLayer(3, 4, 2, cell=cell, bidirectional=bidirectional)
    tokens = padded([3, 0, 5], 2, 3, torch.float32)
    results = []
    for junk in (0.0, 1e9, torch.nan):
        values = tokens.values.masked_fill(~tokens.mask[..., None], junk).requires_grad_()
        layer.zero_grad()
        states = layer(Tokens(values, tokens.mask))
        states.mean().square().sum().backward()
        gradients = [p.grad.clone() for p in layer.parameters()]
        results.append([states.values.detach(), values.grad, *gradients])
    for other in results[1:]:
        for first, second in zip(results[0], other, strict=True):
            assert torch.equal(first, second)
    states, gradient = results[0][:2]
    assert states.isfinite().all() and (states[~tokens.mask] == 0).all()
    assert (gradient[~tokens.mask] == 0).all() and gradient[tokens.mask].any()


@pytest.mark.parametrize(("cell", "bidirectional"), CASES)
def test_finite_differences(cell: Cell, bidirectional: bool) -> None:
    torch.manual_seed(1)
    network = recurrent(cell, 2, 4, bidirectional=bidirectional).double()
    tokens = padded([3, 1], 1, 2, torch.float64)
    values = tokens.values.requires_grad_()

    def total() -> Tensor:
        return read(network, Tokens(values, tokens.mask)).values.square().sum()

    total().backward()
    for tensor in (values, *network.parameters()):
        direction, small = torch.randn_like(tensor), 1e-5
        with torch.no_grad():
            tensor += small * direction
            above = total()
            tensor -= 2 * small * direction
            slope = (above - total()) / (2 * small)
            tensor += small * direction
        assert tensor.grad is not None
        torch.testing.assert_close(slope, (tensor.grad * direction).sum(), atol=1e-8, rtol=1e-7)


def test_what_comes_later_is_not_read_in_one_direction() -> None:
    network = recurrent("gru", 2, 4)
    tokens = torch.randn(1, 6, 2)
    other = torch.cat([tokens[:, :4], torch.randn(1, 2, 2)], dim=1)
    one, two = (read(network, Tokens.of(values)).values for values in (tokens, other))
    assert torch.equal(one[:, :4], two[:, :4]) and not torch.equal(one[:, 4:], two[:, 4:])


def test_padding_in_the_middle_is_refused() -> None:
    mask = torch.tensor([[True, True, False], [True, False, True]])
    with pytest.raises(ValueError, match="padding must come after what is real, but row 1"):
        read(recurrent("rnn", 2, 2), Tokens(torch.zeros(2, 3, 2), mask))


def test_other_cells_and_odd_widths_are_refused() -> None:
    with pytest.raises(ValueError, match="no cell 'elman'; there are rnn, gru, lstm"):
        recurrent("elman", 2, 2)
    with pytest.raises(ValueError, match=r"width must be even.* not 5"):
        recurrent("gru", 2, 5, bidirectional=True)


@pytest.mark.parametrize("bidirectional", [False, True])
def test_weights_can_be_put_in_from_outside(bidirectional: bool) -> None:
    layer = RecurrentLayer(3, 4, bidirectional=bidirectional)
    tokens = Tokens(torch.randn(2, 5, 3), torch.arange(5) < torch.tensor([[5], [2]]))
    other = {name: 1.5 * value for name, value in layer.state_dict().items()}
    found = torch.func.functional_call(layer, other, (tokens,)).values
    layer.load_state_dict(other)
    torch.testing.assert_close(found, layer(tokens).values)
