"""What a thing does, in words that are the same in every process: the key of a cached result."""

import dis
import functools
import hashlib
import inspect
import sys
import types
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from pathlib import PurePath
from typing import Any

import numpy
import torch
from torch import Tensor, nn

FOREIGN = (
    types.BuiltinFunctionType,
    types.MethodDescriptorType,
    types.MethodWrapperType,
    types.WrapperDescriptorType,
    numpy.ufunc,
)
PLAIN = (type(None), bool, int, float, complex, str, bytes, torch.dtype, torch.device)
COLLECTIONS = (list, tuple, set, frozenset)
MAPPINGS = (dict, types.MappingProxyType)  # no others: that of the environment, say, is not fixed
ARRAYS = (Tensor, numpy.ndarray, numpy.number, numpy.bool_)
LIBRARIES = {*sys.stdlib_module_names, "torch", "numpy"}  # what these keep changes of itself
LARGEST = 2**26  # bytes that a module may keep and that are still described by what they hold


def describe(thing: Any) -> str:
    """A text that differs where two functions, objects or values do different things.

    Values, collections and arrays are described by what they hold; an object by its class and
    attributes; a class by its source code, its methods, and the classes that it derives from; a
    function by its name and source code, with its defaults, what it encloses, and what it names of
    its own module: functions, constants, arrays, collections, partial functions and dataclasses.
    Of those too large for it, only kind and size count; those that cannot be described do not. A
    partial function is described with its arguments, and a nested one without source of its own (a
    lambda) by its compiled code.
    Raises ValueError for what cannot be described so, such as an open file or a generator.
    """
    return _describe(thing, ())


def _describe(thing: Any, outer: tuple[int, ...]) -> str:
    """As `describe`; outer: the ids of what the thing is a part of, so that circles end."""
    if isinstance(thing, Enum):
        return f"{_name(type(thing))}.{thing.name}"
    if isinstance(thing, PLAIN):
        return repr(thing)
    if isinstance(thing, PurePath):
        return f"path {str(thing)!r}"
    if id(thing) in outer:
        return f"circle {len(outer) - outer.index(id(thing))}"  # how far out it leads

    def inside(part: Any) -> str:
        return _describe(part, (*outer, id(thing)))

    for kinds, describe_kind in KINDS:
        if isinstance(thing, kinds):
            return describe_kind(thing, inside)
    return _object(thing, inside)


Inside = Callable[[Any], str]


def _array(thing: Any, inside: Inside) -> str:
    if isinstance(thing, numpy.ndarray) and thing.dtype.kind not in "biufc":
        return f"{thing.dtype} {inside(thing.tolist())}"  # of words, or of objects
    values = thing.detach().cpu() if isinstance(thing, Tensor) else torch.as_tensor(thing)
    flat = values.contiguous().flatten().view(torch.uint8).numpy()
    digest = hashlib.sha256(flat.data).hexdigest()
    return f"{values.dtype} {tuple(values.shape)} {digest}"


def _mapping(thing: Mapping[Any, Any], inside: Inside) -> str:
    items = sorted(f"{inside(key)}: {inside(value)}" for key, value in thing.items())
    return f"{{{', '.join(items)}}}"


def _sequence(thing: Any, inside: Inside) -> str:
    return f"{type(thing).__name__}({', '.join(map(inside, thing))})"


def _set(thing: Any, inside: Inside) -> str:
    return f"{type(thing).__name__}({', '.join(sorted(map(inside, thing)))})"


def _partial(thing: Any, inside: Inside) -> str:
    return f"partial({inside(thing.func)}, {inside(thing.args)}, {inside(thing.keywords)})"


def _method(thing: Any, inside: Inside) -> str:
    return f"{inside(thing.__self__)}.{inside(thing.__func__)}"


def _named(thing: Any, inside: Inside) -> str:
    """A function written in another language: its name, and that of what it is bound to."""
    owner = getattr(thing, "__self__", None)
    bound = owner is not None and not isinstance(owner, types.ModuleType)
    return f"{inside(owner)}.{thing.__name__}" if bound else _name(thing)


def _class(thing: type, inside: Inside) -> str:
    if _is_of_library(thing):
        return f"{_name(thing)} {_source(thing)}"
    found = [getattr(v, "__func__", getattr(v, "fget", v)) for v in vars(thing).values()]
    methods = [_found(f, inside) for f in found if isinstance(f, types.FunctionType)]
    bases = [inside(base) for base in thing.__bases__ if not _is_of_library(base)]
    return f"{_name(thing)} {_source(thing)} {methods} {bases}"


def _function(thing: types.FunctionType, inside: Inside) -> str:
    code = thing.__code__
    source = "" if code.co_name == "<lambda>" else _source(thing)  # two may share a line
    parts = [source or _code(code), inside(thing.__defaults__), inside(thing.__kwdefaults__)]
    for name, cell in zip(code.co_freevars, thing.__closure__ or (), strict=True):
        parts.append(f"{name}={inside(cell.cell_contents)}")
    for name in sorted(_global_names(code)):
        value = thing.__globals__.get(name)
        own = isinstance(value, types.FunctionType) and value.__module__ == thing.__module__
        if value is not None and (own or isinstance(value, (*PLAIN, tuple))):
            parts.append(f"{name}={inside(value)}")
        elif _is_kept(value) and not _is_of_library(thing) and (text := _found(value, inside)):
            parts.append(f"{name}={text}")
    return f"{_name(thing)}({', '.join(parts)})"


def _is_of_library(thing: Any) -> bool:
    return (thing.__module__ or "").partition(".")[0] in LIBRARIES


def _is_kept(value: Any) -> bool:
    """Whether a module keeps such a value to be used, which others may change."""
    kinds = (*ARRAYS, *MAPPINGS, *COLLECTIONS, functools.partial)
    return isinstance(value, kinds) or (is_dataclass(value) and not isinstance(value, type))


def _found(thing: Any, inside: Inside) -> str:
    """The digest of what is only named; "" for what cannot be described."""
    try:
        if _is_huge(thing):
            size = getattr(thing, "shape", None) or getattr(thing, "__len__", str)()
            return f"{_name(type(thing))} {size} {getattr(thing, 'dtype', '')}"
        return hashlib.sha256(inside(thing).encode(errors="surrogatepass")).hexdigest()[:16]
    except (ValueError, TypeError, RuntimeError):  # torch's, for an array without values to read
        return ""


def _is_huge(thing: Any) -> bool:
    """Whether to describe what a thing holds would take long: a whole data set, say."""
    waiting, size = [thing], 0
    while waiting and size <= LARGEST:
        part = waiting.pop()
        if isinstance(part, MAPPINGS):
            waiting += [*part.keys(), *part.values()]
        elif isinstance(part, COLLECTIONS):
            waiting += part
        elif isinstance(part, functools.partial):
            waiting += [part.args, part.keywords]
        elif is_dataclass(part) and not isinstance(part, type):
            waiting += [getattr(part, field.name) for field in fields(part)]
        elif isinstance(part, nn.Module):
            waiting += part.state_dict().values()
        # An object takes as long as so many bytes; code longer, for all that it names in turn.
        is_code = isinstance(part, (types.FunctionType, type))
        size += 2**22 if is_code else getattr(part, "nbytes", 2**10)
    return size > LARGEST


def _module(thing: nn.Module, inside: Inside) -> str:
    settings = list(module_settings(thing))
    return f"{thing} {inside(type(thing))} {settings} {inside(dict(thing.state_dict()))}"


_OF_EVERY_MODULE = vars(nn.Module())


def module_settings(model: nn.Module) -> Iterator[str]:
    """What modules keep beside weights: the number of heads, say, shows in neither these nor repr.

    And which weights are frozen.
    """
    for path, module in model.named_modules():
        yield f"{path}: {type(module).__module__}.{type(module).__qualname__}"
        for name, value in sorted(vars(module).items()):
            if name not in _OF_EVERY_MODULE and (callable(value) or _is_plain(value)):
                yield f"{name}={getattr(value, '__qualname__', value)!r}"
    yield f"frozen: {[name for name, p in model.named_parameters() if not p.requires_grad]}"


def _is_plain(value: object) -> bool:
    if isinstance(value, Mapping):
        return all(map(_is_plain, value.values()))
    if isinstance(value, list | tuple):
        return all(map(_is_plain, value))
    return isinstance(value, (*PLAIN, torch.dtype))


def _object(thing: Any, inside: Inside) -> str:
    """Any other object: its class and attributes, which must be all there is to it."""
    if hasattr(thing, "__wrapped__"):  # a function behind a cache
        return inside(thing.__wrapped__)
    if is_dataclass(thing):
        attributes = {field.name: getattr(thing, field.name) for field in fields(thing)}
    elif hasattr(thing, "__dict__") and _is_written_in_python(type(thing)):
        attributes = dict(vars(thing))
    else:
        raise ValueError(
            f"a {_name(type(thing))} cannot be described so that another process would find the "
            "same: use a function, a partial one, or an object with plain attributes"
        )
    return f"{inside(type(thing))} {inside(attributes)}"


def _is_written_in_python(kind: type) -> bool:
    """Whether a class has methods in Python; what another language keeps cannot be seen."""
    return any(
        isinstance(part, types.FunctionType) for c in kind.mro() for part in vars(c).values()
    )


def _name(thing: Any) -> str:
    module = getattr(thing, "__module__", None)
    return f"{module}.{getattr(thing, '__qualname__', thing.__name__)}"


@functools.cache  # to find the source of a class, its whole file is parsed
def _source(thing: Any) -> str:
    """The digest of a function's or a class's source code, or "" where there is none to read."""
    try:
        source = inspect.getsource(thing)
    except (OSError, TypeError):
        return ""
    return hashlib.sha256(source.encode()).hexdigest()[:16]


def _code(code: types.CodeType) -> str:
    """The digest of compiled code: the same wherever this version of Python compiles it."""
    constants = [_code(c) if isinstance(c, types.CodeType) else repr(c) for c in code.co_consts]
    parts = repr((code.co_code, constants, code.co_names, code.co_varnames))
    return hashlib.sha256(parts.encode()).hexdigest()[:16]


def _global_names(code: types.CodeType) -> set[str]:
    """The names that code reads which are not its own; an attribute's is none of them."""
    nested = [c for c in code.co_consts if isinstance(c, types.CodeType)]
    reads = {"LOAD_GLOBAL", "LOAD_NAME", "LOAD_FROM_DICT_OR_GLOBALS"}
    names = {i.argval for i in dis.get_instructions(code) if i.opname in reads}
    return names.union(*map(_global_names, nested))


KINDS: tuple[tuple[Any, Callable[[Any, Inside], str]], ...] = (
    (ARRAYS, _array),
    (Mapping, _mapping),
    ((list, tuple), _sequence),
    ((set, frozenset), _set),
    (functools.partial, _partial),
    (types.MethodType, _method),
    (types.FunctionType, _function),
    (FOREIGN, _named),
    (type, _class),
    (nn.Module, _module),
)
