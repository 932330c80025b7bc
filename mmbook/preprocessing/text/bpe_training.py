"""Which pairs of bytes to merge: learned from text, with the work of each merge kept small."""

import heapq
from collections import Counter, defaultdict
from collections.abc import Iterable
from itertools import pairwise

from mmbook.preprocessing.text.bpe import FIRST_BYTE, BytePairEncoding, pretokenize
from mmbook.preprocessing.text.characters import TextError, checked_words

Pair = tuple[int, int]


def train_bpe(texts: Iterable[str], merges: int, *, fewest: int = 2) -> BytePairEncoding:
    """Learn up to `merges` merges: each time the most frequent pair of neighbouring tokens.

    merge = argmax count(a, b); ties go to the pair with the smaller ids. Ends early when no pair
    occurs `fewest` times. Equal pieces are counted once with a weight. Raises TextError, also
    where the texts are one str, whose letters would be texts.
    """
    if merges < 0 or fewest < 1:
        raise TextError(f"merges must be 0 or more and fewest 1 or more, not {merges}, {fewest}")
    pieces = Counter(piece for text in checked_words(texts, "texts") for piece in pretokenize(text))
    chain = _Chain(pieces)
    learned: list[tuple[bytes, bytes]] = []
    tokens = list(BytePairEncoding([]).tokens)
    ids = {token: index for index, token in enumerate(tokens) if token}
    while len(learned) < merges and (pair := chain.most_frequent(fewest)):
        left, right = (tokens[index] for index in pair)
        product = ids.setdefault(left + right, len(tokens))
        if product == len(tokens):
            tokens.append(left + right)
        chain.merge(pair, product)
        learned.append((left, right))
    return BytePairEncoding(learned)


class _Chain:
    """All pieces as one chain of ids, with an index of the places where each pair stands.

    A merge visits only the places of its pair, and each visit that finds it makes the chain one id
    shorter: all merges together take fewer visits than three times the bytes. The index is never
    cleaned; a place that no longer holds its pair is passed over.
    """

    def __init__(self, pieces: Counter[str]) -> None:
        self.ids: list[int] = []
        self.weights: list[int] = []
        self.after: list[int] = []  # the next id of the same piece, or -1
        self.before: list[int] = []
        self.counts: Counter[Pair] = Counter()
        self.places: defaultdict[Pair, list[int]] = defaultdict(list)
        for piece, weight in pieces.items():
            self._append([FIRST_BYTE + value for value in piece.encode("utf-8")], weight)
        self.heap = [(-count, pair) for pair, count in self.counts.items()]
        heapq.heapify(self.heap)

    def _append(self, ids: list[int], weight: int) -> None:
        start, end = len(self.ids), len(self.ids) + len(ids)
        self.ids += ids
        self.weights += [weight] * len(ids)
        self.after += [*range(start + 1, end), -1]
        self.before += [-1, *range(start, end - 1)]
        for place, pair in enumerate(pairwise(ids), start):
            self.counts[pair] += weight
            self.places[pair].append(place)

    def most_frequent(self, fewest: int) -> Pair | None:
        """The pair with the highest count, or None where that is below `fewest`.

        A count in the heap may be too high, never too low: one that is too high goes back in.
        """
        while self.heap:
            negative, pair = self.heap[0]
            count = self.counts[pair]
            if -negative == count:
                return pair if count >= fewest else None
            if count > 0:
                heapq.heapreplace(self.heap, (-count, pair))
            else:
                heapq.heappop(self.heap)
        return None

    def merge(self, pair: Pair, product: int) -> None:
        """Put `product` wherever the pair stands, from left to right, and count anew around it."""
        ids, after, before, counts = self.ids, self.after, self.before, self.counts
        grown: set[Pair] = set()
        for place in sorted(self.places.pop(pair)):
            right = after[place]
            if ids[place] != pair[0] or right < 0 or ids[right] != pair[1]:
                continue
            weight, left, end = self.weights[place], before[place], after[right]
            counts[pair] -= weight
            ids[place], ids[right], after[place] = product, -1, end
            if left >= 0:
                counts[ids[left], pair[0]] -= weight
                grown.add(self._count((ids[left], product), left, weight))
            if end >= 0:
                before[end] = place
                counts[pair[1], ids[end]] -= weight
                grown.add(self._count((product, ids[end]), place, weight))
        for new in grown:
            heapq.heappush(self.heap, (-counts[new], new))

    def _count(self, pair: Pair, place: int, weight: int) -> Pair:
        self.counts[pair] += weight
        self.places[pair].append(place)
        return pair
