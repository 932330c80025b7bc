"""Trained networks as small files, their weights in half precision, and how to read them."""

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import asdict
from pathlib import Path
from typing import Any

from torch import nn

from mmbook.evaluation.record import commit
from mmbook.experiments.image_recognition.config import TIERS, Recipe
from mmbook.experiments.image_recognition.training import untrained
from mmbook.paths import data_folder
from mmbook.training import load_weights, save_weights


def file_name(name: str) -> str:
    """The name of a set's file in data/image-recognition."""
    return f"{name.lower()}.safetensors"


def rounded(model: nn.Module) -> nn.Module:
    """A copy of the model whose weights are what half precision keeps of them, as float32."""
    return deepcopy(model).half().float()


def ship(path: Path, model: nn.Module, recipe: Recipe, facts: Mapping[str, Any]) -> None:
    """Write a model in half precision, with its recipe, the commit and other facts."""
    facts = {**facts, "recipe": asdict(recipe), "commit": commit()}
    save_weights(path, deepcopy(model).half(), facts)


def load_recogniser(name: str, folder: Path | None = None) -> tuple[nn.Module, dict[str, Any]]:
    """The shipped network for "MNIST" or "Fashion-MNIST", in evaluation mode, and its facts.

    Raises ValueError for another name.
    """
    recipes = TIERS["full"].recipes
    if name not in recipes:
        raise ValueError(f"no network for {name!r}; there are {', '.join(recipes)}")
    model = untrained(recipes[name])
    path = (folder or data_folder() / "image-recognition") / file_name(name)
    return model.eval(), load_weights(path, model)
