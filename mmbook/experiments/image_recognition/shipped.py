"""Trained networks as small folders, their weights in half precision."""

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import asdict
from pathlib import Path
from typing import Any

from torch import nn

from mmbook.datasets.real.mnist import CLOTHES, DIGITS
from mmbook.evaluation.environment import commit
from mmbook.experiments.image_recognition.config import Recipe
from mmbook.models import RecogniserConfig, save_pretrained
from mmbook.models.inputs import DigitImage, GarmentImage
from mmbook.models.recognition import ResidualEncoderConfig


def folder_name(name: str) -> str:
    """The name of a set's folder, as in data/models."""
    return name.lower()


def rounded(model: nn.Module) -> nn.Module:
    """A copy of the model whose weights are what half precision keeps of them, as float32."""
    return deepcopy(model).half().float()


def described(name: str, recipe: Recipe) -> RecogniserConfig:
    """The network of a recipe together with how a user's images are read, and its classes."""
    is_clothes = name == "Fashion-MNIST"
    encoder = ResidualEncoderConfig(1, recipe.width, recipe.stages, recipe.depths)
    return RecogniserConfig(
        inputs={"image": GarmentImage() if is_clothes else DigitImage()},
        encoders={"image": encoder},
        labels=CLOTHES if is_clothes else DIGITS,
    )


def ship(
    folder: Path, name: str, model: nn.Module, recipe: Recipe, facts: Mapping[str, Any]
) -> None:
    """Write a model in half precision, with its recipe, the commit and other facts."""
    facts = {**facts, "recipe": asdict(recipe), "commit": commit()}
    save_pretrained(folder, described(name, recipe), deepcopy(model).half(), facts=facts)
