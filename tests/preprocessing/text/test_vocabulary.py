import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from mmbook.preprocessing.text.characters import TextError
from mmbook.preprocessing.text.special import BOS, EOS, FIRST, PAD, UNK
from mmbook.preprocessing.text.vocabulary import Vocabulary, pad, unknown_rate

WORDS = st.lists(st.text("abc狗", min_size=1, max_size=3), max_size=8)
SENTENCES = st.lists(WORDS, max_size=6)
VOCABULARY = Vocabulary.of([["the", "dog"], ["the", "cat"]])


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


def test_words_come_after_the_special_tokens():
    assert VOCABULARY.words == ("the", "cat", "dog")
    assert VOCABULARY.encode(["the", "bird"], marks=True) == [BOS, 4, UNK, EOS]
    assert VOCABULARY.decode([BOS, 4, UNK, EOS, PAD]) == ["the", "<unk>"]


@given(SENTENCES, st.booleans())
def test_known_words_survive(sentences, marks):
    vocabulary = Vocabulary.of(sentences)
    assert len(vocabulary) == len({w for s in sentences for w in s}) + FIRST
    for words in sentences:
        ids = vocabulary.encode(words, marks=marks)
        assert all(0 <= index < len(vocabulary) for index in ids)
        assert vocabulary.decode(ids) == words
    assert unknown_rate(sentences, vocabulary) == 0


@given(SENTENCES, st.integers(1, 3), st.integers(5, 9))
def test_rare_words_are_left_out(sentences, fewest, size):
    vocabulary = Vocabulary.of(sentences, fewest=fewest, size=size)
    running = [w for s in sentences for w in s]
    assert len(vocabulary) <= size
    assert all(running.count(w) >= fewest for w in vocabulary.words)
    counts = [running.count(w) for w in vocabulary.words]
    assert counts == sorted(counts, reverse=True)
    missing = [w for w in running if w not in vocabulary.words]
    rate = len(missing) / len(running) if running else 0
    assert unknown_rate(sentences, vocabulary) == pytest.approx(rate)


def test_a_special_token_in_a_text_is_an_unknown_word():
    vocabulary = Vocabulary.of([["<pad>", "dog", "<eos>"]])
    assert vocabulary.encode(["<pad>", "dog", "<eos>"]) == [UNK, 4, UNK]


@given(SENTENCES, st.integers(0, 3))
def test_padded_rows_and_their_mask(sentences, spare):
    rows = [Vocabulary.of(sentences).encode(words) for words in sentences]
    longest = max(map(len, rows), default=0)
    padded = pad(rows, longest + spare)
    ids, mask = padded.values, padded.mask
    assert ids.shape == mask.shape == (len(rows), longest + spare)
    assert ids.dtype == torch.int64 and mask.dtype == torch.bool
    assert mask.sum(1).tolist() == [len(row) for row in rows]
    assert ((ids == PAD) == ~mask).all()
    assert [ids[i][mask[i]].tolist() for i in range(len(rows))] == rows
    assert pad(rows).values.shape == (len(rows), longest)


def test_bad_requests_are_refused():
    with pytest.raises(TextError, match="'dog' is there twice"):
        Vocabulary(("dog", "dog"))
    with pytest.raises(TextError, match="<eos>"):
        Vocabulary(("<eos>",))
    with pytest.raises(TextError, match="above 4"):
        Vocabulary.of([["dog"]], size=4)
    with pytest.raises(TextError, match=r"0\.\.6, got 7"):
        VOCABULARY.decode([7])
    with pytest.raises(TextError, match="row 1 has 3 ids, but only 2 fit"):
        pad([[4], [4, 4, 4]], 2)
