"""Emoji, the groups of those that look or are named almost alike, and splits of whole groups."""

import random
import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from mmbook.datasets.collections import Emoji

# The loader's families, by which it splits: variants of one image and equal images.
from mmbook.datasets.real.emoji import LANGUAGES, list_emoji, load_emoji
from mmbook.datasets.real.emoji import _groups as families
from mmbook.datasets.splits import connected
from mmbook.experiments.emoji_retrieval.pictures import gradient_histograms
from mmbook.preprocessing.images.near_duplicates import hamming_distance, perceptual_hash

KEYCAPS = ("\u20e3", "\U0001f51f")  # what makes one of a digit, and that of ten
FLAG_LETTERS, TAGS = range(0x1F1E6, 0x1F200), range(0xE0000, 0xE0080)
ALIKE = 0.87  # cosine of histograms of gradients from which two pictures are near-equal
BITS = 4  # in which fingerprints of near-equal pictures differ at most
# Words that tell variants of one picture apart, and are no part of what the picture is.
_VARYING = frozenset(
    (
        *("man", "men", "woman", "women", "person", "people", "adult", "child", "boy", "girl"),
        *("male", "female", "red", "orange", "yellow", "green", "blue", "purple", "brown", "black"),
        *("white", "grey", "light", "dark", "small", "medium", "large", "left", "right", "up"),
        "down",
    )
)


@dataclass(frozen=True, eq=False)
class Grouped:
    """Emoji without flags and keycaps, with the group of each: (n,) numbers."""

    emoji: Emoji
    groups: Tensor


@dataclass(frozen=True, eq=False)
class Split:
    """Rows of training, validation and test, each sorted."""

    train: Tensor
    validation: Tensor
    test: Tensor


def load_grouped() -> Grouped:
    """All emoji in all languages; those with one name stem, near-equal pixels or a family in common
    are one group, directly or through others.

    Raises DataMissingError and DataDamagedError as the loader does.
    """
    emoji = load_emoji("all", languages=LANGUAGES)
    emoji = emoji[torch.tensor([is_picture(text) for text in emoji.characters])]
    family = families(list_emoji())
    by_file = {row.path: family[row.codepoints] for row in list_emoji()}
    links = [(f"{i:05}", f"family {by_file[file]}") for i, file in enumerate(emoji.files)]
    links += [(f"{i:05}", f"stem {stem(name)}") for i, name in enumerate(emoji.names["en"])]
    links += [(f"{i:05}", f"{j:05}") for i, j in near_equal(emoji.images).nonzero().tolist()]
    found = connected(links)
    heads = [found[f"{i:05}"] for i in range(len(emoji))]
    numbers = {head: number for number, head in enumerate(sorted(set(heads)))}
    return Grouped(emoji, torch.tensor([numbers[head] for head in heads]))


def is_picture(character: str) -> bool:
    """Whether an emoji is neither a keycap nor the flag of a country or region."""
    points = [ord(part) for part in character]
    flag = any(point in FLAG_LETTERS or point in TAGS for point in points)
    return not flag and not any(keycap in character for keycap in KEYCAPS)


def stem(name: str) -> str:
    """An English name without what only tells variants apart: what follows ":", colours, sides,
    people, hours; the whole name where nothing else is left.
    """
    words = re.findall(r"[^\W\d_]+", name.lower().partition(":")[0].replace("’", ""))
    return " ".join(word for word in words if word not in _VARYING) or name.lower()


def near_equal(images: Tensor) -> Tensor:
    """(n, n) boolean: pictures whose gradients, or fingerprints, are almost the same."""
    gradients = gradient_histograms(images)
    prints = perceptual_hash(images)
    return (gradients @ gradients.T > ALIKE) | (hamming_distance(prints, prints) <= BITS)


def split_groups(groups: Tensor, seed: int, validation: int, test: int) -> Split:
    """Whole groups by chance: `test` and `validation` rows, and all others for training.

    A group goes to the first of test, validation and training that has room for all of it; fewer
    rows than asked for are there only where no group fills what is left.
    """
    members: dict[int, list[int]] = defaultdict(list)
    for row, group in enumerate(groups.tolist()):
        members[group].append(row)
    order = sorted(members)
    random.Random(seed).shuffle(order)
    parts: dict[str, list[int]] = {"test": [], "validation": [], "train": []}
    room = {"test": test, "validation": validation, "train": len(groups)}
    for group in order:
        part = next(p for p in parts if len(parts[p]) + len(members[group]) <= room[p])
        parts[part] += members[group]
    return Split(**{part: torch.tensor(sorted(rows)) for part, rows in parts.items()})


def share_of_groups(groups: Tensor, rows: Tensor, share: float, seed: int) -> Tensor:
    """The rows of a share of the groups that they belong to, by chance; sorted."""
    there = groups[rows].unique()
    generator = torch.Generator().manual_seed(seed)
    kept = there[torch.randperm(len(there), generator=generator)[: round(share * len(there))]]
    return rows[torch.isin(groups[rows], kept)]


def phrases(emoji: Emoji, language: str) -> list[tuple[str, ...]]:
    """For each emoji its name and then its keywords, none twice."""
    return [
        tuple(dict.fromkeys((name, *keywords)))
        for name, keywords in zip(emoji.names[language], emoji.keywords[language], strict=True)
    ]


def pieces(phrase: str) -> list[str]:
    """Words and what is in them: 3 and 4 letters in a row with the word's ends as "<" and ">";
    of Chinese and Japanese writing each character and each two in a row.
    """
    found: list[str] = []
    for word in re.findall(r"[\u3040-\u9fff]+|[^\W\u3040-\u9fff]+", phrase.lower()):
        if "\u3040" <= word[0] <= "\u9fff":
            found += [*word, *(word[i : i + 2] for i in range(len(word) - 1))]
        else:
            ends = f"<{word}>"
            found += [ends, *_runs(ends, 3), *_runs(ends, 4)]
    return found


def _runs(text: str, length: int) -> Sequence[str]:
    return [text[i : i + length] for i in range(len(text) - length + 1) if length < len(text)]
