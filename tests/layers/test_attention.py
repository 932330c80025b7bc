"""Attention against its formula and torch.nn: values, all gradients, masks, and rows of nothing."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from mmbook.layers import MultiHeadAttention, apply_rotary_embedding, attention, causal_mask

TYPES = st.sampled_from([(torch.float32, 1e-5), (torch.float64, 1e-10)])
SIZES = st.integers(1, 9)


def by_formula(q: Tensor, k: Tensor, v: Tensor, mask: Tensor) -> Tensor:
    """softmax(q kᵀ/√width) v; where the mask allows nothing, zeros."""
    scores = q @ k.transpose(-1, -2) / q.shape[-1] ** 0.5
    weights = scores.masked_fill(~mask, -torch.inf).softmax(dim=-1)
    return torch.where(mask.any(dim=-1, keepdim=True), weights, torch.zeros(())) @ v


def gradients(output: Tensor, at: list[Tensor], seed: int) -> tuple[Tensor, ...]:
    """The gradients of a random weighted sum of the output."""
    generator = torch.Generator().manual_seed(seed)
    weights = torch.randn(output.shape, generator=generator, dtype=output.dtype)
    return torch.autograd.grad((output * weights).sum(), at, allow_unused=True)


def assert_equal(ours: tuple[Tensor, ...], theirs: tuple[Tensor, ...], tolerance: float) -> None:
    for a, b in zip(ours, theirs, strict=True):
        torch.testing.assert_close(a, b, rtol=tolerance, atol=tolerance)


@settings(max_examples=60)
@given(
    batch=st.integers(1, 3),
    heads=st.integers(1, 3),
    queries=SIZES,
    keys=SIZES,
    width=SIZES,
    causal=st.booleans(),
    masked=st.booleans(),
    kind=TYPES,
    seed=st.integers(0, 999),
)
def test_attention_is_its_formula(
    batch: int,
    heads: int,
    queries: int,
    keys: int,
    width: int,
    causal: bool,
    masked: bool,
    kind: tuple[torch.dtype, float],
    seed: int,
) -> None:
    dtype, tolerance = kind
    torch.manual_seed(seed)
    keys += queries * causal
    q = torch.randn(batch, heads, queries, width, dtype=dtype, requires_grad=True)
    k = torch.randn(batch, heads, keys, width, dtype=dtype, requires_grad=True)
    v = torch.randn(batch, heads, keys, width, dtype=dtype, requires_grad=True)
    mask = torch.rand(batch, 1, queries, keys) < 0.5 if masked else None
    allowed = torch.ones(queries, keys).bool() if mask is None else mask
    if causal:
        allowed = allowed & causal_mask(queries, keys)
    ours = attention(q, k, v, mask, causal)
    # torch leaves the softmax of a row without keys to each kernel; by formula it would be NaN.
    formula = by_formula(q, k, v, allowed)
    torch.testing.assert_close(ours, formula, rtol=tolerance, atol=tolerance)
    if allowed.any(dim=-1).all():  # elsewhere the formula's own gradient is NaN
        assert_equal(
            gradients(ours, [q, k, v], seed), gradients(formula, [q, k, v], seed), tolerance
        )


def test_a_query_that_may_look_at_nothing_gets_zeros_and_sends_no_gradient() -> None:
    torch.manual_seed(0)
    q, k, v = (torch.randn(2, 2, 5, 4, requires_grad=True) for _ in range(3))
    mask = torch.ones(2, 1, 5, 5, dtype=torch.bool)
    mask[0, 0, 3] = False
    mask[1] = False
    output = attention(q, k, v, mask)
    assert output[0, :, 3].eq(0).all() and output[1].eq(0).all()
    assert output[0, :, [0, 1, 2, 4]].ne(0).all()
    of_q, of_k, of_v = gradients(output, [q, k, v], 0)
    assert of_q[0, :, 3].eq(0).all() and of_q[1].eq(0).all() and of_k[1].eq(0).all()
    assert of_v[1].eq(0).all() and all(g.isfinite().all() for g in (of_q, of_k, of_v))


def test_causal_mask_of_the_last_queries() -> None:
    assert causal_mask(2, 4).tolist() == [[True, True, True, False], [True] * 4]
    assert causal_mask(3, 3).tolist() == torch.ones(3, 3).tril().bool().tolist()


def test_the_last_queries_get_what_all_queries_get() -> None:
    q, k, v = torch.randn(3, 2, 1, 7, 4).double()
    everything = attention(q, k, v, causal=True)
    torch.testing.assert_close(attention(q[:, :, -3:], k, v, causal=True), everything[:, :, -3:])


def test_gradients_by_finite_differences() -> None:
    torch.manual_seed(0)
    q, k, v = (torch.randn(1, 2, 3, 4, dtype=torch.float64, requires_grad=True) for _ in range(3))
    mask = torch.tensor([[True, False, True], [True, True, False], [False, True, True]])
    assert torch.autograd.gradcheck(lambda q, k, v: attention(q, k, v, mask), (q, k, v))
    assert torch.autograd.gradcheck(lambda q, k, v: attention(q, k, v, causal=True), (q, k, v))


@pytest.mark.parametrize("heads", [1, 2])
@pytest.mark.parametrize("rotary", [False, True])
def test_layer_gradients_by_finite_differences(heads: int, rotary: bool) -> None:
    torch.manual_seed(0)
    layer = MultiHeadAttention(4, heads, rotary).double()
    weights = {name: p.detach().requires_grad_() for name, p in layer.named_parameters()}
    x = torch.randn(2, 3, 4, dtype=torch.float64, requires_grad=True)
    memory = torch.randn(2, 5, 4, dtype=torch.float64, requires_grad=True)
    mask = torch.tensor([[True, True, False, True, False], [False] * 5])

    def self_attention(x: Tensor, *values: Tensor) -> Tensor:
        named = dict(zip(weights, values, strict=True))
        return torch.func.functional_call(layer, named, (x,), {"causal": True})

    def cross_attention(x: Tensor, memory: Tensor, *values: Tensor) -> Tensor:
        named = dict(zip(weights, values, strict=True))
        return torch.func.functional_call(layer, named, (x, memory, mask))

    assert torch.autograd.gradcheck(self_attention, (x, *weights.values()))
    assert torch.autograd.gradcheck(cross_attention, (x, memory, *weights.values()))


def pair(width: int, heads: int, dtype: torch.dtype) -> tuple[MultiHeadAttention, nn.Module]:
    """Our layer and torch's, with the same weights, none of them special."""
    ours = MultiHeadAttention(width, heads).to(dtype)
    theirs = nn.MultiheadAttention(width, heads, batch_first=True, dtype=dtype)
    for layer in (ours.query, ours.key, ours.value, ours.output):
        layer.bias.data.normal_(std=0.3)
    theirs.load_state_dict(
        {
            "in_proj_weight": torch.cat([ours.query.weight, ours.key.weight, ours.value.weight]),
            "in_proj_bias": torch.cat([ours.query.bias, ours.key.bias, ours.value.bias]),
            "out_proj.weight": ours.output.weight,
            "out_proj.bias": ours.output.bias,
        }
    )
    return ours, theirs


@settings(max_examples=60)
@given(
    batch=st.integers(1, 3),
    heads=st.integers(1, 4),
    size=st.integers(1, 4),
    queries=SIZES,
    keys=SIZES,
    use=st.sampled_from(["self", "cross", "causal"]),
    masked=st.booleans(),
    kind=TYPES,
    seed=st.integers(0, 999),
)
def test_layer_is_torch_multihead_attention(
    batch: int,
    heads: int,
    size: int,
    queries: int,
    keys: int,
    use: str,
    masked: bool,
    kind: tuple[torch.dtype, float],
    seed: int,
) -> None:
    dtype, tolerance = kind
    torch.manual_seed(seed)
    ours, theirs = pair(heads * size, heads, dtype)
    keys = keys if use == "cross" else queries
    x = torch.randn(batch, queries, heads * size, dtype=dtype, requires_grad=True)
    memory = torch.randn(batch, keys, heads * size, dtype=dtype, requires_grad=True)
    memory = memory if use == "cross" else x
    mask = torch.rand(batch, keys) < 0.5 if masked else torch.ones(batch, keys).bool()
    mask[:, 0] = True  # torch answers NaN where nothing is real, and ours is tested below
    output = ours(
        x, memory if use == "cross" else None, mask if masked else None, causal=use == "causal"
    )
    expected, _ = theirs(
        x,
        memory,
        memory,
        key_padding_mask=~mask if masked else None,
        need_weights=False,
        attn_mask=~causal_mask(queries, keys) if use == "causal" else None,
    )
    if masked and use != "cross":
        # Ours hides a token that is not real before it asks, so what it gets is another thing.
        output, expected = (y.masked_fill(~mask.unsqueeze(-1), 0) for y in (output, expected))
    torch.testing.assert_close(output, expected, rtol=tolerance, atol=tolerance)
    layers = (ours.query, ours.key, ours.value)
    weights, biases = [layer.weight for layer in layers], [layer.bias for layer in layers]
    last = [ours.output.weight, ours.output.bias]
    of_x, of_memory, *rest = gradients(output, [x, memory, *weights, *biases, *last], seed)
    own = (of_x, of_memory, torch.cat(rest[:3]), torch.cat(rest[3:6]), *rest[6:])
    of_torch = dict(theirs.named_parameters())
    names = ("in_proj_weight", "in_proj_bias", "out_proj.weight", "out_proj.bias")
    reference = gradients(expected, [x, memory, *(of_torch[name] for name in names)], seed)
    assert_equal(own, reference, tolerance)


@settings(max_examples=30)
@given(queries=SIZES, keys=SIZES, seed=st.integers(0, 999))
def test_a_mask_of_pairs_is_obeyed(queries: int, keys: int, seed: int) -> None:
    torch.manual_seed(seed)
    layer = MultiHeadAttention(6, 2).double()
    x, memory = torch.randn(1, queries, 6).double(), torch.randn(1, keys, 6).double()
    mask = torch.rand(1, queries, keys) < 0.5
    together = layer(x, memory, mask)
    for i in range(queries):
        alone = layer(x[:, i : i + 1], memory[:, mask[0, i]])
        expected = alone[:, 0] if mask[0, i].any() else torch.zeros(1, 6).double()
        torch.testing.assert_close(together[:, i], expected)


@settings(max_examples=40)
@given(
    real=st.integers(1, 6),
    padding=st.integers(1, 4),
    cross=st.booleans(),
    causal=st.booleans(),
    rotary=st.booleans(),
    filler=st.sampled_from([torch.nan, torch.inf, 1e30, 0.0]),
)
def test_padding_cannot_be_seen(
    real: int, padding: int, cross: bool, causal: bool, rotary: bool, filler: float
) -> None:
    torch.manual_seed(real)
    layer = MultiHeadAttention(8, 2, rotary).double()
    tokens = torch.randn(2, real, 8).double()
    padded = torch.cat([tokens, torch.full((2, padding, 8), filler).double()], dim=1)
    mask = torch.arange(real + padding).expand(2, -1) < real
    if cross:
        x = torch.randn(2, 3, 8).double()
        output, alone = layer(x, padded, mask), layer(x, tokens)
    else:
        output, alone = layer(padded, mask=mask, causal=causal), layer(tokens, causal=causal)
    torch.testing.assert_close(output[:, : alone.shape[1]], alone)
    output[:, : alone.shape[1]].square().sum().backward()
    assert all(p.grad is not None and p.grad.isfinite().all() for p in layer.parameters())


def test_a_memory_that_is_absent_adds_exactly_nothing() -> None:
    torch.manual_seed(0)
    layer, _ = pair(8, 2, torch.float32)
    x, memory = torch.randn(2, 3, 8), torch.full((2, 4, 8), torch.nan)
    memory[0] = 1.0
    mask = torch.tensor([[True] * 4, [False] * 4])
    output = layer(x, memory, mask)
    assert output[0].ne(0).all() and output[1].eq(0).all()
    assert layer(torch.randn(1, 0, 8)).shape == (1, 0, 8)


def test_no_token_sees_a_later_one() -> None:
    torch.manual_seed(0)
    layer = MultiHeadAttention(8, 2).double()
    x = torch.randn(6, 8, dtype=torch.float64)
    jacobian = torch.autograd.functional.jacobian(lambda x: layer(x[None], causal=True)[0], x)
    seen = jacobian.abs().amax(dim=(1, 3))  # (output, input)
    assert seen.triu(1).eq(0).all() and seen.tril().gt(1e-6).logical_or(~causal_mask(6, 6)).all()


def test_attention_does_not_know_order_and_rotary_attention_does() -> None:
    torch.manual_seed(0)
    x, order = torch.randn(1, 6, 8).double(), torch.randperm(6)
    plain, rotary = MultiHeadAttention(8, 2).double(), MultiHeadAttention(8, 2, True).double()
    torch.testing.assert_close(plain(x[:, order]), plain(x)[:, order])
    assert (rotary(x[:, order]) - rotary(x)[:, order]).abs().max() > 1e-3


def test_rotary_attention_rotates_queries_and_keys_of_each_head() -> None:
    torch.manual_seed(0)
    layer = MultiHeadAttention(8, 2, rotary=True).double()
    x = torch.randn(1, 5, 8).double()
    q, k, v = (
        part(x).view(1, 5, 2, 4).transpose(1, 2) for part in (layer.query, layer.key, layer.value)
    )
    heads = attention(apply_rotary_embedding(q), apply_rotary_embedding(k), v)
    torch.testing.assert_close(layer(x), layer.output(heads.transpose(1, 2).reshape(1, 5, 8)))


def test_the_last_tokens_can_ask_alone() -> None:
    torch.manual_seed(0)
    layer, x = MultiHeadAttention(8, 2, rotary=True).double(), torch.randn(2, 7, 8).double()
    torch.testing.assert_close(
        layer(x[:, -2:], memory=x, causal=True), layer(x, causal=True)[:, -2:]
    )


class Adapted(nn.Linear):
    """A linear layer that keeps the names of the one it stands for, and adds a change."""

    @classmethod
    def of(cls, linear: nn.Linear) -> "Adapted":
        new = cls(linear.in_features, linear.out_features, dtype=linear.weight.dtype)
        new.load_state_dict(linear.state_dict())
        return new

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x) + x.cumsum(dim=-1)[..., : self.out_features]


@pytest.mark.parametrize("name", ["query", "key", "value", "output"])
@pytest.mark.parametrize("cross", [False, True])
@pytest.mark.parametrize("kv_heads", [1, 2])
def test_each_projection_can_be_wrapped(name: str, cross: bool, kv_heads: int) -> None:
    torch.manual_seed(0)
    layer = MultiHeadAttention(8, 2, kv_heads=kv_heads).double()
    x, memory = torch.randn(2, 3, 8).double(), torch.randn(2, 4, 8).double()
    before, names = layer(x, memory if cross else None), list(layer.state_dict())
    setattr(layer, name, Adapted.of(getattr(layer, name)))
    assert list(layer.state_dict()) == names
    assert (layer(x, memory if cross else None) - before).abs().max() > 1e-3


def test_the_first_weights_are_those_of_one_joint_projection() -> None:
    torch.manual_seed(3)
    joint, output = nn.Linear(8, 24), nn.Linear(8, 8)
    nn.init.xavier_uniform_(joint.weight)
    torch.manual_seed(3)
    layer, after = MultiHeadAttention(8, 2), torch.rand(3)
    found = torch.cat([layer.query.weight, layer.key.weight, layer.value.weight])
    assert found.equal(joint.weight) and layer.output.weight.equal(output.weight)
    torch.manual_seed(3)
    again = nn.Linear(8, 24)
    nn.Linear(8, 8)
    nn.init.xavier_uniform_(again.weight)
    assert after.equal(torch.rand(3)), "what is drawn later stays the same too"
    assert not any(p.any() for name, p in layer.named_parameters() if name.endswith("bias"))


@settings(max_examples=30)
@given(
    kv_heads=st.integers(1, 3),
    group=st.integers(1, 3),
    causal=st.booleans(),
    rotary=st.booleans(),
    seed=st.integers(0, 999),
)
def test_fewer_heads_of_keys_are_as_many_that_are_the_same(
    kv_heads: int, group: int, causal: bool, rotary: bool, seed: int
) -> None:
    torch.manual_seed(seed)
    heads, size = kv_heads * group, 4
    few = MultiHeadAttention(heads * size, heads, rotary, kv_heads).double()
    full = MultiHeadAttention(heads * size, heads, rotary).double()
    weights = few.state_dict()
    for name in ("key.weight", "key.bias", "value.weight", "value.bias"):
        by_head = weights[name].unflatten(0, (kv_heads, size))
        weights[name] = by_head.repeat_interleave(group, dim=0).flatten(0, 1)
    full.load_state_dict(weights)
    x, mask = torch.randn(2, 5, heads * size).double(), torch.rand(2, 5) < 0.7
    torch.testing.assert_close(few(x, None, mask, causal), full(x, None, mask, causal))
    assert few.keys(x)[0].shape == few.keys(x)[1].shape == (2, kv_heads, 5, size)


@settings(max_examples=40)
@given(
    sizes=st.lists(st.integers(1, 3), min_size=1, max_size=4),
    rotary=st.booleans(),
    kv_heads=st.sampled_from([1, 2, 4]),
    start=st.integers(0, 90),
    masked=st.booleans(),
    seed=st.integers(0, 999),
)
def test_keys_that_are_kept_need_not_be_made_again(
    sizes: list[int], rotary: bool, kv_heads: int, start: int, masked: bool, seed: int
) -> None:
    torch.manual_seed(seed)
    layer = MultiHeadAttention(16, 4, rotary, kv_heads).double()
    x = torch.randn(2, sum(sizes), 16).double()
    mask = torch.rand(2, sum(sizes)) < 0.7 if masked else None
    everything = layer(x, mask=mask, causal=True)
    # Only distances count, so positions may begin anywhere; here each row elsewhere.
    positions = torch.arange(sum(sizes)) + torch.tensor([[0], [start]])
    past, done = None, 0
    for size in sizes:
        part = slice(done, done + size)
        past, done = layer.keys(x[:, part], positions[:, part], past), done + size
        found = layer(
            x[:, part], past, None if mask is None else mask[:, :done], True, positions[:, part]
        )
        real = slice(None) if mask is None else mask[:, part]
        torch.testing.assert_close(found[real], everything[:, part][real])
    past = None
    for part in x.split(sizes, dim=1):  # positions that are not given are counted
        past = layer.keys(part, past=past)
        found = layer(part, past, causal=True)
    torch.testing.assert_close(found, layer(x, causal=True)[:, -sizes[-1] :])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((6, 4), "4 heads cannot share a width of 6"),
        ((6, 2, True), "6 in equal even parts"),
        ((8, 4, False, 3), "4 heads cannot share 3 heads of keys"),
        ((8, 4, False, 0), "4 heads cannot share 0 heads of keys"),
    ],
)
def test_widths_that_cannot_be_shared_are_refused(arguments: tuple, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        MultiHeadAttention(*arguments)


X = torch.zeros(2, 3, 8)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((torch.zeros(3, 8),), r"x must have shape \(batch, length, 8\).* not \(3, 8\)"),
        ((torch.zeros(2, 3, 6),), r"x must .* not \(2, 3, 6\)"),
        ((X, torch.zeros(1, 3, 8)), r"memory must .* not \(1, 3, 8\)"),
        ((X, torch.zeros(2, 4, 7)), r"memory must .* not \(2, 4, 7\)"),
        ((X, None, torch.ones(2, 4).bool()), r"mask must have shape \(2, 3\) or \(2, 3, 3\)"),
        ((X, X[:, :2], torch.ones(2, 3).bool()), r"\(2, 2\) or \(2, 3, 2\), not \(2, 3\)"),
        ((X, None, torch.ones(2, 3, 3)), "mask must be boolean.* not torch.float32"),
        ((X, X[:, :2], None, True), "a key for each query, not 2 for 3"),
        ((X, MultiHeadAttention(8, 2).keys(X), torch.ones(2, 4).bool()), r"not \(2, 4\)"),
        ((X, MultiHeadAttention(8, 2).keys(X[:1])), r"keys must .* batch of x, 2, not 1"),
    ],
)
def test_what_does_not_fit_is_refused(arguments: tuple, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        MultiHeadAttention(8, 2)(*arguments)
