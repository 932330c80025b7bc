import itertools
import json
import time
import unicodedata
from collections import Counter

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.text import rust_tokenizer
from mmbook.datasets.small.captions import load_captions
from mmbook.preprocessing.text.bpe import (
    FIRST_BYTE,
    FIRST_MERGE,
    BytePairEncoding,
    from_readable,
    pretokenize,
    readable,
)
from mmbook.preprocessing.text.bpe_training import train_bpe
from mmbook.preprocessing.text.characters import TextError
from mmbook.preprocessing.text.special import BOS, EOS

CAPTIONS = [c.text for language in ("english", "chinese") for c in load_captions(language)]
ENCODING = train_bpe(CAPTIONS, 300)
RUST = rust_tokenizer(ENCODING)
HARD = [
    "",
    " ",
    "  two  spaces \n\n and\ttabs\r\n",
    "e\u0301 é Å Å",
    "👩‍👩‍👧‍👦 🏳️‍🌈 👋🏽",
    "一个女孩在跑步。A girl is running.",
    "don't they'll we've I'm 's",
    "\0\x1b\ufeff\ufffd\U0010ffff",
    "नमस्ते สวัสดี שלום",
    "12,345.67 ②³ⅷ",
]


@given(st.text() | st.sampled_from(HARD))
def test_decoding_undoes_encoding_of_any_text(text):
    ids = ENCODING.encode(text)
    assert ENCODING.decode(ids) == text
    assert "".join(ENCODING.decode_stream(ids)) == text
    assert all(FIRST_BYTE <= index < len(ENCODING) for index in ids)
    assert len(ids) <= len(text.encode())
    assert ENCODING.decode(ENCODING.encode(text, marks=True)) == text
    assert ENCODING.encode(text, marks=True) == [BOS, *ids, EOS]


@given(st.text())
def test_pieces_join_to_the_text(text):
    assert "".join(pretokenize(text)) == text


def test_pieces():
    assert pretokenize("A girl's  2 dogs!\n跑步。") == [
        *("A", " girl", "'s", " ", " 2", " dogs", "!", "\n", "跑步", "。")
    ]


@pytest.mark.parametrize(
    "word",
    [*("नमस्ते", "شَمْس", "می\u200cخواهم", "Cafe\u0301", "สวัสดี", "1️⃣", "#️⃣", "❤️", "👩‍💻"), "👍🏽", "🇨🇳"],
)
def test_marks_and_joiners_part_nothing(word):
    assert pretokenize(f"a {word} b") == ["a", f" {word}", " b"]
    assert pretokenize(word) == [word]


def test_points_and_commas_are_pieces_of_their_own():
    assert pretokenize("3.14 1,000") == ["3", ".", "14", " 1", ",", "000"]


GPT_2 = regex.compile(r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+")


@given(st.text(st.characters(exclude_categories=["M", "Cf", "Cs"])) | st.sampled_from(CAPTIONS))
def test_pieces_without_marks_are_those_of_gpt_2(text):
    assert pretokenize(text) == GPT_2.findall(text)


# The two libraries know different versions of Unicode: characters that are new to either are out.
KNOWN = st.characters(exclude_categories=["Cs", "Cn"], max_codepoint=0x2FFFF).filter(
    lambda sign: unicodedata.ucd_3_2_0.category(sign) != "Cn"
)


@given(st.text(KNOWN) | st.text("a girlxis跑步女孩 。's") | st.sampled_from([*HARD, *CAPTIONS]))
def test_tokens_are_those_of_the_rust_library_with_the_same_merges(text):
    assert [ENCODING.tokens[i] for i in ENCODING.encode(text)] == RUST.tokens(text)


@given(st.lists(st.text("abc", max_size=12), max_size=6), st.text("abc", max_size=40))
def test_merges_with_equal_products_agree_with_the_rust_library(texts, text):
    encoding = train_bpe(texts, 30, fewest=1)
    assert [encoding.tokens[i] for i in encoding.encode(text)] == rust_tokenizer(encoding).tokens(
        text
    )


def naive_training(texts, merges):
    """Count everything anew for each merge."""
    pieces = Counter(piece for text in texts for piece in pretokenize(text))
    chains = [([FIRST_BYTE + b for b in p.encode()], n) for p, n in pieces.items()]
    tokens = list(BytePairEncoding([]).tokens)
    learned = []
    for _ in range(merges):
        counts = Counter()
        for ids, weight in chains:
            for pair in itertools.pairwise(ids):
                counts[pair] += weight
        best = min(counts, key=lambda pair: (-counts[pair], pair), default=None)
        if best is None or counts[best] < 2:
            break
        left, right = tokens[best[0]], tokens[best[1]]
        learned.append((left, right))
        if left + right not in tokens:
            tokens.append(left + right)
        product = tokens.index(left + right)
        for ids, _ in chains:
            place = 0
            while place < len(ids) - 1:
                if (ids[place], ids[place + 1]) == best:
                    ids[place : place + 2] = [product]
                place += 1
    return tuple(learned)


@given(st.lists(st.text("aab 女孩", max_size=30), max_size=8), st.integers(0, 25))
def test_training_equals_counting_anew(texts, merges):
    assert train_bpe(texts, merges).merges == naive_training(texts, merges)


def test_training_equals_counting_anew_on_captions():
    assert ENCODING.merges[:80] == naive_training(CAPTIONS, 80)


def test_the_first_merges_by_hand():
    encoding = train_bpe(["low lower lowest", "low"], 3)
    assert encoding.merges == ((b"l", b"o"), (b"lo", b"w"), (b" ", b"low"))
    assert len(encoding) == FIRST_MERGE + 3


def test_no_merges_leave_bytes():
    encoding = train_bpe([], 10)
    assert encoding.merges == ()
    assert encoding.encode("é") == [FIRST_BYTE + 0xC3, FIRST_BYTE + 0xA9]


def test_a_stream_waits_for_whole_characters():
    encoding = BytePairEncoding([])
    ids = encoding.encode("a女👋")
    assert [encoding.decode([index]) for index in ids[1:4]] == ["�"] * 3
    assert list(encoding.decode_stream(ids)) == ["a", "女", "👋"]
    assert list(encoding.decode_stream(ids[:-1])) == ["a", "女", "�"]


@given(st.lists(st.integers(0, len(ENCODING) - 1)))
def test_any_ids_decode_alike_in_one_go_and_as_a_stream(ids):
    assert "".join(ENCODING.decode_stream(ids)) == ENCODING.decode(ids)


@given(st.binary(max_size=12))
def test_readable_tokens_are_unambiguous(token):
    assert from_readable(readable(token)) == token


def test_a_saved_encoding_is_readable_and_the_same(tmp_path):
    path = tmp_path / "merges.json"
    encoding = train_bpe(["女孩 \\a"] * 2, 99)
    encoding.save(path)
    pairs = json.loads(path.read_text(encoding="utf-8"))["byte-pair merges"]
    assert ["女", "孩"] in pairs and [" ", "\\\\"] in pairs and ["\\xa5", "\\xb3"] in pairs
    for saved in (encoding, ENCODING):
        saved.save(path)
        loaded = BytePairEncoding.load(path)
        assert loaded.merges == saved.merges and loaded.tokens == saved.tokens


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"{}",
        b"\xff",
        b'{"byte-pair merges": [["a"]]}',
        b'{"byte-pair merges": [[1, 2]]}',
    ],
)
def test_another_file_is_refused(tmp_path, content):
    path = tmp_path / "merges.json"
    path.write_bytes(content)
    with pytest.raises(TextError, match="no JSON of"):
        BytePairEncoding.load(path)


@pytest.mark.parametrize("merges", [[(b"ab", b"c")], [(b"a", b"b"), (b"a", b"b")], [(b"", b"a")]])
def test_impossible_merges_are_refused(merges):
    with pytest.raises(TextError, match=f"merge {len(merges) - 1}, "):
        BytePairEncoding(merges)


def test_impossible_requests_are_refused():
    for bad in ("a\ud83d", b"a", None):
        with pytest.raises(TextError):
            ENCODING.encode(bad)
    with pytest.raises(TextError, match="got -1"):
        ENCODING.decode([-1])
    with pytest.raises(TextError, match="0 or more"):
        train_bpe([], -1)
    with pytest.raises(TextError, match="surrogate"):
        train_bpe(["\udfff"], 1)


@pytest.mark.parametrize("pattern", ["a", "girl", "the dog ", "一个女孩", " ", "!?"])
def test_a_long_text_takes_time_in_proportion(pattern):
    def seconds(repeats: int) -> float:
        encoding = BytePairEncoding(ENCODING.merges)
        started = time.process_time()
        encoding.encode(pattern * repeats)
        return time.process_time() - started

    assert seconds(8000) < 3 * 8 * max(seconds(1000), 0.005)


def test_training_on_one_long_word_ends_soon():
    started = time.process_time()
    assert len(train_bpe(["abcde" * 10_000 + "edcba" * 10_000], 500).merges) > 10
    assert time.process_time() - started < 10


def test_the_memory_for_pieces_is_bounded(monkeypatch):
    monkeypatch.setattr("mmbook.preprocessing.text.bpe.KEPT_PIECES", 10)
    encoding = BytePairEncoding([])
    encoding.encode(" ".join(map(str, range(1000))) + " " + "x" * 100)
    assert len(encoding._kept) <= 10
    assert "x" * 100 not in encoding._kept
