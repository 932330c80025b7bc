"""Photographs of COCO that may be shown, because their licence is CC BY or CC BY-SA."""

from collections import defaultdict
from pathlib import Path
from typing import Any

from mmbook.datasets.collections import CaptionedImages
from mmbook.datasets.entries import DataDamagedError, RealSet
from mmbook.datasets.real.files import (
    check_unique,
    list_files,
    read_image_files,
    read_json,
    warn_left_out,
)
from mmbook.datasets.splits import check_limit, check_split

COCO_CC = RealSet(
    name="coco-cc",
    splits=("train", "validation", "all"),
    title="COCO, images under CC BY and CC BY-SA",
    what="111 photographs of everyday scenes with five English captions, a licence and a source "
    "each. COCO's split of 2017: 26 train, 85 validation.",
    teaches="photographs that may be shown, cut and printed",
    size="3 MB",
    licence="CC BY 2.0 (69), CC BY-SA 2.0 (42); captions CC BY 4.0",
    homepage="https://cocodataset.org",
    citations=("lin2014microsoft", "chen2015microsoft"),
    folder="coco-cc",
    layout="captions.json and images/*.jpg, or COCO's annotations, train2017 and val2017",
    by_hand="Take the captions and images of 2017 from https://cocodataset.org/#download and put "
    "annotations, train2017 and val2017 into coco-cc; what may not be shown is left out.",
)

_MAY_BE_SHOWN = (4, 5)  # COCO's numbers of CC BY 2.0 and CC BY-SA 2.0
_SPLITS = {"train": ("train2017",), "validation": ("val2017",), "all": ("train2017", "val2017")}
_TEXTS = ("file", "split", "license", "license_url", "flickr_url")


def load_coco_cc(
    split: str, *, size: int = 224, fit: str = "crop", limit: int | None = None
) -> CaptionedImages:
    """Photographs with five English captions each, and the credit that must be shown with them.

    Read is captions.json or, where that is missing, COCO's annotations/ beside its train2017/ and
    val2017/, of which only images under CC BY or CC BY-SA are taken.
    split: "train" or "validation", which are COCO's of 2017, or "all". size, fit: how they are
    brought to one shape (`mmbook.preprocessing.images.files.read_images`). limit: only so many.
    """
    check_split(split, tuple(_SPLITS))
    check_limit(limit)
    folder = COCO_CC.locate()
    table = folder / "captions.json"
    entries = _listed(table) if table.exists() else _of_coco(folder)
    chosen = [entry for entry in entries if entry["split"] in _SPLITS[split]][:limit]
    files = tuple(folder / entry["file"] for entry in chosen)
    return CaptionedImages(
        images=read_image_files(files, size, fit=fit, what=COCO_CC.title),
        names=tuple(file.name for file in files),
        captions={"en": tuple(tuple(entry["captions"]) for entry in chosen)},
        credits=tuple(
            f"{entry['license']} {entry['license_url']}, from {entry['flickr_url']}"
            for entry in chosen
        ),
        files=files,
    )


def _listed(path: Path) -> list[dict[str, Any]]:
    """The images of captions.json, one entry each, checked."""
    entries = read_json(path)
    if not isinstance(entries, list):
        raise DataDamagedError(f"{path} should hold a list of images")
    seen: set[str] = set()
    for number, entry in enumerate(entries):
        _check(entry, f"{path}, entry {number}")
        check_unique(entry["file"], seen, f"{path}, entry {number}")
    others = [file for file in list_files(path.parent / "images", ".jpg")]
    others = [file for file in others if f"images/{file.name}" not in seen]
    warn_left_out(others, f"is not in {path.name}")
    return entries


def _of_coco(folder: Path) -> list[dict[str, Any]]:
    """The same entries from COCO's own files, for the images that are there and may be shown."""
    entries = []
    for split in _SPLITS["all"]:
        path = COCO_CC.part(f"annotations/captions_{split}.json")
        content = read_json(path)
        try:
            licences = {entry["id"]: entry for entry in content["licenses"]}
            captions: dict[int, list[str]] = defaultdict(list)
            for annotation in content["annotations"]:
                captions[annotation["image_id"]].append(annotation["caption"].strip())
            for image in content["images"]:
                file = f"{split}/{image['file_name']}"
                if image["license"] not in _MAY_BE_SHOWN or not (folder / file).is_file():
                    continue
                licence = licences[image["license"]]
                entry = {
                    "file": file,
                    "split": split,
                    "license": licence["name"],
                    "license_url": licence["url"],
                    "flickr_url": image["flickr_url"],
                    "captions": captions[image["id"]],
                }
                _check(entry, f"{path}, image {file}")
                entries.append(entry)
        except (AttributeError, KeyError, TypeError) as error:
            raise DataDamagedError(f"{path} is no file of COCO's captions: {error!r}") from error
    return entries


def _check(entry: Any, place: str) -> None:
    """Raise DataDamagedError unless an entry has what is read of it."""
    if not isinstance(entry, dict) or not all(isinstance(entry.get(k), str) for k in _TEXTS):
        raise DataDamagedError(f"{place}: should have the texts {', '.join(_TEXTS)}")
    captions = entry.get("captions")
    texts = isinstance(captions, list) and all(isinstance(c, str) and c for c in captions)
    if not captions or not texts:
        raise DataDamagedError(f"{place}: should have a list of captions, has {captions!r:.80}")
    if entry["split"] not in _SPLITS["all"]:
        raise DataDamagedError(f"{place}: the split {entry['split']!r} is none of COCO's of 2017")
