import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from mmbook.preprocessing.text import (
    PADDING,
    UNKNOWN,
    CharacterVocabulary,
    TextError,
    add_typos,
    mask_characters,
)

VOCABULARY = CharacterVocabulary.of(["three", "三", "seven"])
SENTENCES = st.lists(st.text("threesvn三", min_size=1, max_size=9), max_size=6)


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


@given(SENTENCES)
def test_known_sentences_survive(sentences):
    ids = VOCABULARY.encode(sentences)
    assert ids.shape == (len(sentences), max(map(len, sentences), default=0))
    assert ids.dtype == torch.int64
    assert VOCABULARY.decode(ids) == sentences


def test_padding_and_unknown_characters():
    ids = VOCABULARY.encode(["三x", "three"], length=6)
    assert ids.shape == (2, 6)
    assert ids[0, 1:].tolist() == [UNKNOWN, *[PADDING] * 4]
    assert VOCABULARY.decode(ids) == ["三□", "three"]
    assert len(VOCABULARY) == 2 + len(set("three三seven"))


@pytest.mark.parametrize("empty", ["", "  \n"])
def test_an_empty_sentence_is_refused_with_its_place(empty):
    with pytest.raises(TextError, match="sentence 1 is empty"):
        VOCABULARY.encode(["three", empty])


def test_other_bad_text_is_refused():
    with pytest.raises(TextError, match="5 characters, but only 3"):
        VOCABULARY.encode(["three"], length=3)
    with pytest.raises(TextError, match="once only"):
        CharacterVocabulary("abca")
    with pytest.raises(TextError, match=r"0\.\."):
        VOCABULARY.decode(torch.tensor([[99]]))
    with pytest.raises(TextError, match="shape"):
        VOCABULARY.decode(torch.tensor([2]))


@given(SENTENCES, st.floats(0, 1), st.integers(0, 99))
def test_masking_touches_real_characters_only(sentences, probability, seed):
    ids = VOCABULARY.encode(sentences)
    masked = mask_characters(ids, probability, seeded(seed))
    assert ((masked == ids) | ((masked == UNKNOWN) & (ids != PADDING))).all()


def test_masking_has_the_given_probability_for_each_sentence():
    ids = torch.full((3, 20_000), 2)
    masked = mask_characters(ids, torch.tensor([0.0, 0.3, 1.0]), seeded()) == UNKNOWN
    shares = masked.float().mean(1)
    assert shares[0] == 0
    assert shares[2] == 1
    assert shares[1] == pytest.approx(0.3, abs=0.02)


def test_typos_are_other_characters_and_uniform():
    size = len(VOCABULARY)
    ids = torch.full((1, 60_000), 4)
    typos = add_typos(ids, 1.0, seeded(), size)
    counts = typos[0].bincount(minlength=size)
    assert counts[[PADDING, UNKNOWN, 4]].sum() == 0
    others = counts[[i for i in range(2, size) if i != 4]] / 60_000
    torch.testing.assert_close(others, torch.full_like(others, 1 / (size - 3)), atol=0.01, rtol=0)


def test_typos_leave_padding_and_masks():
    ids = torch.tensor([[UNKNOWN, 3, PADDING]])
    typos = add_typos(ids, 1.0, seeded(), len(VOCABULARY))
    assert typos[0, 0] == UNKNOWN
    assert typos[0, 2] == PADDING
    assert typos[0, 1] != 3
    assert torch.equal(add_typos(ids, 0.0, seeded(), len(VOCABULARY)), ids)


def test_impossible_requests_are_refused():
    ids = torch.full((2, 3), 2)
    with pytest.raises(ValueError, match="probability"):
        mask_characters(ids, 1.5, seeded())
    with pytest.raises(ValueError, match="2 numbers"):
        mask_characters(ids, torch.zeros(3), seeded())
    with pytest.raises(TextError, match="two real characters"):
        add_typos(ids, 0.5, seeded(), 3)
