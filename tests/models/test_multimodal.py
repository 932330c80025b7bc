"""The general model: any encoders, any fusion, any decoder; what is missing is absent."""

import pytest
import torch
from torch import Tensor, nn

from mmbook.decoders import Classifier, MeanPool
from mmbook.encoders import ConvolutionalEncoder, RecurrentEncoder, SpectrogramEncoder
from mmbook.fusion import ConcatFusion, LateFusion, ModalityDropout
from mmbook.models import MultimodalModel
from mmbook.tokens import Tokens

WIDTH, CLASSES, BATCH = 6, 4, 3
ENCODERS = {
    "image": lambda: ConvolutionalEncoder(1, WIDTH, stages=(4,)),
    "audio": lambda: SpectrogramEncoder(8, WIDTH, stages=(4,)),
    "text": lambda: RecurrentEncoder(10, WIDTH),
    "vector": lambda: Vector(),
}
INPUTS = {
    "image": torch.rand(BATCH, 1, 9, 8),
    "audio": torch.randn(BATCH, 11, 8),
    "text": torch.tensor([[1, 2, 3], [4, 0, 0], [0, 0, 0]]),
    "vector": torch.randn(BATCH, 2),
}
JOINS = {
    "early": lambda m: (ConcatFusion(m, WIDTH), Classifier(WIDTH, CLASSES)),
    "early, read out": lambda m: (ConcatFusion(m, WIDTH), MeanPool()),
    "late": lambda m: (LateFusion(m, WIDTH, CLASSES), MeanPool()),
    "late, classified": lambda m: (LateFusion(m, WIDTH, 5), Classifier(5, CLASSES)),
    "dropout": lambda m: (
        nn.Sequential(ModalityDropout(0.5), ConcatFusion(m, WIDTH)),
        Classifier(WIDTH, CLASSES),
    ),
}
SETS = [("image",), ("text", "image"), ("image", "audio", "text", "vector")]


class Vector(nn.Module):
    """An encoder that the package does not have: a vector becomes one token."""

    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(2, WIDTH)

    def forward(self, x: Tensor) -> Tokens:
        return Tokens.of(self.linear(x).unsqueeze(1))


def build(modalities: tuple[str, ...], join: str) -> MultimodalModel:
    torch.manual_seed(0)
    return MultimodalModel({m: ENCODERS[m]() for m in modalities}, *JOINS[join](modalities))


def inputs(*modalities: str) -> dict[str, Tensor]:
    return {m: INPUTS[m] for m in modalities}


@pytest.mark.parametrize("join", JOINS)
@pytest.mark.parametrize("modalities", SETS, ids="+".join)
def test_any_encoders_fusion_and_decoder_compose(modalities: tuple[str, ...], join: str) -> None:
    model = build(modalities, join)
    outputs = model(inputs(*modalities))
    assert outputs.shape == (BATCH, WIDTH if join == "early, read out" else CLASSES)
    outputs.square().sum().backward()
    assert all(p.grad is not None for p in model.parameters())


def test_is_decode_of_fuse_of_encode() -> None:
    model = build(("image", "text"), "early")
    some = inputs("image", "text")
    tokens = {m: model.encoders[m](x) for m, x in some.items()}
    torch.testing.assert_close(model(some), model.decoder(model.fusion(tokens)))


@pytest.mark.parametrize("join", ["early", "late"])
def test_a_modality_left_out_is_absent(join: str) -> None:
    model = build(("image", "audio", "text"), join)
    absent = Tokens.absent(BATCH, WIDTH, like=torch.zeros(1))
    tokens = {
        "image": absent,
        "audio": model.encoders["audio"](INPUTS["audio"]),
        "text": absent,
    }
    expected = model.decoder(model.fusion(tokens))
    torch.testing.assert_close(model(inputs("audio")), expected)
    no_text = torch.zeros(BATCH, 3, dtype=torch.long)  # a text of padding says as little
    torch.testing.assert_close(model(inputs("audio") | {"text": no_text}), expected)


def test_the_order_of_inputs_does_not_matter() -> None:
    model = build(("image", "audio", "text"), "early")
    model_inputs = inputs("image", "audio", "text")
    assert model(model_inputs).equal(model(dict(reversed(model_inputs.items()))))


def test_complete_fills_in_the_encoders_order() -> None:
    model = build(("text", "image", "audio"), "early")
    given = model.encode(inputs("audio", "text"))
    tokens = model.complete(given)
    assert list(tokens) == ["text", "image", "audio"]
    assert tokens["text"] is given["text"]
    assert not tokens["image"].present().any()


@pytest.mark.parametrize(
    ("some", "message"),
    [
        ({}, r"\[\].*\['image', 'text'\]"),
        ({"odour": torch.zeros(1, 2)}, r"\['odour'\].*\['image', 'text'\]"),
        ({"image": INPUTS["image"], "audio": INPUTS["audio"]}, "audio.*encoders for"),
    ],
)
def test_unknown_or_no_modality_is_refused(some: dict[str, Tensor], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        build(("image", "text"), "early")(some)


def test_parameters_of_all_parts_are_registered() -> None:
    model = build(("image", "text"), "late, classified")
    parts = [*model.encoders.values(), model.fusion, model.decoder]
    expected = sum(p.numel() for part in parts for p in part.parameters())
    assert sum(p.numel() for p in model.parameters()) == expected
    assert {name.split(".")[0] for name in model.state_dict()} == {"encoders", "fusion", "decoder"}
