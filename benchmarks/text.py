"""The speed of step 1 for text."""

import random
import time

from tokenizers import Regex, Tokenizer
from tokenizers.models import BPE
from tokenizers.pre_tokenizers import ByteLevel, Sequence, Split

from benchmarks.compare import compare
from mmbook.datasets.entries import DataMissingError
from mmbook.datasets.real.tatoeba import load_tatoeba
from mmbook.datasets.small.captions import load_captions
from mmbook.preprocessing.text.bpe import PIECES, BytePairEncoding
from mmbook.preprocessing.text.bpe_training import train_bpe

PAIRS, MERGES, ENCODED = 6600, 2000, 2000


class RustTokenizer:
    """The library `tokenizers` with the merges of an encoding of ours."""

    def __init__(self, encoding: BytePairEncoding) -> None:
        self.signs = byte_signs()
        self.bytes = {sign: value for value, sign in enumerate(self.signs)}
        known = sorted({self._written(token) for token in encoding.tokens if token})
        self.model = Tokenizer(
            BPE(
                vocab={token: index for index, token in enumerate(known)},
                merges=[(self._written(a), self._written(b)) for a, b in encoding.merges],
            )
        )
        pieces = Regex(PIECES.replace(r"\u200c\u200d", "\u200c\u200d"))  # it knows no \u
        self.model.pre_tokenizer = Sequence(
            [Split(pieces, "isolated"), ByteLevel(add_prefix_space=False, use_regex=False)]
        )

    def _written(self, token: bytes) -> str:
        return "".join(self.signs[value] for value in token)

    def tokens(self, text: str) -> list[bytes]:
        """The bytes of each token."""
        found = self.model.encode(text).tokens
        return [bytes(self.bytes[sign] for sign in token) for token in found]


def byte_signs() -> list[str]:
    """The printable character that the library writes for each byte, as GPT-2 did."""
    plain = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = [value for value in range(256) if value not in plain]
    signs = dict(zip(plain, plain, strict=True))
    signs |= {value: 256 + place for place, value in enumerate(others)}
    return [chr(signs[value]) for value in range(256)]


def rust_tokenizer(encoding: BytePairEncoding) -> RustTokenizer:
    """The reference with the same merges."""
    return RustTokenizer(encoding)


def sentences() -> tuple[str, list[str]]:
    """Tatoeba's sentences, or as many random rows of words of the shipped captions, mixed."""
    generator = random.Random(0)
    try:
        pairs = load_tatoeba("train").sentences
        rows = generator.sample(range(len(pairs["en"])), PAIRS)
        pairs = {language: [pairs[language][row] for row in rows] for language in ("en", "zh")}
        name = "Tatoeba"
    except DataMissingError:
        english = " ".join(c.text for c in load_captions("english")).split()
        chinese = [word for c in load_captions("chinese") for word in c.words]
        pairs = {
            "en": [" ".join(generator.choices(english, k=6)) for _ in range(PAIRS)],
            "zh": ["".join(generator.choices(chinese, k=6)) for _ in range(PAIRS)],
        }
        name = "generated text"
    texts = [*pairs["en"], *pairs["zh"]]
    generator.shuffle(texts)
    return name, texts


def byte_pairs() -> None:
    """Training in seconds; encoding against `tokenizers`, with nothing kept and with all kept."""
    name, texts = sentences()
    started = time.process_time()
    encoding = train_bpe(texts, MERGES)
    seconds = time.process_time() - started
    title = f"BPE, {len(encoding.merges)} merges of {PAIRS} pairs of {name}"
    print(f"{title:58} {seconds:6.2f} s of one core")
    rust, texts = rust_tokenizer(encoding), texts[:ENCODED]

    def fresh() -> list[list[int]]:
        return [new.encode(text) for new in [BytePairEncoding(encoding.merges)] for text in texts]

    def kept() -> list[list[int]]:
        return [encoding.encode(text) for text in texts]

    def reference() -> list[list[int]]:
        return [rust.model.encode(text).ids for text in texts]

    assert [len(ids) for ids in kept()] == [len(ids) for ids in reference()]
    compare(f"BPE encoding of {ENCODED} sentences, first time / tokenizers", fresh, reference)
    compare(f"BPE encoding of {ENCODED} sentences, seen before / tokenizers", kept, reference)


BENCHMARKS = (byte_pairs,)
