"""The networks that are compared, and how each is trained."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path

from torch import nn

from mmbook.batch import Batch
from mmbook.encoders.cnn import LayerNorm2d
from mmbook.encoders.residual import ResidualEncoder
from mmbook.experiments.harness.trained import trained
from mmbook.experiments.image_recognition.config import Recipe
from mmbook.layers.residual import PostActivationBlock, convolution
from mmbook.losses import cross_entropy
from mmbook.models import classifier
from mmbook.models.images import PLAIN_ENCODERS, plain_classifier
from mmbook.training import Objective, TrainingConfig, seed_everything, supervised
from mmbook.training.optimisers.makers import muon

Trained = tuple[nn.Module, float]  # a model, and the seconds of its training


class PlainBlock(nn.Sequential):
    """The convolutions of a pre-activation block without the way around them."""

    def __init__(
        self, inputs: int, outputs: int, stride: int, norm: Callable[[int], nn.Module]
    ) -> None:
        super().__init__(
            norm(inputs),
            nn.ReLU(),
            convolution(inputs, outputs, stride=stride),
            norm(outputs),
            nn.ReLU(),
            convolution(outputs, outputs),
        )


def identity(channels: int) -> nn.Module:
    """No normalisation."""
    return nn.Identity()


VARIANTS: Mapping[str, Callable[..., ResidualEncoder]] = {
    "pre-activation": ResidualEncoder,
    "post-activation": partial(ResidualEncoder, block=PostActivationBlock),
    "layer normalisation": partial(ResidualEncoder, norm=LayerNorm2d),
    "no normalisation": partial(ResidualEncoder, norm=identity),
    "no shortcut": partial(ResidualEncoder, block=PlainBlock),
}
BASELINES = PLAIN_ENCODERS


def untrained(recipe: Recipe, variant: str = "pre-activation") -> nn.Module:
    """The residual network of a recipe, with weights drawn from the global generator."""
    encoder = VARIANTS[variant](width=recipe.width, stages=recipe.stages, depths=recipe.depths)
    return classifier({"image": encoder}, recipe.width)


def train_residual(
    samples: Batch, recipe: Recipe, seed: int, folder: Path, variant: str = "pre-activation"
) -> Trained:
    """A residual network, trained as its recipe says."""
    seed_everything(seed)
    model = untrained(recipe, variant)
    seconds = trained(
        model,
        samples,
        replace(recipe.training, seed=seed),
        folder,
        variant,
        __name__,
        objectives=Objective(
            supervised(partial(cross_entropy, label_smoothing=recipe.smoothing)), muon
        ),
        augment=recipe.augmentation,
    )
    return model, seconds


def train_baseline(
    name: str, samples: Batch, config: TrainingConfig, seed: int, folder: Path
) -> Trained:
    """A network without residual blocks, trained on the images as they are."""
    seed_everything(seed)
    model = plain_classifier(name, samples.inputs["image"][0].numel())
    return model, trained(model, samples, replace(config, seed=seed), folder, name, __name__)
