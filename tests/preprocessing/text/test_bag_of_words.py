import pytest
import torch
from hypothesis import assume, given
from hypothesis import strategies as st
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer

from mmbook.preprocessing.text.bag_of_words import BagOfWords, cosines, zipf_exponent
from mmbook.preprocessing.text.characters import TextError

DOCUMENTS = st.lists(
    st.lists(st.sampled_from(["a", "b", "dog", "cat", "狗", ".", "the"]), max_size=8), max_size=6
)


@given(DOCUMENTS, DOCUMENTS)
def test_counts_and_weights_are_scikit_learns(train, test):
    assume(any(train))
    bag = BagOfWords.of(train)
    counter = CountVectorizer(analyzer=lambda words: words).fit(train)
    weigher = TfidfVectorizer(analyzer=lambda words: words).fit(train)
    assert list(bag.words) == counter.get_feature_names_out().tolist()
    if test:
        expected = torch.from_numpy(counter.transform(test).toarray()).double()
        assert bag.counts(test).to_dense().equal(expected)
        expected = torch.from_numpy(weigher.transform(test).toarray())
        torch.testing.assert_close(bag.tf_idf(test).to_dense(), expected, rtol=1e-12, atol=1e-14)


@given(DOCUMENTS)
def test_shapes_and_lengths(documents):
    assume(any(documents))
    bag = BagOfWords.of(documents)
    weights = bag.tf_idf(documents)
    assert weights.shape == (len(documents), len(bag.words)) and weights.dtype == torch.float64
    norms = weights.to_dense().norm(dim=1)
    torch.testing.assert_close(norms, torch.tensor([float(bool(d)) for d in documents]).double())
    similarity = cosines(weights, weights)
    torch.testing.assert_close(similarity.diagonal(), norms)
    assert (similarity >= 0).all() and (similarity <= 1 + 1e-12).all()
    torch.testing.assert_close(similarity, similarity.T)


def test_order_is_lost_and_unknown_words_are_left_out():
    bag = BagOfWords.of([["dog", "bites", "man"], ["dog"]])
    one, other = bag.tf_idf([["dog", "bites", "man"], ["man", "bites", "dog", "today"]]).to_dense()
    assert one.equal(other)
    assert bag.counts([["today"]]).to_dense().tolist() == [[0, 0, 0]]
    assert bag.tf_idf([["today"]]).to_dense().tolist() == [[0, 0, 0]]
    assert bag.counts([]).shape == (0, 3)


def test_a_bag_needs_words():
    for documents in ([], [[]]):
        with pytest.raises(TextError, match="at least one document"):
            BagOfWords.of(documents)


@pytest.mark.parametrize("exponent", [0.0, 0.5, 1.0, 1.7])
def test_the_exponent_of_exact_counts_is_found(exponent):
    counts = (1e9 * torch.arange(1, 501, dtype=torch.float64) ** -exponent).round().int().tolist()
    assert zipf_exponent(counts[::-1]) == pytest.approx(exponent, abs=1e-3)


@given(st.lists(st.integers(1, 1000), min_size=2, max_size=50))
def test_the_exponent_is_the_most_probable_one(counts):
    ordered = torch.tensor(sorted(counts, reverse=True), dtype=torch.float64)
    logs = torch.arange(1, len(counts) + 1).double().log()

    def likelihood(s: float) -> float:
        return float((ordered * (-s * logs).log_softmax(0)).sum())

    found = zipf_exponent(counts)
    assert found >= 0
    for other in (found - 1e-3, found + 1e-3):
        assert other < 0 or likelihood(found) >= likelihood(other) - 1e-9


def test_the_exponent_needs_counts():
    for counts in ([], [3], [3, 0]):
        with pytest.raises(TextError, match="two words or more"):
            zipf_exponent(counts)
