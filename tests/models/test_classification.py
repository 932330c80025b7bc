"""Digit recognisers: what each word of the configuration builds."""

import pytest
import torch
from torch import Tensor

from mmbook.encoders import ConvolutionalEncoder
from mmbook.fusion import ConcatFusion, LateFusion, ModalityDropout
from mmbook.models import MultimodalModel, classifier, digit_encoders, expert, recogniser

THREE = ("image", "audio", "text")


def inputs() -> dict[str, Tensor]:
    return {
        "image": torch.rand(2, 1, 28, 28),
        "audio": torch.randn(2, 50, 40),
        "text": torch.tensor([[1, 2, 3], [4, 5, 0]]),
    }


@pytest.mark.parametrize("fusion", ["early", "late"])
@pytest.mark.parametrize("modalities", [("audio",), ("audio", "image"), THREE], ids="+".join)
def test_scores_each_class(modalities: tuple[str, ...], fusion: str) -> None:
    model = recogniser(modalities, 12, fusion=fusion, classes=7, width=8)
    scores = model({m: inputs()[m] for m in modalities})
    assert scores.shape == (2, 7) and scores.isfinite().all()
    assert tuple(model.encoders) == modalities


def test_fusion_and_dropout_are_what_is_asked_for() -> None:
    assert isinstance(recogniser(THREE, 12, width=8).fusion, ConcatFusion)
    assert isinstance(recogniser(THREE, 12, width=8, fusion="late").fusion, LateFusion)
    joined = recogniser(THREE, 12, width=8, dropout=0.3).fusion
    assert isinstance(joined, torch.nn.Sequential)
    assert isinstance(joined[0], ModalityDropout) and joined[0].probability == 0.3
    assert isinstance(joined[1], ConcatFusion)


def test_late_fusion_is_the_product_of_its_parts() -> None:
    model = recogniser(THREE, 12, fusion="late", width=8).double()
    some = {m: x.double() if x.is_floating_point() else x for m, x in inputs().items()}
    alone = torch.stack([model({m: some[m]}).softmax(-1) for m in THREE]).prod(dim=0)
    torch.testing.assert_close(model(some).softmax(-1), alone / alone.sum(-1, keepdim=True))


def test_an_expert_is_late_fusion_of_one_sense() -> None:
    torch.manual_seed(0)
    one: MultimodalModel = expert("image", 12, classes=7, width=8)
    image = inputs()["image"]
    scores = one({"image": image})
    features = one.encoders["image"](image).mean()
    assert isinstance(one.fusion, LateFusion)
    torch.testing.assert_close(scores, one.fusion.heads["image"](features).log_softmax(-1))
    with pytest.raises(ValueError, match="audio"):
        one({"audio": inputs()["audio"]})


def test_unknown_names_are_refused() -> None:
    with pytest.raises(ValueError, match=r"'odour'.*'image', 'audio', 'text'"):
        digit_encoders(["image", "odour"], 12)
    with pytest.raises(ValueError, match="no fusion 'middle'; there are 'early' and 'late'"):
        recogniser(THREE, 12, fusion="middle")


def test_a_classifier_of_one_encoder_is_its_mean_token_and_a_linear_layer() -> None:
    torch.manual_seed(0)
    encoder = ConvolutionalEncoder(width=8)
    model, images = classifier({"image": encoder}, 8, 5), inputs()["image"]
    head = model.fusion.heads["image"]
    torch.testing.assert_close(
        model({"image": images}).softmax(-1), head(encoder(images).mean()).softmax(-1)
    )
