"""Reading what a publisher released: what is wrong with a file becomes a DataDamagedError."""

import json
import os
import warnings
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import torch
from torch import Tensor
from tqdm.auto import tqdm

from mmbook.datasets.entries import DataDamagedError
from mmbook.datasets.fetching.integrity import refuse_foreign
from mmbook.preprocessing.audio.waveforms import AudioError, read_audio
from mmbook.preprocessing.images.files import read_images
from mmbook.preprocessing.images.transforms import ImageError
from mmbook.preprocessing.text.characters import TextError, read_lines

_IMAGES_AT_ONCE = 256  # between two steps of the progress bar
_T = TypeVar("_T")


def progress(total: int, what: str) -> "tqdm[Any]":
    """A progress bar that stays silent where nobody looks: in logs, tests and notebooks."""
    return tqdm(total=total, desc=what, unit="file", disable=None, leave=False)


def list_files(folder: Path, ending: str) -> list[Path]:
    """The files of a folder with an ending such as ".wav", in any case, sorted by name.

    No file is passed over without a word: a warning counts those of other endings. Hidden files
    and texts (.txt, .md, no ending) are no data and not counted. A missing folder holds nothing.
    """
    files = sorted(path for path in folder.glob("*") if path.is_file())
    chosen = [path for path in files if path.suffix.lower() == ending]
    others = [path for path in files if path.suffix.lower() not in (ending, ".txt", ".md", "")]
    warn_left_out([path for path in others if not path.name.startswith(".")], f"is no {ending}")
    return chosen


def warn_left_out(paths: Collection[Path], why: str) -> None:
    """Warn of files that a set's folder holds and its loader does not read: how many, and one."""
    if paths:
        warnings.warn(f"{len(paths)} files are left out: {min(paths)} {why}", stacklevel=3)


def warn_missing(folder: Path, missing: Sequence[str], way: str) -> None:
    """Warn of what the other files of a set let expect: how much, one, and how to get the set."""
    if missing:
        warnings.warn(
            f"{folder} lacks {len(missing)} files, as {missing[0]}; to get the set: {way}",
            stacklevel=3,
        )


def read_image_files(
    paths: Sequence[Path], size: int, *, fit: str = "stretch", what: str = "images"
) -> Tensor:
    """Decode and resize images on all processors, (n, 3, size, size) uint8.

    fit: as in `mmbook.preprocessing.images.files.read_images`.
    Raises DataDamagedError naming the file that is missing or no image.
    """
    parts = [torch.empty(0, 3, size, size, dtype=torch.uint8)]
    with progress(len(paths), what) as bar:
        for start in range(0, len(paths), _IMAGES_AT_ONCE):
            chosen = paths[start : start + _IMAGES_AT_ONCE]
            try:
                parts.append(read_images(chosen, size, fit=fit))
            except ImageError as error:
                raise DataDamagedError(str(error)) from error
            bar.update(len(chosen))
    return torch.cat(parts)


def read_audio_files(
    paths: Sequence[Path], rate: int, *, seconds: float | None = None, what: str = "sounds"
) -> tuple[Tensor, Tensor]:
    """Decode sounds on all processors, resample them to `rate` and pad them to the longest.

    seconds: where given, longer sounds are cut after that time.
    Returns waveforms (n, samples) float32 and their lengths (n,).
    Raises DataDamagedError naming the file that is missing or no sound.
    """
    longest = None if seconds is None else round(seconds * rate)

    def read(path: Path) -> Tensor:
        try:
            return read_audio(path, rate, resample=True)[:longest]
        except AudioError as error:
            raise DataDamagedError(f"{path} cannot be used: {error}") from error

    clips = _in_parallel(read, paths, what)
    lengths = torch.tensor([len(clip) for clip in clips], dtype=torch.int64)
    waveforms = torch.zeros(len(clips), int(lengths.max()) if clips else 0)
    for row, clip in zip(waveforms, clips, strict=True):
        row[: len(clip)] = clip
    return waveforms, lengths


def _in_parallel(read: Callable[[Path], _T], paths: Sequence[Path], what: str) -> list[_T]:
    """Read all files; libsndfile lets go of Python's lock, so threads are enough."""
    results: list[_T] = []
    with progress(len(paths), what) as bar, ThreadPoolExecutor(os.cpu_count()) as pool:
        try:
            for result in pool.map(read, paths):
                results.append(result)
                bar.update()
        except DataDamagedError:
            pool.shutdown(cancel_futures=True)
            raise
    return results


def read_text(path: Path) -> list[str]:
    """The lines of a UTF-8 file; line n is item n - 1. CR LF and a byte order mark are accepted.

    Raises DataDamagedError naming file and line, or the other file of a set that this one is.
    """
    try:
        refuse_foreign(path, path.read_bytes())
        return read_lines(path)
    except OSError as error:
        raise DataDamagedError(f"cannot read {path}: {error.strerror}") from error
    except TextError as error:
        raise DataDamagedError(str(error)) from error


def read_table(path: Path, columns: int) -> Iterator[tuple[str, list[str]]]:
    """The rows of a tab-separated file with their places, "FILE, line N"; empty lines are skipped.

    Raises DataDamagedError naming the line that has another number of columns.
    """
    for number, line in enumerate(read_text(path), 1):
        if not line.strip():
            continue
        cells, place = line.split("\t"), f"{path}, line {number}"
        if len(cells) != columns:
            raise DataDamagedError(
                f"{place}: has {len(cells)} columns, but {columns} were expected, split by tabs"
            )
        yield place, cells


def read_json(path: Path) -> Any:
    """The content of a JSON file. Raises DataDamagedError naming file and line."""
    text = "\n".join(read_text(path))
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        where = f", line {error.lineno}" if isinstance(error, json.JSONDecodeError) else ""
        raise DataDamagedError(f"{path}{where}: is no JSON: {error}") from error


def check_unique(name: str, seen: set[str], place: str) -> None:
    """Note a name, which may come once only. Raises DataDamagedError naming the place."""
    if name in seen:
        raise DataDamagedError(f"{place}: {name!r} comes a second time")
    seen.add(name)
