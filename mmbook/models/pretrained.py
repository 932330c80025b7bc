"""Folders that hold a trained model, and how one is written and read.

config.json         what `ModelConfig` describes: how the model is built
model.safetensors   its weights, with the command, the commit and the seed that made them
README.md           a card for people: what it is, its data and licence, how good it is
"""

import hashlib
import json
import os
import textwrap
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from shutil import copymode
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_model, save_model
from torch import nn

from mmbook.models.config import ConfigError, ModelConfig, from_json, to_json
from mmbook.paths import data_folder

CONFIG, WEIGHTS, CARD = "config.json", "model.safetensors", "README.md"
FORMAT = 1  # of config.json; a file with a higher one was written by a later mmbook
METADATA = "mmbook"  # the entry of the weights' metadata, as in `training.checkpoints`


class PretrainedError(ValueError):
    """A folder that holds no model that can be used; the message says what is wrong, and where."""


def shipped_models() -> dict[str, Path]:
    """{name: folder} of the models that ship with the book."""
    return {path.parent.name: path.parent for path in sorted(_models().glob(f"*/{CONFIG}"))}


def save_pretrained(
    folder: Path | str,
    config: ModelConfig,
    model: nn.Module,
    *,
    card: str = "",
    facts: Mapping[str, Any] | None = None,
) -> None:
    """Write a model, in the precision it has, so that `load_pretrained` reads it.

    config: builds a model with the same weights' names and shapes. card: Markdown for people.
    facts: where the weights come from, as JSON can hold it; `read_facts` reads them.
    Other files of the folder stay. Whoever loads at any moment, even after this was killed, gets
    the old model or the new one: the weights say which configuration is theirs, and a killed save
    leaves it waiting under the name of a hidden file. Raises ValueError where config and model do
    not fit, and PretrainedError for no path and for weights that are not finite.
    """
    folder = _path(folder)
    _check_fit(config, model)
    _check_finite(model, "the model")
    text = json.dumps({"format": FORMAT, "model": to_json(config)}, indent=1, ensure_ascii=False)
    facts = {**(facts or {}), "config": _digest(text + "\n")}
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in ((CONFIG, text), (CARD, card.rstrip())):
        _waiting(folder, name).write_text(content + "\n", encoding="utf-8")
    # One entry, because safetensors writes several in no fixed order.
    metadata = {METADATA: json.dumps(facts, sort_keys=True)}
    save_model(model, str(_waiting(folder, WEIGHTS)), metadata)
    copymode(_waiting(folder, CONFIG), _waiting(folder, WEIGHTS))  # safetensors would hide it
    names = (WEIGHTS, CONFIG, CARD)  # the weights first: with them the new model is there
    for name in names:
        with _waiting(folder, name).open("rb+") as file:
            os.fsync(file.fileno())
    for name in names:
        os.replace(_waiting(folder, name), folder / name)


def load_pretrained(place: Path | str) -> Any:
    """The model of a folder, or a shipped one by name, in evaluation mode and in single precision.

    Its `predict` takes raw input: see the model's class. The names are those of `shipped_models`;
    a folder that is called like one needs a path, as "./mnist". Random numbers are not touched.
    Raises PretrainedError where something is missing, damaged, not finite, or does not fit.
    """
    folder = _folder(place)
    path = folder / WEIGHTS
    config = _config(folder)
    with _unchanged_randomness():
        try:
            model = config.build()
        except (ValueError, TypeError, RuntimeError, MemoryError) as error:
            raise PretrainedError(f"{folder / CONFIG}: cannot be built: {error}") from error
    try:
        load_model(model, path)
    except RuntimeError as error:
        what = textwrap.shorten(str(error), 400, placeholder=" ...")
        raise PretrainedError(
            f"{path} holds weights of another model than {CONFIG}: {what}"
        ) from None
    _check_finite(model, str(path))
    return model.eval()


def read_facts(place: Path | str) -> dict[str, Any]:
    """What the weights say about where they come from: command, commit, seed and more.

    Raises PretrainedError as `load_pretrained` does.
    """
    path = _folder(place) / WEIGHTS
    if not path.is_file():
        raise PretrainedError(
            f"{path} is missing: a folder of a model holds {CONFIG} and {WEIGHTS}"
        )
    try:
        with safe_open(path, "pt") as file:
            return json.loads((file.metadata() or {}).get(METADATA, "{}"))
    except (SafetensorError, ValueError, OSError) as error:
        raise PretrainedError(f"{path} is not a whole safetensors file: {error}") from error


def _models() -> Path:
    return data_folder() / "models"


def _folder(place: Path | str) -> Path:
    known = shipped_models()
    if isinstance(place, str) and place in known:
        return known[place]
    path = _path(place)
    if not os.path.isdir(path):  # false, unlike `Path.is_dir`, for a name that is too long
        raise PretrainedError(
            f"there is no folder {str(place)!r}, and the models that ship are: {', '.join(known)}"
        )
    return path


def _path(place: Path | str) -> Path:
    try:
        path = Path(place)
    except TypeError:
        path = None
    if path is None or "\0" in str(path):
        raise PretrainedError(
            "a model's folder must be a path, a Path or a str without zero bytes, "
            f"not {place!r:.60}"
        )
    return path


def _config(folder: Path) -> ModelConfig:
    """The configuration that belongs to the weights of a folder."""
    theirs = read_facts(folder).get("config")
    path, waiting = folder / CONFIG, _waiting(folder, CONFIG)
    try:
        if waiting.is_file() and _digest(waiting.read_text(encoding="utf-8")) == theirs:
            path = waiting  # a save was killed after it had put its weights in place
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise PretrainedError(
            f"{path} is missing: a folder of a model holds {CONFIG} and {WEIGHTS}"
        ) from None
    except (ValueError, OSError, RecursionError) as error:
        raise PretrainedError(f"{path} is no JSON that can be read: {error}") from error
    if not isinstance(content, dict) or type(content.get("format")) is not int:
        raise PretrainedError(f'{path} is no description of a model: it lacks a "format"')
    if content["format"] != FORMAT:
        raise PretrainedError(
            f"{path} has the format {content['format']}, and this mmbook reads {FORMAT}: "
            "use a later version, or save the model again"
        )
    try:
        return from_json(content.get("model"), place="model")
    except (ConfigError, RecursionError) as error:
        raise PretrainedError(f"{path}: {error}") from error


def _check_fit(config: ModelConfig, model: nn.Module) -> None:
    """Raise ValueError unless the configuration builds weights of the model's names and shapes."""
    with _unchanged_randomness():
        built = config.build()
    wanted, found = (
        {name: tuple(values.shape) for name, values in module.state_dict().items()}
        for module in (built, model)
    )
    if different := sorted(dict(wanted.items() ^ found.items())):
        name = different[0]
        raise ValueError(
            f"the configuration {config.kind!r} is not that of this model: {name} is "
            f"{wanted.get(name, 'missing')} and {found.get(name, 'missing')}"
        )


def _check_finite(model: nn.Module, place: str) -> None:
    """Raise PretrainedError where one of the weights is not finite."""
    for name, values in model.state_dict().items():
        if not values.isfinite().all():
            raise PretrainedError(
                f"{place}: {name} holds values that are not finite; train again, or fetch the "
                "weights once more"
            )


@contextmanager
def _unchanged_randomness() -> Iterator[None]:
    """Weights that are about to be replaced are drawn without a trace."""
    with torch.random.fork_rng(devices=[]):
        yield


def _waiting(folder: Path, name: str) -> Path:
    return folder / f".{name}.new"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
