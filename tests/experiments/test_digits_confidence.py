"""How sure senses should be: what the folds leave out, and which weights they train."""

from dataclasses import replace
from pathlib import Path

import pytest

from mmbook.datasets.digits.items import load_bank
from mmbook.experiments.digits_fusion import TIERS
from mmbook.experiments.digits_fusion.confidence import temperatures, without
from mmbook.experiments.digits_fusion.config import SYSTEMS
from mmbook.experiments.digits_fusion.training import Trainer
from mmbook.models import recogniser
from mmbook.training import TrainingConfig

TINY = replace(
    TIERS["mini"],
    train_size=32,
    test_size=40,
    width=8,
    folds=2,
    training=TrainingConfig(steps=2, batch_size=16, device="cpu"),
)


def test_an_ear_is_trained_for_each_fold_and_only_once(tmp_path: Path) -> None:
    banks = {split: load_bank(split) for split in ("train", "validation")}
    eye = recogniser(SYSTEMS["image alone"].modalities, 2, fusion="late", width=8)
    found = [temperatures(Trainer(TINY, 0, tmp_path), eye, banks) for _ in range(2)]
    assert found[0] == found[1] and set(found[0]) == {"image", "audio"}
    assert all(value > 0 for value in found[0].values())
    weights = sorted(p.name.rsplit("-", 1)[0] for p in tmp_path.iterdir())
    assert weights == ["audio-without-0", "audio-without-1"]


@pytest.mark.parametrize("left_out", [{"f1"}, {"f1", "Alex"}])
def test_a_fold_leaves_out_whole_voices(left_out: set[str]) -> None:
    bank = load_bank("train")
    rest = without(bank, left_out)
    assert set(rest.voices) == set(bank.voices) - left_out
    lengths = {len(x) for x in (rest.clips, rest.clip_labels, rest.clip_words, rest.voices)}
    assert lengths == {len(bank.voices) - 20 * len(left_out)}
    some = bank.voices.index(rest.voices[0])
    assert rest.clips[0].equal(bank.clips[some]) and rest.clip_words[0] == bank.clip_words[some]
