"""Decoding of CTC against all paths, one by one."""

from itertools import product

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from mmbook.decoders.ctc import WordGrammar, best_path, collapse, prefix_beam_search


def every_sum(log_p: torch.Tensor, blank: int = 0) -> dict[tuple[int, ...], float]:
    """The probability of each sequence of labels: the sum over all of its paths."""
    found: dict[tuple[int, ...], float] = {}
    for path in product(range(log_p.shape[1]), repeat=len(log_p)):
        p = sum(float(log_p[t, c]) for t, c in enumerate(path))
        labels = collapse(path, blank)
        found[labels] = found.get(labels, 0.0) + torch.tensor(p).exp().item()
    return found


def test_equal_neighbours_become_one_and_blanks_go() -> None:
    assert collapse([0, 1, 1, 0, 1, 2, 2, 0]) == (1, 1, 2)
    assert collapse([]) == collapse([0, 0]) == ()
    assert collapse([3, 3, 0, 3], blank=3) == (0,)


@settings(deadline=None, max_examples=40)
@given(st.integers(1, 4), st.integers(2, 4), st.integers(0, 10**6), st.sampled_from([1.0, 4.0]))
def test_a_wide_search_is_the_sum_over_all_paths(t: int, c: int, seed: int, scale: float) -> None:
    logits = scale * torch.randn(t, c, generator=torch.Generator().manual_seed(seed))
    log_p = logits.double().log_softmax(1)
    blank = seed % c
    sums = every_sum(log_p, blank)
    found = prefix_beam_search(log_p, 10_000, blank)
    assert {one.labels for one in found} == set(sums)
    for one in found:
        assert torch.tensor(one.log_probability).exp().item() == pytest.approx(sums[one.labels])
    assert sums[found[0].labels] == pytest.approx(max(sums.values()))
    assert [one.log_probability for one in found] == sorted(
        (one.log_probability for one in found), reverse=True
    )


def test_the_best_path_need_not_be_the_best_labels() -> None:
    log_p = torch.tensor([[0.6, 0.4], [0.6, 0.4]]).log()
    assert best_path(log_p) == ()
    best = prefix_beam_search(log_p, 4)[0]
    assert best.labels == (1,)
    assert torch.tensor(best.log_probability).exp().item() == pytest.approx(0.64)


def test_a_grammar_leaves_the_best_of_what_it_allows() -> None:
    grammar = WordGrammar(frozenset({(1,), (2, 1)}), separator=3, most=2)
    for seed in range(5):
        log_p = torch.randn(5, 4, generator=torch.Generator().manual_seed(seed)).log_softmax(1)
        allowed = {k: v for k, v in every_sum(log_p).items() if grammar.ends(k)}
        found = prefix_beam_search(log_p, 10_000, grammar=grammar)
        assert {one.labels for one in found} == set(allowed)
        assert allowed[found[0].labels] == pytest.approx(max(allowed.values()))


def test_sentences_are_whole_words_between_separators() -> None:
    grammar = WordGrammar(frozenset({(1, 2), (2,)}), separator=9, most=2)
    whole = [(1, 2), (2,), (2, 9, 1, 2)]
    assert all(grammar.ends(one) and grammar.begins(one) for one in whole)
    for begun in [(), (1,), (2, 9), (2, 9, 1)]:
        assert grammar.begins(begun) and not grammar.ends(begun)
    for wrong in [(9,), (1, 9), (3,), (2, 9, 2, 9), (2, 2)]:
        assert not grammar.begins(wrong) and not grammar.ends(wrong)


@pytest.mark.parametrize("words", [frozenset(), frozenset({()}), frozenset({(1, 9)})])
def test_a_lexicon_of_no_words_is_refused(words: frozenset[tuple[int, ...]]) -> None:
    with pytest.raises(ValueError, match=r"words, none|holds the separator"):
        WordGrammar(words, separator=9)


def test_what_is_no_score_is_refused() -> None:
    fine = torch.zeros(2, 3).log_softmax(1)
    for wrong, said in ((fine[0], "frames, classes"), (fine * torch.nan, "NaN")):
        with pytest.raises(ValueError, match=said):
            prefix_beam_search(wrong, 3)
    with pytest.raises(ValueError, match="width must be 1"):
        prefix_beam_search(fine, 0)
    with pytest.raises(ValueError, match="blank must be a class"):
        best_path(fine, 3)


def test_labels_that_are_rare_are_not_tried() -> None:
    log_p = torch.tensor([[0.9, 0.099, 0.001]]).log()
    assert {one.labels for one in prefix_beam_search(log_p, 9, least=0.01)} == {(), (1,)}
