"""The general model: any encoders, any fusion, any decoder; what is missing is absent."""

from typing import Any

import pytest
import torch
from torch import Tensor, nn

from mmbook.batch import Padded
from mmbook.decoders import Classifier, MeanPool
from mmbook.encoders import (
    ConvolutionalEncoder,
    RecurrentEncoder,
    SpectrogramEncoder,
    TransformerEncoder,
)
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


class Projected(nn.Module):
    """Vectors that a linear layer makes tokens of, for a transformer to read."""

    def __init__(self) -> None:
        super().__init__()
        self.linear, self.encoder = nn.Linear(8, WIDTH), TransformerEncoder(None, WIDTH, 2, 1)

    def forward(self, frames: Padded) -> Tokens:
        return self.encoder(Tokens(self.linear(frames.filled()), frames.mask))


def frames(spoilt: float) -> Padded:
    """Spectrograms of 11, 5 and 2 frames, of which what is behind their end is spoilt."""
    values = torch.randn(BATCH, 11, 8, generator=torch.Generator().manual_seed(1))
    found = Padded(values, torch.tensor([11, 5, 2]))
    return Padded(found.filled(spoilt), found.lengths)


def lacking(modality: str, spoilt: float) -> tuple[MultimodalModel, dict[str, Any]]:
    """A model of pictures and one more modality, and inputs whose second row lacks it."""
    torch.manual_seed(0)
    encoders: dict[str, nn.Module] = {"image": ENCODERS["image"]()}
    given: dict[str, Any] = {"image": INPUTS["image"].clone()}
    if modality == "spectrogram":
        encoders[modality], given[modality] = ENCODERS["audio"](), frames(spoilt)
    elif modality == "projected":
        encoders[modality], given[modality] = Projected(), frames(spoilt)
    elif modality in ("recurrent", "transformer"):
        kind = RecurrentEncoder if modality == "recurrent" else TransformerEncoder
        encoders[modality] = kind(10, WIDTH) if modality == "recurrent" else kind(10, WIDTH, 2)
        ids = torch.tensor([[3, 0, 2, 5], [9, 9, 9, 9], [4, 4, 9, 9]])  # 9 is not to be read
        given[modality] = Padded(ids, torch.tensor([4, 0, 2]))
    if modality != "image":
        x = given[modality]
        if x.values.is_floating_point():
            given[modality] = Padded(x.values.index_fill(0, torch.tensor([1]), spoilt), x.lengths)
    else:
        encoders["vector"], given["vector"] = ENCODERS["vector"](), INPUTS["vector"]
        given["image"][1] = spoilt
    names = tuple(encoders)
    model = MultimodalModel(encoders, ConcatFusion(names, WIDTH), Classifier(WIDTH, CLASSES))
    return model, given


PRESENT = torch.tensor([True, False, True])
LACKED = ["image", "spectrogram", "projected", "recurrent", "transformer"]


@pytest.mark.parametrize("modality", LACKED)
def test_what_a_sample_lacks_reaches_neither_answer_nor_gradient(modality: str) -> None:
    outputs, gradients = [], []
    for spoilt in (torch.nan, torch.inf, 7.0):
        model, given = lacking(modality, spoilt)
        outputs.append(model(given, present={modality: PRESENT}))
        outputs[-1].square().sum().backward()
        gradients.append([p.grad for p in model.parameters() if p.grad is not None])
    assert outputs[0].isfinite().all()
    for other in outputs[1:]:
        assert other.equal(outputs[0])
    for parameters in zip(*gradients, strict=True):
        assert parameters[0].isfinite().all()
        assert all(gradient.equal(parameters[0]) for gradient in parameters)


@pytest.mark.parametrize("modality", LACKED)
def test_a_sample_that_lacks_a_modality_is_answered_as_without_it(modality: str) -> None:
    model, given = lacking(modality, torch.nan)
    found = model(given, present={modality: PRESENT})
    rest = {m: x[1:2] for m, x in given.items() if m != modality}
    torch.testing.assert_close(found[1:2], model(rest))
    for row in (0, 2):  # alone, without the padding of longer ones
        alone = {m: x[row : row + 1] for m, x in given.items()}
        torch.testing.assert_close(found[row : row + 1], model(alone), atol=1e-5, rtol=1e-5)


def test_what_is_given_reaches_the_decoder_and_reading_once_is_enough() -> None:
    class Asked(nn.Module):
        def forward(self, tokens: Tokens, factor: Tensor, shift: Tensor) -> Tensor:
            return tokens.mean() * factor + shift

    torch.manual_seed(0)
    model = MultimodalModel(
        {"vector": ENCODERS["vector"]()}, ConcatFusion(["vector"], WIDTH), Asked()
    )
    tokens = model.read(inputs("vector"))
    asked = torch.tensor(2.0), torch.tensor(1.0)
    expected = tokens.mean() * 2 + 1
    torch.testing.assert_close(model(inputs("vector"), *asked), expected)
    torch.testing.assert_close(model.decoder(tokens, *asked), expected)


def test_presence_of_what_is_not_given_is_refused() -> None:
    with pytest.raises(ValueError, match=r"present names \['text'\], but inputs \['image'\]"):
        build(("image", "text"), "early")(inputs("image"), present={"text": PRESENT})
