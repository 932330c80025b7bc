import codecs
from pathlib import Path

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mmbook.datasets.small.spoken_words import words_of
from mmbook.models.language import next_token_batch
from mmbook.models.ngram import AdditiveSmoothing, KneserNey, count_ngrams
from mmbook.preprocessing.batches import length_buckets, padding_share
from mmbook.preprocessing.text.bag_of_words import BagOfWords, zipf_exponent
from mmbook.preprocessing.text.bpe import BytePairEncoding, pretokenize
from mmbook.preprocessing.text.bpe_training import train_bpe
from mmbook.preprocessing.text.characters import (
    CharacterTokenizer,
    TextError,
    add_typos,
    checked_ids,
    checked_text,
    mask_characters,
    read_lines,
)
from mmbook.preprocessing.text.normalisation import (
    drop_punctuation,
    fold_case,
    is_punctuation,
    normalise,
    to_half_width,
)
from mmbook.preprocessing.text.segmentation import Lexicon, split_characters, word_f1
from mmbook.preprocessing.text.sentences import (
    split_chinese_sentences,
    split_sentences,
    train_punkt,
)
from mmbook.preprocessing.text.special import FIRST, PAD, SPECIAL, UNK
from mmbook.preprocessing.text.tokenizers import encode_batch
from mmbook.preprocessing.text.vocabulary import Vocabulary, pad, unknown_rate
from mmbook.preprocessing.text.words import Lemmatiser, drop_stop_words, ngrams, split_words, stem

TOKENIZER = CharacterTokenizer.of(["three", "三", "seven"])
SENTENCES = st.lists(st.text("threesvn三", min_size=1, max_size=9), max_size=6)


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


@given(st.text("threesvn三"))
def test_known_characters_survive(text):
    ids = TOKENIZER.encode(text)
    assert len(ids) == len(text) and all(FIRST <= index < len(TOKENIZER) for index in ids)
    assert TOKENIZER.decode(ids) == text


def test_the_first_character_comes_after_the_special_tokens():
    assert TOKENIZER.special is SPECIAL
    assert TOKENIZER.characters == "ehnrstv三" and len(TOKENIZER) == 4 + 8
    assert TOKENIZER.encode("e三x") == [4, 11, UNK]
    assert TOKENIZER.decode([2, 4, UNK, 11, 3, 0]) == "e□三"


def test_a_character_may_occur_once():
    with pytest.raises(TextError, match="once only"):
        CharacterTokenizer("abca")


@given(SENTENCES, st.floats(0, 1), st.integers(0, 99))
def test_masking_touches_real_characters_only(sentences, probability, seed):
    ids = encode_batch(TOKENIZER, sentences).values
    masked = mask_characters(ids, probability, seeded(seed))
    assert ((masked == ids) | ((masked == UNK) & (ids != PAD))).all()


def test_masking_has_the_given_probability_for_each_sentence():
    ids = torch.full((3, 20_000), 4)
    masked = mask_characters(ids, torch.tensor([0.0, 0.3, 1.0]), seeded()) == UNK
    shares = masked.float().mean(1)
    assert shares[0] == 0
    assert shares[2] == 1
    assert shares[1] == pytest.approx(0.3, abs=0.02)


def test_typos_are_other_characters_and_uniform():
    size = len(TOKENIZER)
    ids = torch.full((1, 60_000), 6)
    typos = add_typos(ids, 1.0, seeded(), size)
    counts = typos[0].bincount(minlength=size)
    assert counts[[0, 1, 2, 3, 6]].sum() == 0
    others = counts[[i for i in range(FIRST, size) if i != 6]] / 60_000
    torch.testing.assert_close(others, torch.full_like(others, 1 / (size - 5)), atol=0.01, rtol=0)


def test_typos_leave_padding_and_masks():
    ids = torch.tensor([[UNK, 5, PAD]])
    typos = add_typos(ids, 1.0, seeded(), len(TOKENIZER))
    assert typos[0, 0] == UNK
    assert typos[0, 2] == PAD
    assert typos[0, 1] != 5
    assert torch.equal(add_typos(ids, 0.0, seeded(), len(TOKENIZER)), ids)


def test_impossible_requests_are_refused():
    ids = torch.full((2, 3), 4)
    with pytest.raises(ValueError, match="probability"):
        mask_characters(ids, 1.5, seeded())
    with pytest.raises(ValueError, match="2 numbers"):
        mask_characters(ids, torch.zeros(3), seeded())
    with pytest.raises(TextError, match="two real characters"):
        add_typos(ids, 0.5, seeded(), 5)


LINES = st.lists(
    st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\r\n\0"), max_size=9)
)
FRESH = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


@FRESH
@given(LINES, st.data(), st.booleans())
def test_lines_survive_any_mixture_of_ends(tmp_path, lines, data, mark):
    path = tmp_path / "lines.txt"
    ends = [data.draw(st.sampled_from(["\n", "\r\n", "\r"])) for _ in lines]
    text = "".join(line + end for line, end in zip(lines, ends, strict=True))
    # CR before an empty line that ends in LF would be one end: the reader cannot know.
    if "\r" in ends and "" in lines:
        return
    start = codecs.BOM_UTF8 if mark or text.startswith("\ufeff") else b""
    path.write_bytes(start + text.encode())
    assert read_lines(path) == lines


def test_the_last_line_may_lack_its_end(tmp_path: Path):
    path = tmp_path / "captions.txt"
    path.write_bytes(codecs.BOM_UTF8 + "A girl.\r\n\r\n一个女孩。\u2028\x0b".encode())
    assert read_lines(path) == ["A girl.", "", "一个女孩。\u2028\x0b"]
    path.write_bytes(b"")
    assert read_lines(path) == []


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("girl\r\n女孩\n".encode() + "女孩".encode("gb18030"), "line 3, byte 3: ba a2 is not"),
        (b"girl\n" + "Mädchen".encode("latin-1"), "line 2, byte 2: e4 64 63 68"),
        ("girl".encode("utf-16"), "UTF-16"),
        ("girl".encode("utf-16-be"), "line 1: holds a zero byte"),
        ("girl".encode("utf-32"), "UTF-16 or UTF-32"),
    ],
)
def test_other_encodings_are_refused_with_their_place(tmp_path, content, message):
    path = tmp_path / "captions.txt"
    path.write_bytes(content)
    with pytest.raises(TextError, match=message) as error:
        read_lines(path)
    assert str(path) in str(error.value) and "UTF-8" in str(error.value)


@FRESH
@given(st.binary(max_size=40))
def test_any_bytes_are_read_or_refused(tmp_path, content):
    path = tmp_path / "any"
    path.write_bytes(content)
    try:
        lines = read_lines(path)
    except TextError:
        return
    assert all(checked_text(line) == line for line in lines)
    assert not any("\n" in line or "\r" in line for line in lines)


def test_what_is_no_text_is_refused():
    with pytest.raises(TextError, match="caption must be a str, not bytes"):
        checked_text(b"girl", "caption")
    with pytest.raises(TextError, match=r"U\+D83D at character 1"):
        checked_text("a\ud83d")


# What wants lists of words, and what would read the letters of a text as words, each with texts
# where lists belong: the text itself, and a list of texts.
_WORDS = Vocabulary.of([["a", "dog"]])
_BAG = BagOfWords.of([["a", "dog"]])
_SMOOTHED = AdditiveSmoothing.fit([[2, 4, 3]], 2, 1.0, 5)
LISTS_OF_LISTS = {
    "Vocabulary.of": Vocabulary.of,
    "unknown_rate": lambda rows: unknown_rate(rows, _WORDS),
    "pad": pad,
    "BagOfWords.of": BagOfWords.of,
    "BagOfWords.counts": _BAG.counts,
    "BagOfWords.tf_idf": _BAG.tf_idf,
    "Lexicon.of": Lexicon.of,
    "word_f1, found": lambda rows: word_f1(rows, [["a dog"]]),
    "word_f1, reference": lambda rows: word_f1([["a dog"]], rows),
    "count_ngrams": lambda rows: count_ngrams(rows, 2),
    "KneserNey.of": lambda rows: KneserNey.fit(rows, 2, 9),
    "AdditiveSmoothing.of": lambda rows: AdditiveSmoothing.fit(rows, 2, 1.0, 9),
    "log_probabilities": _SMOOTHED.log_probabilities,
}
LISTS = {
    "Vocabulary": Vocabulary,
    "Vocabulary.encode": _WORDS.encode,
    "Vocabulary.decode": _WORDS.decode,
    "CharacterTokenizer.of": CharacterTokenizer.of,
    "CharacterTokenizer.decode": TOKENIZER.decode,
    "encode_batch": lambda texts: encode_batch(TOKENIZER, texts),
    "train_bpe": lambda texts: train_bpe(texts, 3),
    "BytePairEncoding.decode": BytePairEncoding([]).decode,
    "BytePairEncoding.decode_stream": lambda ids: list(BytePairEncoding([]).decode_stream(ids)),
    "drop_stop_words": lambda words: drop_stop_words(words, {"a"}),
    "stop_words": lambda words: drop_stop_words(["a"], words),
    "stem": stem,
    "ngrams": lambda words: ngrams(words, 2),
    "drop_punctuation": drop_punctuation,
    "length_buckets": lambda lengths: length_buckets(lengths, 2),
    "padding_share": lambda lengths: padding_share(lengths, [[0]]),
    "words_of": lambda words: words_of("a dog", words),
    "zipf_exponent": zipf_exponent,
    "Lexicon": Lexicon,
}
TEXTS = {
    "split_words": split_words,
    "split_sentences": split_sentences,
    "split_chinese_sentences": split_chinese_sentences,
    "split_characters": split_characters,
    "pretokenize": pretokenize,
    "BytePairEncoding.encode": BytePairEncoding([]).encode,
    "Lexicon.forward": Lexicon({"a": 1}).forward,
    "Lexicon.backward": Lexicon({"a": 1}).backward,
    "Lexicon.most_probable": Lexicon({"a": 1}).most_probable,
    "Lemmatiser": Lemmatiser.shipped(),
    "is_punctuation": is_punctuation,
    "fold_case": fold_case,
    "normalise": normalise,
    "to_half_width": to_half_width,
    "train_punkt": train_punkt,
    "words_of": lambda text: words_of(text, ["a", "dog"]),
    "CharacterTokenizer": CharacterTokenizer,
    "CharacterTokenizer.encode": TOKENIZER.encode,
}


@pytest.mark.parametrize("text", ["a dog", "", "狗", b"a dog"])
@pytest.mark.parametrize("name", {**LISTS_OF_LISTS, **LISTS})
def test_a_text_is_no_list_of_words(name, text):
    with pytest.raises(TextError):
        {**LISTS_OF_LISTS, **LISTS}[name](text)


@pytest.mark.parametrize("texts", [["a dog"], ["狗"], ("a dog", "a cat"), [["a"], "dog"]])
@pytest.mark.parametrize("name", LISTS_OF_LISTS)
def test_a_list_of_texts_is_no_list_of_lists_of_words(name, texts):
    with pytest.raises(TextError):
        LISTS_OF_LISTS[name](texts)


@pytest.mark.parametrize("words", [["a", 3], ["a", None], [["a"]], 3, None])
@pytest.mark.parametrize(
    "name",
    [name for name in LISTS if name not in ("ngrams", "stop_words")] + ["Vocabulary.of"],
)
def test_what_is_no_word_is_refused(name, words):
    function = {**LISTS, "Vocabulary.of": lambda words: Vocabulary.of([words])}[name]
    with pytest.raises(TextError):
        function(words)


@pytest.mark.parametrize("words", [["a dog"], [], ("a", "dog"), 3, None, b"a dog"])
@pytest.mark.parametrize("name", TEXTS)
def test_a_list_of_words_is_no_text(name, words):
    with pytest.raises(TextError):
        TEXTS[name](words)


@pytest.mark.parametrize("texts", ["a dog", ["a dog"], [["a", "dog"]]])
def test_next_tokens_are_those_of_ids(texts):
    with pytest.raises(ValueError):
        next_token_batch(texts)


def test_generators_of_words_are_read():
    sentences = (iter(["a", "dog"]) for _ in range(2))
    assert Vocabulary.of(sentences).words == ("a", "dog")
    assert train_bpe((text for text in ["aaa aaa"]), 1).merges == ((b"a", b"a"),)


@pytest.mark.parametrize(
    "ids",
    [[0.5], [1.0], ["1"], [None], [-1], [9], torch.tensor([0.5]), [[1]], "1", 1, torch.tensor(1)],
)
def test_what_is_no_id_is_refused(ids):
    with pytest.raises(TextError, match="ids must"):
        list(checked_ids(ids, 9))


@pytest.mark.parametrize("dtype", [torch.uint8, torch.int8, torch.int16, torch.int32, torch.int64])
def test_ids_of_any_integer_type_are_read(dtype):
    many = CharacterTokenizer("".join(map(chr, range(0x4E00, 0x4E00 + 400))))
    ids = torch.tensor([[4, 99, 120]], dtype=dtype)
    assert many.decode(ids[0]) == chr(0x4E00) + chr(0x4E00 + 95) + chr(0x4E00 + 116)
    assert Vocabulary(tuple(map(str, range(400)))).decode(ids[0]) == ["0", "95", "116"]
    assert BytePairEncoding([]).decode(ids[0]) == "\0_t"
    typed = add_typos(ids, 1.0, seeded(), len(many))
    assert ((typed >= FIRST) & (typed < len(many)) & (typed != ids)).all()
    assert (mask_characters(ids, 1.0, seeded()) == UNK).all()


@pytest.mark.parametrize("ids", [[[2.5]], [[True]], [[2j]], [2]])
def test_characters_are_masked_by_their_ids_only(ids):
    for change in (mask_characters, lambda *given: add_typos(*given, 9)):
        with pytest.raises(TextError, match="ids must be whole numbers"):
            change(torch.tensor(ids), 0.5, seeded())


def test_ngrams_count_rows_of_a_tensor_as_their_ids():
    rows = torch.tensor([[2, 4, 4, 3]])
    assert count_ngrams(rows, 2) == count_ngrams(rows.tolist(), 2)
