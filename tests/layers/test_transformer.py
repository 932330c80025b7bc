"""Transformer blocks against torch.nn: values and all gradients, masks, and the start."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from mmbook.layers import TransformerBlock, TransformerStack, causal_mask
from mmbook.layers.transformer import FeedForward
from mmbook.tokens import Tokens

TYPES = st.sampled_from([(torch.float32, 1e-5), (torch.float64, 1e-10)])


def randomise(module: nn.Module) -> None:
    """No parameter keeps a special value such as 0 or 1, where a mistake could hide."""
    for p in module.parameters():
        p.data = p.data + 0.2 * torch.randn_like(p)


def same_names(cross: bool) -> dict[str, str]:
    """Our name for each of torch's parameters, where "qkv" is three of ours in one."""
    names = {
        "self_attn.in_proj_": "attention.qkv.",
        "self_attn.out_proj.": "attention.output.",
        "linear1.": "feed_forward.0.",
        "linear2.": "feed_forward.2.",
        "norm1.": "attention_norm.",
        "norm2.": "feed_forward_norm.",
    }
    if cross:
        names |= {
            "multihead_attn.in_proj_": "cross_attention.qkv.",
            "multihead_attn.out_proj.": "cross_attention.output.",
            "norm2.": "cross_norm.",
            "norm3.": "feed_forward_norm.",
        }
    return {f"{a}{end}": f"{b}{end}" for a, b in names.items() for end in ("weight", "bias")}


def joined(ours: dict[str, Tensor]) -> dict[str, Tensor]:
    """The same with query, key and value as one, as torch has them."""
    parts = [name for name in ours if ".query." in name]
    for name in parts:
        three = [ours.pop(name.replace("query", part)) for part in ("query", "key", "value")]
        ours[name.replace("query", "qkv")] = torch.cat(three)
    return ours


def assert_same_gradients(
    output: Tensor,
    expected: Tensor,
    block: TransformerBlock,
    reference: nn.Module,
    inputs: list[Tensor],
    cross: bool,
    tolerance: float,
) -> None:
    weights = torch.randn_like(expected)
    ours, theirs = dict(block.named_parameters()), dict(reference.named_parameters())
    of_inputs = torch.autograd.grad((output * weights).sum(), [*inputs, *ours.values()])
    found = joined(dict(zip(ours, of_inputs[len(inputs) :], strict=True)))
    names = same_names(cross)
    assert set(names) == set(theirs) and set(names.values()) == set(found)
    own = [*of_inputs[: len(inputs)], *(found[names[n]] for n in names)]
    them = torch.autograd.grad((expected * weights).sum(), [*inputs, *(theirs[n] for n in names)])
    for a, b in zip(own, them, strict=True):
        # A gradient is a sum over all tokens: its last digits scale with its largest term.
        scale = max(1.0, float(b.abs().max()))
        torch.testing.assert_close(a / scale, b / scale, rtol=tolerance, atol=tolerance)


@settings(max_examples=40)
@given(
    batch=st.integers(1, 3),
    heads=st.integers(1, 3),
    size=st.integers(2, 4),
    length=st.integers(1, 7),
    hidden=st.integers(1, 9),
    norm_first=st.booleans(),
    causal=st.booleans(),
    kind=TYPES,
    seed=st.integers(0, 999),
)
def test_block_is_torch_encoder_layer(
    batch: int,
    heads: int,
    size: int,
    length: int,
    hidden: int,
    norm_first: bool,
    causal: bool,
    kind: tuple[torch.dtype, float],
    seed: int,
) -> None:
    torch.manual_seed(seed)
    (dtype, tolerance), width = kind, heads * size
    block = TransformerBlock(width, heads, hidden, norm_first=norm_first).to(dtype)
    randomise(block)
    reference = nn.TransformerEncoderLayer(
        width, heads, hidden, 0.0, "gelu", batch_first=True, norm_first=norm_first, dtype=dtype
    )
    own = joined(dict(block.state_dict()))
    reference.load_state_dict({a: own[b] for a, b in same_names(False).items()})
    x = torch.randn(batch, length, width, dtype=dtype, requires_grad=True)
    mask = torch.rand(batch, length) < 0.6
    mask[:, 0] = True
    output = block(x, mask, causal)
    expected = reference(x, ~causal_mask(length, length) if causal else None, ~mask)
    # What a token that is not real asks for is nobody's business: ours hides it before asking.
    output, expected = (y.masked_fill(~mask.unsqueeze(-1), 0) for y in (output, expected))
    torch.testing.assert_close(output, expected, rtol=tolerance, atol=tolerance)
    assert_same_gradients(output, expected, block, reference, [x], False, tolerance)


@settings(max_examples=40)
@given(
    batch=st.integers(1, 3),
    heads=st.integers(1, 3),
    size=st.integers(2, 4),
    length=st.integers(1, 7),
    read=st.integers(1, 7),
    norm_first=st.booleans(),
    kind=TYPES,
    seed=st.integers(0, 999),
)
def test_block_with_cross_attention_is_torch_decoder_layer(
    batch: int,
    heads: int,
    size: int,
    length: int,
    read: int,
    norm_first: bool,
    kind: tuple[torch.dtype, float],
    seed: int,
) -> None:
    torch.manual_seed(seed)
    (dtype, tolerance), width = kind, heads * size
    block = TransformerBlock(width, heads, norm_first=norm_first, cross=True).to(dtype)
    randomise(block)
    reference = nn.TransformerDecoderLayer(
        width, heads, 4 * width, 0.0, "gelu", batch_first=True, norm_first=norm_first, dtype=dtype
    )
    own = joined(dict(block.state_dict()))
    reference.load_state_dict({a: own[b] for a, b in same_names(True).items()})
    x = torch.randn(batch, length, width, dtype=dtype, requires_grad=True)
    memory = torch.randn(batch, read, width, dtype=dtype, requires_grad=True)
    mask = torch.rand(batch, read) < 0.6
    mask[:, -1] = True
    output = block(x, causal=True, memory=memory, memory_mask=mask)
    expected = reference(
        x, memory, ~causal_mask(length, length), memory_key_padding_mask=~mask, tgt_is_causal=True
    )
    torch.testing.assert_close(output, expected, rtol=tolerance, atol=tolerance)
    assert_same_gradients(output, expected, block, reference, [x, memory], True, tolerance)


@pytest.mark.parametrize("norm_first", [True, False])
def test_gradients_by_finite_differences(norm_first: bool) -> None:
    torch.manual_seed(0)
    block = TransformerBlock(4, 2, 5, norm_first=norm_first, cross=True, rotary=True).double()
    randomise(block)
    weights = {name: p.detach().requires_grad_() for name, p in block.named_parameters()}
    x = torch.randn(1, 3, 4, dtype=torch.float64, requires_grad=True)
    memory = torch.randn(1, 2, 4, dtype=torch.float64, requires_grad=True)

    def apply(x: Tensor, memory: Tensor, *values: Tensor) -> Tensor:
        named = dict(zip(weights, values, strict=True))
        return torch.func.functional_call(block, named, (x, None, True, memory))

    assert torch.autograd.gradcheck(apply, (x, memory, *weights.values()))


def test_feed_forward_reads_each_token_by_itself() -> None:
    torch.manual_seed(0)
    layer, x = FeedForward(4, 6).double(), torch.randn(2, 5, 4).double()
    torch.testing.assert_close(layer(x)[:, 1:2], layer(x[:, 1:2]))
    assert [p.shape for p in layer.parameters()] == [(6, 4), (6,), (4, 6), (4,)]


@settings(max_examples=30)
@given(
    real=st.integers(1, 5),
    padding=st.integers(1, 3),
    first=st.booleans(),
    cross=st.booleans(),
    causal=st.booleans(),
    norm_first=st.booleans(),
    filler=st.sampled_from([torch.nan, 1e30]),
)
def test_stack_cannot_see_padding(
    real: int,
    padding: int,
    first: bool,
    cross: bool,
    causal: bool,
    norm_first: bool,
    filler: float,
) -> None:
    torch.manual_seed(real)
    stack = TransformerStack(8, 2, 2, cross=cross, norm_first=norm_first).double()
    tokens, junk = torch.randn(2, real, 8).double(), torch.full((2, padding, 8), filler).double()
    mask = torch.arange(real + padding).expand(2, -1) < real
    place = slice(padding, None) if first else slice(real)
    padded = Tokens(
        torch.cat([junk, tokens] if first else [tokens, junk], dim=1),
        mask.flip(1) if first else mask,
    )
    memory = padded if cross else None
    output = stack(padded, memory, causal)
    alone = stack(Tokens.of(tokens), Tokens.of(tokens) if cross else None, causal)
    assert output.mask is padded.mask and output.values.isfinite().all()
    torch.testing.assert_close(output.values[:, place], alone.values)
    output.mean().square().sum().backward()
    assert all(p.grad is not None and p.grad.isfinite().all() for p in stack.parameters())


def test_stack_reads_an_absent_memory_as_none() -> None:
    torch.manual_seed(0)
    stack = TransformerStack(8, 2, 1, cross=True).double()
    randomise(stack)
    x = torch.randn(2, 3, 8).double()
    block = stack.blocks[0]
    output = stack(Tokens.of(x), Tokens.absent(2, 8, x)).values
    h = x + block.attention(block.attention_norm(x))
    torch.testing.assert_close(
        output, stack.norm(h + block.feed_forward(block.feed_forward_norm(h)))
    )


def test_no_token_sees_a_later_one_through_a_causal_stack() -> None:
    torch.manual_seed(0)
    stack = TransformerStack(8, 2, 3, rotary=True).double()
    x = torch.randn(6, 8, dtype=torch.float64)
    jacobian = torch.autograd.functional.jacobian(
        lambda x: stack(Tokens.of(x[None]), causal=True).values[0], x
    )
    seen = jacobian.abs().amax(dim=(1, 3))
    assert seen.triu(1).eq(0).all() and seen[causal_mask(6, 6)].gt(1e-9).all()


@pytest.mark.parametrize("depth", [2, 32])
def test_the_sum_over_the_blocks_does_not_grow_with_their_number(depth: int) -> None:
    torch.manual_seed(0)
    stack, x = TransformerStack(64, 4, depth), torch.randn(4, 16, 64)
    grown = x
    for block in stack.blocks:
        grown = block(grown)
    assert 1.0 < grown.std() / x.std() < 1.2


def test_dropout_is_for_training_only() -> None:
    torch.manual_seed(0)
    stack, tokens = TransformerStack(8, 2, 2, dropout=0.5), Tokens.of(torch.randn(2, 3, 8))
    assert not stack(tokens).values.equal(stack(tokens).values)
    stack.eval()
    assert stack(tokens).values.equal(stack(tokens).values)


def test_a_memory_and_cross_attention_need_each_other() -> None:
    x = torch.zeros(1, 2, 4)
    with pytest.raises(ValueError, match="has no memory to read"):
        TransformerBlock(4, 2, cross=True)(x)
    with pytest.raises(ValueError, match="has no cross-attention"):
        TransformerBlock(4, 2)(x, memory=x)


@settings(max_examples=25)
@given(
    sizes=st.lists(st.integers(1, 3), min_size=1, max_size=4),
    cross=st.booleans(),
    norm_first=st.booleans(),
    rotary=st.booleans(),
    kv_heads=st.sampled_from([1, 2]),
)
def test_steps_are_the_whole(
    sizes: list[int], cross: bool, norm_first: bool, rotary: bool, kv_heads: int
) -> None:
    torch.manual_seed(0)
    stack = TransformerStack(
        8, 2, 2, cross=cross, norm_first=norm_first, rotary=rotary, kv_heads=kv_heads
    ).double()
    randomise(stack)
    x = torch.randn(3, sum(sizes), 8).double()
    mask = torch.tensor([[True, True], [True, False], [False, False]])
    memory = Tokens(torch.randn(3, 2, 8).double().masked_fill(~mask[..., None], torch.nan), mask)
    whole = stack(Tokens.of(x), memory if cross else None, causal=True).values
    keys = stack.keys(memory) if cross else ()
    past, found = [None, None], []
    for part in x.split(sizes, dim=1):
        states, past = stack.step(part, past, memory=keys, memory_mask=mask if cross else None)
        found.append(states)
    torch.testing.assert_close(torch.cat(found, dim=1), whole)
