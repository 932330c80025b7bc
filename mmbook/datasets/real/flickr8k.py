"""Flickr8k with its English captions, and Flickr8k-CN with Chinese ones by native speakers."""

import re
from collections.abc import Sequence

from mmbook.datasets.collections import CaptionedImages
from mmbook.datasets.entries import DataDamagedError, RealSet
from mmbook.datasets.fetching.published import plain, raw
from mmbook.datasets.real.files import check_unique, read_image_files, read_text
from mmbook.datasets.splits import check_limit, check_split

_FLICKR8K_CN = raw("li-xirong/flickr8kcn", "a19b9aa4a7ad2a42741460d9f47385637ae270cd")
_FLICKR8K = """
flickr8ktrain.txt 130678 4c01163d47c7b9054bb6352fc6e09c6c9fc37fadb959c58533f3f753b41c1fd4
flickr8kval.txt 21801 cc46ffbc02da82394994fa0750b5e6084b33c332204b30281e6fb95f1072aaf5
flickr8ktest.txt 21775 0c4b7315648cb1f874be5edd6a251525808f30a18b0a75ac1548278162ebc228
flickr8kenc.caption.txt 3557077 7a883a523b3784e70d05f5678f89b1c4b6edb80cbb47f174d4a7f9351335b18d
flickr8kzhc.caption.txt 2420330 298918f03fb332911df3cda128a7a56f1f47c0513531c4f22eeecbea7d780bbb
flickr8kzhmtest.captions.txt 437729 705301a736afb507d59f9245c342649493061331567d82db5785a07eb97470c3
"""
FLICKR8K = RealSet(
    name="flickr8k",
    splits=("train", "validation", "test"),
    title="Flickr8k and Flickr8k-CN",
    what="8091 photographs with five captions in English and five by native speakers in Chinese. "
    "Official split: 6000 train, 1000 validation, 1000 test, which has translations too.",
    teaches="captions and retrieval in two languages",
    size="1 GB as published, 35 MB at 112 × 112 pixels",
    licence="research and teaching only; the photographs belong to Flickr users",
    homepage="https://github.com/li-xirong/flickr8kcn",
    citations=("hodosh2013framing", "li2016adding"),
    folder="flickr8k",
    layout="images/*.jpg, flickr8k{train,val,test}.txt, flickr8k{enc,zhc}.caption.txt",
    sources=plain(_FLICKR8K, _FLICKR8K_CN + "/data/{}", "flickr8k/{}"),
    by_hand="Ask for the photographs at https://hockenmaier.cs.illinois.edu/8k-pictures.html and "
    "put them into flickr8k/images.",
    research_only=True,
)

_LISTS = {"train": "flickr8ktrain.txt", "validation": "flickr8kval.txt", "test": "flickr8ktest.txt"}
_CAPTIONS = {
    "en": "flickr8kenc.caption.txt",
    "zh": "flickr8kzhc.caption.txt",
    "zh-translated": "flickr8kzhmtest.captions.txt",
}
_LINE = re.compile(r"(?P<name>[^#]+)#\w+#(?P<number>\d+)\s+(?P<caption>.*\S)\s*")


def load_flickr8k(
    split: str,
    *,
    size: int = 112,
    fit: str = "crop",
    languages: Sequence[str] = ("en", "zh"),
    limit: int | None = None,
) -> CaptionedImages:
    """Photographs with five captions a language, in the split of the publishers.

    split: "train" (6000), "validation" (1000) or "test" (1000). size, fit: how the images are
    brought to one shape (`mmbook.preprocessing.images.files.read_images`). languages: "en", "zh"
    (written by native speakers) and, for the test split, "zh-translated" (by people, from
    English). limit: only so many images are decoded.
    """
    names, captions = load_flickr8k_captions(split, languages=languages, limit=limit)
    folder = FLICKR8K.part("images")
    files = tuple(folder / name for name in names)
    return CaptionedImages(
        images=read_image_files(files, size, fit=fit, what=FLICKR8K.title),
        names=tuple(names),
        captions=captions,
        credits=("",) * len(names),
        files=files,
    )


def load_flickr8k_captions(
    split: str, *, languages: Sequence[str] = ("en", "zh"), limit: int | None = None
) -> tuple[list[str], dict[str, tuple[tuple[str, ...], ...]]]:
    """The files of a split's images, and {language: the captions of each}, without the images.

    split, languages, limit: as in `load_flickr8k`.
    """
    check_split(split, tuple(_LISTS))
    check_limit(limit)
    allowed = [name for name in _CAPTIONS if split == "test" or name != "zh-translated"]
    if set(languages) - set(allowed):
        raise ValueError(f"{split} has captions in {allowed}, not in all of {list(languages)}")
    names = _listed(split)[:limit]
    return names, {language: _captions(_CAPTIONS[language], names) for language in languages}


def photograph(name: str) -> str:
    """Flickr's number of a photograph, which files of Flickr8k and of Multi30k begin with.

    Images of the two sets with the same number are the same: a model that was trained on one
    set knows test images of the other.
    """
    return re.split(r"[_.]", name, maxsplit=1)[0]


def _listed(split: str) -> list[str]:
    """The files of a split's images. Raises DataDamagedError where one is in two splits."""
    seen: set[str] = set()
    lists: dict[str, list[str]] = {}
    for name, file in _LISTS.items():
        path = FLICKR8K.part(file)
        lines = [(number, line.strip()) for number, line in enumerate(read_text(path), 1)]
        lists[name] = [f"{line.removesuffix('.jpg')}.jpg" for _, line in lines if line]
        for number, line in lines:
            if line:
                check_unique(line.removesuffix(".jpg"), seen, f"{path}, line {number}")
    return lists[split]


def _captions(file: str, names: Sequence[str]) -> tuple[tuple[str, ...], ...]:
    """The captions of each image, in the order of their numbers."""
    path = FLICKR8K.part(file)
    found: dict[str, dict[int, str]] = {name: {} for name in names}
    for number, line in enumerate(read_text(path), 1):
        if line.strip():
            _collect(line, found, f"{path}, line {number}")
    without = [name for name, captions in found.items() if not captions]
    if without:
        raise DataDamagedError(f"{path} has no caption of {without[0]}, which the split lists")
    return tuple(tuple(text for _, text in sorted(found[name].items())) for name in names)


def _collect(line: str, found: dict[str, dict[int, str]], place: str) -> None:
    """Put the caption of a line where it belongs; captions of other images are left out."""
    match = _LINE.fullmatch(line)
    if match is None:
        raise DataDamagedError(f"{place}: should be 'image.jpg#language#number caption'")
    captions = found.get(match["name"])
    if captions is None:
        return
    if int(match["number"]) in captions:
        raise DataDamagedError(f"{place}: caption {match['number']} of {match['name']} comes twice")
    captions[int(match["number"])] = match["caption"]
