"""The ladder of sound features: what a fold holds out, what a step yields, what is recorded."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from mmbook.experiments.speech_features import (
    FEATURES,
    MACHINE,
    NEIGHBOUR,
    NEW,
    SEEN,
    SPECTROGRAM,
    TESTS,
    TIERS,
    Corpus,
    classify,
    features,
    run,
    stretch,
    synthetic_digits,
)

CONFIG = replace(TIERS["mini"], seeds=(0, 1), takes=2)


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    return synthetic_digits(CONFIG)


def test_takes_differ_in_length_and_are_equally_loud(corpus: Corpus) -> None:
    assert len(corpus.clips) == 2 * 240 == len(corpus.speakers) == len(corpus.labels)
    assert len({len(clip) for clip in corpus.clips}) > 30
    assert all(abs(float(clip.square().mean().sqrt()) - 0.1) < 1e-3 for clip in corpus.clips)
    assert corpus.labels[:240].equal(corpus.labels[240:])
    assert corpus.take_groups.tolist() == [0] * 240 + [1] * 240


def test_each_clip_is_held_out_once(corpus: Corpus) -> None:
    for test, folds in ((SEEN, 2), (NEW, 6)):
        held_out = torch.stack([corpus.held_out(test, fold, folds) for fold in range(folds)])
        assert held_out.sum(dim=0).eq(1).all()
    new = corpus.held_out(NEW, 0, 6)
    tested = {speaker for speaker, rest in zip(corpus.speakers, new, strict=True) if rest}
    trained = {speaker for speaker, rest in zip(corpus.speakers, new, strict=True) if not rest}
    assert len(tested) == 4 and not tested & trained


@pytest.mark.parametrize("name", FEATURES)
def test_every_step_gives_a_row_of_numbers(name: str, corpus: Corpus) -> None:
    rows = features(name, corpus.clips[:3], frames=4)
    bins, mels = SPECTROGRAM.n_fft // 2 + 1, SPECTROGRAM.mels
    widths = {"waveform": SPECTROGRAM.hop, "power STFT": bins, "log STFT": bins}
    width = widths.get(name, 13 if name.startswith("MFCC") else mels)
    assert rows.shape == (3, 4 * width) and torch.isfinite(rows).all()
    if "minus mean" in name:
        clip = corpus.clips[0]
        assert FEATURES[name](clip).mean(dim=0).abs().max() < 1e-4


def test_stretching_keeps_the_order_of_frames() -> None:
    frames = torch.arange(6.0)[:, None].expand(6, 2)
    assert stretch(frames, 6).equal(frames)
    assert stretch(frames, 3).shape == (3, 2)
    assert (stretch(frames, 11).diff(dim=0) >= 0).all()


def test_the_classifier_learns_what_can_be_learned() -> None:
    generator = torch.Generator().manual_seed(0)
    labels = torch.arange(4).repeat(30)
    rows = torch.randn(120, 6, generator=generator)
    rows[:, 0] += 8 * (labels % 2)
    rows[:, 1] += 8 * (labels // 2)
    test = torch.arange(120) < 40
    assert min(classify(rows, labels, test, 10.0)) > 0.95
    shuffled = labels[torch.randperm(120, generator=generator)]
    assert max(classify(rows, shuffled, test, 10.0)) < 0.6


def test_the_record_is_complete(
    corpus: Corpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = {name: FEATURES[name] for name in ("waveform", "log-mel minus mean")}
    monkeypatch.setattr("mmbook.experiments.speech_features.FEATURES", kept)
    monkeypatch.setattr(
        "mmbook.experiments.speech_features.synthetic_digits", lambda config: corpus
    )
    result = run("mini", CONFIG, tmp_path)
    for system in (MACHINE, NEIGHBOUR):
        for test in TESTS:
            assert list(result.curve(system, "accuracy", over="features", test=test)) == list(kept)
    assert list(result.select("chance", "accuracy").values()) == [0.1] * 2
    assert result.baselines == ["chance", NEIGHBOUR]
    assert result.parameters == {"waveform": 4800, "log-mel minus mean": 960}
    worst, best = (result.select(MACHINE, "accuracy", features=n, test=SEEN) for n in kept)
    assert min(best.values()) > max(worst.values())
    assert "folds" in result.split and "4 of 24 speakers" in result.split
