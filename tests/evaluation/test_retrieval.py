"""Ranks against a sorted list, ties against chance, and what cannot be ranked."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from mmbook.evaluation.retrieval import median_rank, ranks, recall_at


@given(st.integers(1, 8), st.integers(0, 5), st.integers(0, 10_000))
def test_without_ties_a_rank_is_the_place_in_the_sorted_list(queries, more, seed):
    generator = torch.Generator().manual_seed(seed)
    candidates = queries + more
    scores = torch.stack([torch.randperm(candidates, generator=generator) for _ in range(queries)])
    places = [scores[i].argsort(descending=True).tolist().index(i) + 1 for i in range(queries)]
    assert ranks(scores).tolist() == places


def test_the_best_of_several_answers_counts_and_the_others_are_not_in_its_way():
    scores = torch.tensor([[5.0, 4.0, 3.0, 2.0]])
    assert ranks(scores, torch.tensor([[False, True, True, False]])).tolist() == [2]
    assert ranks(scores, torch.tensor([[True, True, False, False]])).tolist() == [1]


def test_a_constant_score_is_in_the_middle():
    found = ranks(torch.zeros(4, 7))
    assert found.tolist() == [4] * 4
    assert recall_at(found, 3) == 0
    assert median_rank(found) == 4


def test_recall_and_median():
    found = torch.tensor([1.0, 2.0, 3.0, 10.0])
    assert [recall_at(found, k) for k in (1, 2, 5, 10)] == [0.25, 0.5, 0.75, 1.0]
    assert median_rank(found) == 2.5


def test_large_whole_numbers_keep_their_order():
    assert ranks(torch.tensor([[2**53, 2**53 - 1]])).tolist() == [1]


@pytest.mark.parametrize(
    ("scores", "relevant", "says"),
    [
        (torch.zeros(3), None, "queries, candidates"),
        (torch.zeros(0, 0), None, "queries, candidates"),
        (torch.zeros(3, 2), None, "3 queries have but 2"),
        (torch.tensor([[float("nan")]]), None, "NaN"),
        (torch.zeros(2, 2), torch.zeros(2, 2), "boolean"),
        (torch.zeros(2, 2), torch.ones(2, 3, dtype=torch.bool), "boolean"),
        (torch.zeros(2, 2), torch.tensor([[True, False], [False, False]]), "query 1"),
    ],
    ids=["rank", "empty", "few", "nan", "type", "shape", "none"],
)
def test_what_has_no_ranks_is_named(scores, relevant, says):
    with pytest.raises(ValueError, match=says):
        ranks(scores, relevant)


def test_no_queries_have_no_recall():
    with pytest.raises(ValueError, match="k from 1 up"):
        recall_at(torch.ones(2), 0)
    with pytest.raises(ValueError, match="queries"):
        recall_at(torch.ones(0), 1)
    with pytest.raises(ValueError, match="no queries"):
        median_rank(torch.ones(0))
