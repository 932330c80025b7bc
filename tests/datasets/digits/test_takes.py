"""Spoken digits in takes: how takes differ, and what a fold holds out."""

import pytest
import torch

from mmbook.datasets.digits.takes import NEW, SEEN, Takes, synthetic_takes


@pytest.fixture(scope="module")
def corpus() -> Takes:
    return synthetic_takes(takes=2)


def test_takes_differ_in_length_and_are_equally_loud(corpus: Takes) -> None:
    assert len(corpus.clips) == 2 * 240 == len(corpus.speakers) == len(corpus.labels)
    assert len({len(clip) for clip in corpus.clips}) > 30
    assert all(abs(float(clip.square().mean().sqrt()) - 0.1) < 1e-3 for clip in corpus.clips)
    assert corpus.labels[:240].equal(corpus.labels[240:])
    assert corpus.take_groups.tolist() == [0] * 240 + [1] * 240


def test_each_clip_is_held_out_once(corpus: Takes) -> None:
    for test, folds in ((SEEN, 2), (NEW, 6)):
        held_out = torch.stack([corpus.held_out(test, fold, folds) for fold in range(folds)])
        assert held_out.sum(dim=0).eq(1).all()
    new = corpus.held_out(NEW, 0, 6)
    tested = {speaker for speaker, rest in zip(corpus.speakers, new, strict=True) if rest}
    trained = {speaker for speaker, rest in zip(corpus.speakers, new, strict=True) if not rest}
    assert len(tested) == 4 and not tested & trained
