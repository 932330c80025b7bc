import codecs
from pathlib import Path

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mmbook.preprocessing.text.characters import (
    CharacterTokenizer,
    TextError,
    add_typos,
    checked_text,
    mask_characters,
    read_lines,
)
from mmbook.preprocessing.text.special import FIRST, PAD, SPECIAL, UNK
from mmbook.preprocessing.text.tokenizers import encode_batch

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
