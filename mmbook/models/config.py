"""Configurations of models: what can be built, by name, to and from JSON.

A configuration is a frozen dataclass with a name of its own, its kind:

    @dataclass(frozen=True)
    class EncoderConfig(ModelConfig, kind="encoder"):
        width: int = 64

        def build(self) -> nn.Module: ...

Reading looks the kind up among the classes that exist: nothing is imported or run by name.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields
from types import NoneType, UnionType
from typing import Any, ClassVar, Literal, TypeVar, Union, get_args, get_origin, get_type_hints


class ConfigError(ValueError):
    """A configuration that cannot be used; the message says which field, and what is right."""


class ModelConfig:
    """What describes a model, or a part of one, completely but for its weights.

    A class without a kind only joins those that derive from it. Fields may be int, float, str,
    bool, `Literal`, another configuration, `tuple[X, ...]` and `Mapping[str, X]` of these, or one
    of them or None. Raises ConfigError where two classes take one kind.
    """

    kinds: ClassVar[dict[str, type["ModelConfig"]]] = {}
    kind: ClassVar[str]

    def __init_subclass__(cls, *, kind: str | None = None) -> None:
        if kind is None:  # a class that others derive from
            return
        known = ModelConfig.kinds.get(kind)
        # The same class once more is a cell of a notebook that is run again.
        if known and (known.__module__, known.__qualname__) != (cls.__module__, cls.__qualname__):
            raise ConfigError(f"two configurations are called {kind!r}: {known} and {cls}")
        cls.kind, ModelConfig.kinds[kind] = kind, cls

    def __post_init__(self) -> None:
        """Raises ConfigError where a tuple of simple values is something else."""
        for name, hint in get_type_hints(type(self)).items():
            if get_origin(hint) is tuple and (inner := get_args(hint)[0]) in _CHECKS:
                _check_tuple(getattr(self, name), inner, name)

    def build(self) -> Any:
        """What is described, its weights drawn from torch's global generator."""
        raise NotImplementedError(f"{type(self).__name__} does not say how it is built")


AnyConfig = TypeVar("AnyConfig", bound=ModelConfig)


def to_json(value: Any, place: str = "config") -> Any:
    """A configuration as what `json` can write. Raises ConfigError for a value that it cannot."""
    if isinstance(value, ModelConfig):
        parts = {f.name: getattr(value, f.name) for f in fields(value)}  # type: ignore[arg-type]
        return {"kind": value.kind, **to_json(parts, place)}
    if isinstance(value, Mapping):
        return {str(name): to_json(part, f"{place}.{name}") for name, part in value.items()}
    if isinstance(value, tuple | list):
        return [to_json(part, f"{place}[{i}]") for i, part in enumerate(value)]
    if value is None or isinstance(value, str | bool | int) or _is_finite(value):
        return value
    raise ConfigError(f"{place} cannot be written as JSON: {value!r}")


def from_json(
    value: Any, wanted: type[AnyConfig] = ModelConfig, place: str = "config"
) -> AnyConfig:
    """The configuration that `to_json` wrote.

    Raises ConfigError for an unknown kind, a field that is unknown, missing or of another type, and
    values that the configuration itself refuses; the message names the place.
    """
    if not isinstance(value, dict) or not isinstance(value.get("kind"), str):
        raise ConfigError(f'{place} must be an object with a "kind", not {_short(value)}')
    kind = value["kind"]
    if kind not in ModelConfig.kinds:
        known = ", ".join(sorted(ModelConfig.kinds))
        raise ConfigError(f"{place}: no configuration is called {kind!r}; there are: {known}")
    found = ModelConfig.kinds[kind]
    if not issubclass(found, wanted):
        raise ConfigError(f"{place} must be a {wanted.__name__}, and {kind!r} is none")
    known = {f.name: f for f in fields(found)}  # type: ignore[arg-type]
    given = {name: part for name, part in value.items() if name != "kind"}
    if unknown := sorted(given.keys() - known.keys()):
        raise ConfigError(f"{place}: {kind!r} has no field {unknown[0]!r}, only {sorted(known)}")
    needed = {n for n, f in known.items() if f.default is MISSING and f.default_factory is MISSING}
    if missing := sorted(needed - given.keys()):
        raise ConfigError(f"{place}: {kind!r} lacks the field {missing[0]!r}")
    hints = get_type_hints(found)
    parts = {name: _read(part, hints[name], f"{place}.{name}") for name, part in given.items()}
    try:
        return found(**parts)
    except ConfigError:
        raise
    except ValueError as error:
        raise ConfigError(f"{place}: {error}") from error


def _read(value: Any, hint: Any, place: str) -> Any:
    """A value of the type that the field's annotation says."""
    origin, inner = get_origin(hint), get_args(hint)
    if origin in (Union, UnionType) and NoneType in inner:
        (other,) = (part for part in inner if part is not NoneType)
        return None if value is None else _read(value, other, place)
    if isinstance(hint, type) and issubclass(hint, ModelConfig):
        return from_json(value, hint, place)
    if origin is tuple and isinstance(value, list):
        return tuple(_read(part, inner[0], f"{place}[{i}]") for i, part in enumerate(value))
    if origin is Mapping and isinstance(value, dict):
        return {name: _read(part, inner[1], f"{place}.{name}") for name, part in value.items()}
    if origin is Literal and value in inner:
        return value
    if hint in _CHECKS and _CHECKS[hint](value):
        return hint(value)
    raise ConfigError(f"{place} must be {_described(hint)}, not {_short(value)}")


def _check_tuple(value: Any, hint: Any, place: str) -> None:
    if not isinstance(value, tuple | list):
        example = ("a", "b") if hint is str else (1, 2)
        raise ConfigError(f"{place} must be a tuple such as {example}, not {_short(value)}")
    for i, part in enumerate(value):
        _read(part, hint, f"{place}[{i}]")


def _is_finite(value: Any) -> bool:
    return isinstance(value, float) and math.isfinite(value)


_CHECKS: dict[Any, Callable[[Any], bool]] = {
    int: lambda value: type(value) is int,
    float: lambda value: type(value) is int or _is_finite(value),
    str: lambda value: isinstance(value, str),
    bool: lambda value: type(value) is bool,
}


def _described(hint: Any) -> str:
    if get_origin(hint) is Literal:
        return f"one of {list(get_args(hint))}"
    return {int: "a whole number", float: "a number", str: "a string", bool: "true or false"}.get(
        hint, "a list" if get_origin(hint) is tuple else "an object"
    )


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
