"""Every tokenizer keeps the same promises, whatever its tokens are."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from mmbook.preprocessing.text.bpe_training import train_bpe
from mmbook.preprocessing.text.characters import CharacterTokenizer, TextError
from mmbook.preprocessing.text.segmentation import Lexicon
from mmbook.preprocessing.text.special import BOS, EOS, FIRST, PAD, SPECIAL, UNK
from mmbook.preprocessing.text.tokenizers import (
    Tokenizer,
    WordTokenizer,
    encode_batch,
    plain_words,
)
from mmbook.preprocessing.text.vocabulary import Vocabulary

KNOWN = ["A dog runs.", "a red dog", "生命起源"]
TOKENIZERS: dict[str, Tokenizer] = {
    "characters": CharacterTokenizer.of(KNOWN),
    "words": WordTokenizer(Vocabulary.of([["a", "dog", "runs", "red"]]), plain_words),
    "byte pairs": train_bpe(KNOWN, 5),
    "Chinese": WordTokenizer.chinese(Lexicon({"研究": 5, "研究生": 3, "生命": 5, "起源": 2})),
}
EVERY = pytest.mark.parametrize("tokenizer", TOKENIZERS.values(), ids=TOKENIZERS)
TEXTS = st.text(st.characters(exclude_categories=["Cs"])) | st.sampled_from(
    ["<pad>", "<unk> <bos> <eos>", "<eos>", *KNOWN, "研究生命的起源"]
)


def test_special_ids_mean_the_same_everywhere() -> None:
    assert dict(SPECIAL) == {"pad": 0, "unk": 1, "bos": 2, "eos": 3}
    assert (PAD, UNK, BOS, EOS, FIRST) == (0, 1, 2, 3, 4)
    for name, tokenizer in TOKENIZERS.items():
        assert set(tokenizer.special.items()) <= set(SPECIAL.items()), name
        assert {"pad", "bos", "eos"} <= set(tokenizer.special), name
    assert "unk" not in TOKENIZERS["byte pairs"].special


@EVERY
@given(text=TEXTS)
def test_no_text_becomes_a_special_token_but_unknown(tokenizer: Tokenizer, text: str) -> None:
    ids = tokenizer.encode(text)
    unknown = {tokenizer.special["unk"]} if "unk" in tokenizer.special else set()
    assert all(FIRST <= index < len(tokenizer) or index in unknown for index in ids)


@EVERY
@given(text=TEXTS)
def test_special_tokens_around_a_text_are_not_read(tokenizer: Tokenizer, text: str) -> None:
    ids = tokenizer.encode(text)
    assert tokenizer.decode([BOS, *ids, EOS, PAD, PAD]) == tokenizer.decode(ids)
    assert tokenizer.decode(torch.tensor(ids, dtype=torch.int64)) == tokenizer.decode(ids)


@pytest.mark.parametrize(
    ("name", "text", "back"),
    [
        ("characters", "a dog", "a dog"),
        ("characters", "a cat", "a □a□"),
        ("words", "A red DOG runs!", "a red dog runs"),
        ("words", "a cat runs", "a <unk> runs"),
        ("byte pairs", "a cat, 一只猫 👩‍👩‍👧", "a cat, 一只猫 👩‍👩‍👧"),
        ("Chinese", "研究生命起源", "研究生命起源"),
        ("Chinese", "研究猫", "研究<unk>"),
    ],
)
def test_what_comes_back(name: str, text: str, back: str) -> None:
    assert TOKENIZERS[name].decode(TOKENIZERS[name].encode(text)) == back


def test_chinese_words_are_cut_in_the_most_probable_way() -> None:
    tokenizer = TOKENIZERS["Chinese"]
    assert [tokenizer.decode([i]) for i in tokenizer.encode("研究生命起源")] == [
        "研究",
        "生命",
        "起源",
    ]


@EVERY
@pytest.mark.parametrize(
    "ids", [[-1], [10_000], [4.0], [[4]], torch.zeros(1, 2, dtype=torch.int64)]
)
def test_what_is_no_id_is_refused(tokenizer: Tokenizer, ids) -> None:
    with pytest.raises(TextError, match="ids must"):
        tokenizer.decode(ids)


@EVERY
@pytest.mark.parametrize("text", [b"dog", None, 3, ["a", "dog"], "a\ud83d"])
def test_what_is_no_text_is_refused(tokenizer: Tokenizer, text) -> None:
    with pytest.raises(TextError, match=r"text must be a str|surrogate"):
        tokenizer.encode(text)


@EVERY
def test_texts_of_any_length_are_one_rectangle(tokenizer: Tokenizer) -> None:
    texts = ["a red dog", "dog", "研究生命"]
    padded = encode_batch(tokenizer, texts)
    rows = [tokenizer.encode(text) for text in texts]
    assert padded.values.shape == (3, max(map(len, rows)))
    assert [row[m].tolist() for row, m in zip(padded.values, padded.mask, strict=True)] == rows
    assert (padded.values[~padded.mask] == PAD).all()
    assert encode_batch(tokenizer, texts, 40).values.shape == (3, 40)
    with pytest.raises(TextError, match="text 1, '', is empty"):
        encode_batch(tokenizer, ["dog", ""])
    with pytest.raises(TextError, match="only 0 fit"):
        encode_batch(tokenizer, ["dog"], 0)
    with pytest.raises(TextError, match="texts must be a list of texts, not one str"):
        encode_batch(tokenizer, "a dog")


def test_no_texts_are_an_empty_rectangle() -> None:
    assert encode_batch(TOKENIZERS["characters"], []).values.shape == (0, 0)


@pytest.mark.parametrize("sign", ["#️⃣", "*️⃣", "#⃣", "1️⃣"])
def test_keycaps_are_no_plain_words(sign):
    assert plain_words(f"{sign} ok") == ["ok"]
