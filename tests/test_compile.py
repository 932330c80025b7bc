"""torch.compile: every module is one graph, and no forward pass waits for a value on a device."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from mmbook.batch import Padded
from mmbook.decoders import (
    AutoregressiveDecoder,
    Classifier,
    MaskedHistory,
    PrefixDecoder,
    RecurrentDecoder,
    TransformerDecoder,
    beam_search,
    generate,
)
from mmbook.encoders import (
    ConvolutionalEncoder,
    FeatureGridEncoder,
    RecurrentEncoder,
    ResidualEncoder,
    SpectrogramEncoder,
    TransformerEncoder,
)
from mmbook.fusion import (
    BottleneckFusion,
    ConcatFusion,
    CrossAttentionFusion,
    GatedFusion,
    JointAttentionFusion,
    LateFusion,
    LowRankFusion,
    ModalityDropout,
    SumFusion,
    TensorFusion,
)
from mmbook.layers.recurrent import RecurrentLayer
from mmbook.models import MultimodalModel
from mmbook.tokens import Tokens

WIDTH = 8
MASK = torch.arange(5) < torch.tensor([[5], [2], [0]])
IDS = torch.tensor([[3, 4, 5, 6, 7], [4, 2, 0, 0, 0], [0, 0, 0, 0, 0]])


def tokens(width: int = WIDTH) -> Tokens:
    values = torch.randn(3, 5, width, generator=torch.Generator().manual_seed(0))
    return Tokens(values.masked_fill(~MASK[..., None], torch.nan), MASK)


def images() -> Tensor:
    return torch.rand(3, 1, 8, 8, generator=torch.Generator().manual_seed(0))


class Lacking(MultimodalModel):
    """A model of which the first sample lacks its image."""

    def forward(self, inputs: Any) -> Any:
        here = torch.arange(3, device=inputs["image"].device) > 0
        return super().forward(inputs, present={"image": here})


def two_senses(fusion: nn.Module, kind: type[MultimodalModel] = MultimodalModel) -> MultimodalModel:
    encoders = {"image": ConvolutionalEncoder(width=WIDTH), "text": RecurrentEncoder(10, WIDTH)}
    return kind(encoders, fusion, Classifier(WIDTH, 4))


MODULES: dict[str, tuple[Callable[[], nn.Module], Any]] = {
    "cnn": (lambda: ConvolutionalEncoder(width=WIDTH), images()),
    "feature grid": (lambda: FeatureGridEncoder(1, WIDTH, (4,), (2, 2)), images()),
    "residual": (lambda: ResidualEncoder(width=WIDTH), images()),
    "spectrogram": (lambda: SpectrogramEncoder(WIDTH), tokens()),
    "gru": (lambda: RecurrentEncoder(10, WIDTH), IDS),
    "lstm": (lambda: RecurrentEncoder(10, WIDTH, cell="lstm"), IDS),
    "rnn, one direction": (
        lambda: RecurrentEncoder(10, WIDTH, cell="rnn", bidirectional=False),
        IDS,
    ),
    "recurrent layer": (lambda: RecurrentLayer(WIDTH, 6), tokens()),
    "transformer": (lambda: TransformerEncoder(10, WIDTH, 2, layers=1), IDS),
    "transformer, rotary": (lambda: TransformerEncoder(None, WIDTH, 2, 1, rotary=True), tokens()),
    "concat": (lambda: ConcatFusion(("a", "b"), WIDTH), {"a": tokens(), "b": tokens()}),
    **{
        kind.__name__: (lambda kind=kind: kind(("a", "b"), WIDTH), {"a": tokens(), "b": tokens()})
        for kind in (SumFusion, GatedFusion, TensorFusion, LowRankFusion)
    },
    **{
        kind.__name__: (lambda kind=kind: kind(("a", "b"), WIDTH, 2), dict.fromkeys("ab", tokens()))
        for kind in (CrossAttentionFusion, JointAttentionFusion, BottleneckFusion)
    },
    "late": (lambda: LateFusion(("a", "b"), WIDTH, 4), {"a": tokens(), "b": tokens()}),
    "dropout": (lambda: ModalityDropout(0.5), {"a": tokens(), "b": tokens()}),
    "model": (
        lambda: two_senses(
            nn.Sequential(ModalityDropout(0.5), ConcatFusion(("image", "text"), WIDTH))
        ),
        {"image": images(), "text": IDS},
    ),
    "model, one sense absent": (
        lambda: two_senses(ConcatFusion(("image", "text"), WIDTH)),
        {"text": IDS},
    ),
    "model, some lack a sense": (
        lambda: two_senses(ConcatFusion(("image", "text"), WIDTH), Lacking),
        {"image": images(), "text": Padded(IDS, torch.tensor([5, 2, 0]))},
    ),
}
DECODERS: dict[str, Callable[[], AutoregressiveDecoder]] = {
    "gru": lambda: RecurrentDecoder(9, WIDTH),
    "lstm, cross": lambda: RecurrentDecoder(9, WIDTH, cell="lstm", cross=True),
    "transformer": lambda: TransformerDecoder(9, WIDTH, 2, 1, kv_heads=1),
    "transformer, cross": lambda: TransformerDecoder(9, WIDTH, 2, 1, cross=True),
    "prefix": lambda: PrefixDecoder(9, WIDTH, 2, 1),
    "masked history": lambda: MaskedHistory(TransformerDecoder(9, WIDTH, 2, 1), [4, 5], 1),
}


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    """Compiled from nothing, with recurrent layers allowed, as PyTorch asks for them."""
    torch._dynamo.reset()
    with torch._dynamo.config.patch(allow_rnn=True):
        yield


def assert_same(found: Any, expected: Any) -> None:
    if isinstance(expected, Tokens):
        assert found.mask.equal(expected.mask)
        found, expected = found.values, expected.values
    if isinstance(expected, dict):
        for name, value in expected.items():
            assert_same(found[name], value)
    else:
        torch.testing.assert_close(found, expected, atol=1e-5, rtol=1e-5, equal_nan=True)


@pytest.mark.parametrize("name", MODULES)
def test_a_module_is_one_graph(name: str) -> None:
    make, inputs = MODULES[name]
    torch.manual_seed(0)
    module = make()  # in training mode, where dropout draws
    compiled = torch.compile(module, fullgraph=True, backend="eager")
    torch.manual_seed(1)
    expected = module(inputs)
    torch.manual_seed(1)
    assert_same(compiled(inputs), expected)


@pytest.mark.parametrize("name", ["transformer", "model"])
def test_gradients_are_the_same(name: str) -> None:
    make, inputs = MODULES[name]
    torch.manual_seed(0)
    module, gradients = make().eval(), []
    for apply in (module, torch.compile(module, fullgraph=True, backend="aot_eager")):
        found = apply(inputs)
        values = found.values if isinstance(found, Tokens) else found
        gradients.append(torch.autograd.grad(values.square().sum(), [*module.parameters()]))
    for ours, theirs in zip(*gradients, strict=True):
        torch.testing.assert_close(ours, theirs, atol=1e-5, rtol=1e-5)


def test_the_real_compiler_takes_a_padded_batch() -> None:
    torch.manual_seed(0)
    encoder = TransformerEncoder(10, WIDTH, 2, layers=1).eval()
    compiled = torch.compile(encoder, fullgraph=True)
    with torch.no_grad():
        assert_same(compiled(IDS), encoder(IDS))


@pytest.mark.parametrize("name", DECODERS)
def test_what_writes_may_be_compiled(name: str) -> None:
    torch.manual_seed(0)
    decoder = DECODERS[name]().eval()
    memory = tokens() if decoder.cross or name == "prefix" else None
    prompts = Padded.of([torch.tensor(row) for row in ([1], [1, 4, 3], [1, 6])])

    def written() -> list[Tensor]:
        best, scores = beam_search(decoder, memory, 1, 2, 3, 2, rows=3)
        return [generate(decoder, memory, prompts, 2, 4).values, best.values, scores]

    expected = written()
    decoder.step = torch.compile(decoder.step, fullgraph=True, backend="eager")
    for found, value in zip(written(), expected, strict=True):
        torch.testing.assert_close(found, value)


def on_meta(inputs: Any) -> Any:
    """The same shapes on a device that has no values: asking for one is an error."""
    if isinstance(inputs, dict):
        return {name: on_meta(value) for name, value in inputs.items()}
    if isinstance(inputs, Tokens):
        return Tokens(inputs.values.to("meta"), inputs.mask.to("meta"))
    return inputs.to("meta")


@pytest.mark.parametrize("name", MODULES)
def test_no_forward_pass_waits_for_a_value(name: str) -> None:
    make, inputs = MODULES[name]
    with pytest.raises((RuntimeError, NotImplementedError), match="meta"):
        bool(torch.ones((), device="meta"))
    make().to("meta")(on_meta(inputs))


@pytest.mark.parametrize("name", DECODERS)
def test_no_step_waits_for_a_value(name: str) -> None:
    decoder = DECODERS[name]().to("meta")
    memory = on_meta(tokens()) if decoder.cross or name == "prefix" else None
    ids = torch.ones(3, 2, dtype=torch.int64, device="meta")
    _, state = decoder.step(ids, decoder.start(memory, 3))
    logits, _ = decoder.step(ids[:, :1], state.select(torch.arange(3, device="meta")))
    assert logits.shape == (3, 1, 9)
