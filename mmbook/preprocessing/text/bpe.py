"""Byte-pair encoding: every text in every script becomes tokens of one small vocabulary."""

import codecs
import heapq
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from pathlib import Path
from types import MappingProxyType
from typing import Self

import regex

from mmbook.preprocessing.text.characters import TextError, checked_ids, checked_text
from mmbook.preprocessing.text.special import BOS, EOS, FIRST, SPECIAL

FIRST_BYTE = FIRST  # the ids 4 to 259 are the bytes 0 to 255
FIRST_MERGE = FIRST_BYTE + 256

# GPT-2's cut into pieces, which no token crosses: a word with the blank before it, a number,
# a run of other signs, white space. Every character falls into exactly one piece. Here words and
# numbers keep their marks and joiners (नमस्ते, 1️⃣), which GPT-2 takes for other signs.
PIECES = (
    r"'s|'t|'re|'ve|'m|'ll|'d"
    r"| ?\p{L}[\p{L}\p{M}\u200c\u200d]*"
    r"| ?\p{N}[\p{N}\p{M}]*"
    r"| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
)
_PIECE = regex.compile(PIECES)
KEPT_PIECES, LONGEST_KEPT = 50_000, 64  # bounds of the memory for pieces that come again
_ESCAPE = re.compile(rb"\\(\\|x[0-9a-f]{2})")

Merge = tuple[bytes, bytes]


def pretokenize(text: str) -> list[str]:
    """Cut a text into the pieces that are encoded one by one; joined, they are the text.

    Points and commas are pieces of their own, as GPT-2 has it: "3.14" is 3, ., 14.
    """
    return _PIECE.findall(checked_text(text))


class BytePairEncoding:
    """Tokens made of bytes: ids 0 to 3 are special, 4 to 259 single bytes, then one a merge.

    merges: pairs of tokens that become one, in the order in which they were learned (their rank);
    both parts of a pair are single bytes or products of earlier merges. Nothing is ever unknown, so
    there is no "unk" and its id stays free.
    Sennrich, Haddow and Birch (2016); on bytes: Radford et al. (2019). Raises TextError.
    """

    special: Mapping[str, int] = MappingProxyType(
        {name: index for name, index in SPECIAL.items() if name != "unk"}
    )

    def __init__(self, merges: Iterable[Merge]) -> None:
        self.merges = tuple(merges)
        self.tokens = [b""] * FIRST_BYTE + [bytes([value]) for value in range(256)]
        ids = {token: index for index, token in enumerate(self.tokens) if token}
        self._ranks: dict[tuple[int, int], tuple[int, int]] = {}  # pair: rank, id of the product
        for rank, (left, right) in enumerate(self.merges):
            if left not in ids or right not in ids or (ids[left], ids[right]) in self._ranks:
                raise TextError(
                    f"merge {rank}, {readable(left)!r} with {readable(right)!r}: both must be "
                    "known by then, and not merged before"
                )
            if left + right not in ids:  # two merges may lead to the same bytes
                ids[left + right] = len(self.tokens)
                self.tokens.append(left + right)
            self._ranks[ids[left], ids[right]] = rank, ids[left + right]
        self._kept: dict[str, list[int]] = {}

    def __len__(self) -> int:
        """How many ids there are, special tokens included."""
        return len(self.tokens)

    def encode(self, text: str, *, marks: bool = False) -> list[int]:
        """The ids of a text, none for the empty one; with marks, between BOS and EOS.

        Raises TextError for a lone surrogate, which no UTF-8 exists for.
        """
        ids = [index for piece in pretokenize(text) for index in self._encode_piece(piece)]
        return [BOS, *ids, EOS] if marks else ids

    def decode(self, ids: Iterable[int]) -> str:
        """The text of ids: exactly the text that was encoded. Special tokens become nothing.

        Bytes that are no UTF-8, as when a character is cut in two, become "�". Raises TextError
        where an id is not of this vocabulary.
        """
        known = checked_ids(ids, len(self.tokens))
        return b"".join(self.tokens[index] for index in known).decode("utf-8", "replace")

    def decode_stream(self, ids: Iterable[int]) -> Iterator[str]:
        """The text bit by bit while ids arrive; bytes wait until their character is complete."""
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        for index in checked_ids(ids, len(self.tokens)):
            if text := decoder.decode(self.tokens[index]):
                yield text
        if text := decoder.decode(b"", final=True):
            yield text

    def _encode_piece(self, piece: str) -> list[int]:
        if piece in self._kept:
            return self._kept[piece]
        ids = self._merge([FIRST_BYTE + value for value in piece.encode("utf-8")])
        if len(piece) <= LONGEST_KEPT:
            if len(self._kept) >= KEPT_PIECES:
                self._kept.clear()
            self._kept[piece] = ids
        return ids

    def _merge(self, ids: list[int]) -> list[int]:
        """Merge the pair of the lowest rank, the leftmost first, until no pair has a rank.

        The ids are a chain with links to both neighbours, and the pairs wait in a heap: n ids take
        n log n steps, however long the piece is.
        """
        after, before = list(range(1, len(ids) + 1)), list(range(-1, len(ids) - 1))
        waiting = [
            (self._ranks[pair], place)
            for place, pair in enumerate(pairwise(ids))
            if pair in self._ranks
        ]
        heapq.heapify(waiting)
        while waiting:
            merge, place = heapq.heappop(waiting)
            right = after[place]
            if right == len(ids) or self._ranks.get((ids[place], ids[right])) != merge:
                continue  # one of the two has been merged with its other neighbour
            ids[place], ids[right] = merge[1], -1
            after[place] = after[right]
            if after[place] < len(ids):
                before[after[place]] = place
            for left in (before[place], place):
                if left >= 0 and after[left] < len(ids):
                    found = self._ranks.get((ids[left], ids[after[left]]))
                    if found is not None:
                        heapq.heappush(waiting, (found, left))
        return [index for index in ids if index >= 0]

    def save(self, path: Path) -> None:
        """Write the merges as JSON that a person can read: one pair of tokens a line."""
        pairs = [[readable(left), readable(right)] for left, right in self.merges]
        rows = ",\n".join(json.dumps(pair, ensure_ascii=False) for pair in pairs)
        path.write_text('{"byte-pair merges": [\n' + rows + "\n]}\n", encoding="utf-8")

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read what `save` wrote. Raises TextError where the file holds something else."""
        try:
            pairs = json.loads(path.read_text(encoding="utf-8"))["byte-pair merges"]
            merges = [(from_readable(left), from_readable(right)) for left, right in pairs]
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise TextError(f'{path} is no JSON of "byte-pair merges": {error}') from error
        return cls(merges)


def readable(token: bytes) -> str:
    """A token as text, with \\x.. for bytes that are not UTF-8 by themselves and \\\\ for \\."""
    return token.replace(b"\\", b"\\\\").decode("utf-8", "backslashreplace")


def from_readable(text: str) -> bytes:
    """The token that `readable` wrote."""

    def byte(match: re.Match[bytes]) -> bytes:
        return b"\\" if match[1] == b"\\" else bytes([int(match[1][1:], 16)])

    return _ESCAPE.sub(byte, text.encode("utf-8"))
