"""Searching scenes end to end and tiny, and the parts that decide what is claimed."""

from dataclasses import replace
from pathlib import Path
from random import Random

import pytest
import torch

from mmbook.datasets.scenes.alterations import relation_in, sentence
from mmbook.datasets.scenes.checking import check_caption
from mmbook.datasets.scenes.layout import SceneConfig
from mmbook.datasets.scenes.rendering import backgrounds, render
from mmbook.experiments.scene_retrieval import TIERS, SceneRetrievalConfig, run
from mmbook.experiments.scene_retrieval.candidates import (
    SHORTER,
    load_candidates,
    recolour,
    truths,
)
from mmbook.experiments.scene_retrieval.config import SHIPPED, SYSTEMS
from mmbook.experiments.scene_retrieval.data import alter, captions_of, load, vocabulary_of
from mmbook.experiments.scene_retrieval.run import _fair
from mmbook.experiments.scene_retrieval.training import ids_of, samples, untrained
from mmbook.models import EnglishWords, load_pretrained
from mmbook.training import TrainingConfig

TINY = replace(
    TIERS["mini"],
    seeds=(0, 1),
    size=16,
    train_size=40,
    candidates=12,
    width=8,
    systems=tuple(SYSTEMS),
    training=TrainingConfig(steps=1, batch_size=8, device="cpu"),
)


@pytest.fixture(scope="module")
def scenes():
    return load(TINY, "train", 150, seed=0)


def model_and_captions(scenes):
    captions = captions_of(scenes, "en")
    words = EnglishWords(vocabulary_of(captions))
    return untrained(words, SYSTEMS["InfoNCE"], TINY, 0), captions


def test_every_system_is_measured_on_both_kinds_of_pairs(tmp_path: Path) -> None:
    result = run("mini", TINY, tmp_path)
    for system in SYSTEMS:
        for metric in ("recall_at_1", "recall_at_5", "recall_at_10"):
            for direction in ("picture to sentence", "sentence to picture"):
                found = result.curve(system, metric, "pairs", direction=direction)
                assert list(found) == ["seen", "held out"]
        told = result.curve(system, "accuracy", "told_apart", pairs="held out")
        assert set(told) == {"order", "relation", "binding", "word"}
        by = result.curve(system, "recall_at_1", "recoloured_by", pairs="seen")
        assert set(by) == {"picture and words", "words alone"}
        shorter = result.curve(system, "recall_at_1", "sentence_is", pairs="held out")
        assert set(shorter) == {"without sizes", "one object"}
    assert set(result.parameters) == set(SYSTEMS)
    assert result.baselines == ["nearest picture", "words by the alphabet"]
    shipped = load_pretrained(tmp_path / "seed-1" / "scene-search")
    assert shipped.unknown_words("a red cat") == ("cat",)


@pytest.mark.parametrize("split", ["train", "test"])
def test_what_is_held_out_is_neither_shown_nor_named(scenes, split: str) -> None:
    shown, others = (set(TINY.scenes.pairs(s)) for s in ("train", "test"))
    assert not shown & others
    drawn = load(TINY, split, 60, seed=0)
    for name in ("order", "binding", "word", "relation"):
        pairs = set(TINY.scenes.pairs(split))
        for text in alter(captions_of(drawn, "en"), name, "en", 0, pairs):
            for other in others if split == "train" else shown:
                assert f"{other[1]} {other[0]}" not in text


def test_an_altered_sentence_is_false_of_its_scene(scenes) -> None:
    captions = captions_of(scenes, "en")
    for name in ("order", "binding"):
        altered = alter(captions, name, "en", 0, set(TINY.scenes.pairs("train")))
        for text, scene in zip(altered, scenes.objects, strict=True):
            assert not all(check_caption(text, scene, "en").true)


def test_the_referee_is_asked_about_every_pair_that_may_be_true(scenes) -> None:
    few = scenes[:30]
    captions = captions_of(few, "en")
    for texts in (captions, *(texts_of(make, captions) for make in SHORTER.values())):
        every = [[all(check_caption(t, s, "en").true) for t in texts] for s in few.objects]
        assert truths(few.objects, texts, "en").tolist() == every


def texts_of(make, captions):
    return [sentence(make(relation_in(text, "en")), "en") for text in captions]


def test_binding_is_asked_only_where_both_sentences_have_the_same_words() -> None:
    found = load_candidates(replace(TINY, candidates=150), "test", seed=0)
    fair = {name: _fair(name, found) for name in found.altered}
    assert fair["order"].all() and fair["word"].all() and fair["relation"].all()
    assert 0 < (~fair["binding"]).sum() < 30
    for row in (~fair["binding"]).nonzero().flatten().tolist():
        text, altered = found.captions[row].split(), found.altered["binding"][row].split()
        assert set(text) != set(altered)


def test_candidates_differ_and_what_is_recoloured_is_what_its_caption_says() -> None:
    found = load_candidates(TINY, "test", seed=0)
    assert len(set(found.captions)) == len(found.captions) == TINY.candidates
    assert found.relevant.diagonal().all()
    pairs = set(TINY.scenes.pairs("test"))
    rows = found.recolourable.tolist()
    for row, image, text in zip(rows, found.recoloured, found.recoloured_captions, strict=True):
        scene, name = found.scenes.objects[row], found.scenes.names[row]
        changed = recolour(scene, pairs, Random(f"recolour {name}"))
        assert changed is not None and changed[1:] == scene[1:]
        assert changed[0]._replace(colour=scene[0].colour) == scene[0]
        assert changed[0].colour != scene[0].colour
        assert (changed[0].shape, changed[0].colour) in pairs
        assert check_caption(text, changed, "en").complete
        assert image.equal(render([changed], backgrounds([name], TINY.size))[0])
    others = set(range(len(found.captions))) - set(rows)
    assert all(recolour(found.scenes.objects[row], pairs, Random(0)) is None for row in others)


def test_where_no_colour_is_free_nothing_is_recoloured() -> None:
    (scene,) = load(replace(TINY, scenes=SceneConfig(objects=(2, 2))), "train", 1, seed=0).objects
    assert recolour(scene, set(), Random(0)) is None


def test_too_few_different_captions_are_said() -> None:
    with pytest.raises(ValueError, match="ask for fewer candidates"):
        load_candidates(replace(TINY, candidates=9_000), "test", seed=0)


def test_without_order_two_sentences_of_the_same_words_are_one(scenes) -> None:
    model, _ = model_and_captions(scenes)
    texts = ("a small red star above a large blue ring", "a large blue ring above a small red star")
    apart, same = (ids_of(model, texts, SYSTEMS[n]) for n in ("InfoNCE", "words by the alphabet"))
    assert not apart[0].equal(apart[1])
    assert same[0].equal(same[1])


def test_decoys_are_sentences_of_other_pictures(scenes) -> None:
    model, captions = model_and_captions(scenes)
    batch = samples(model, scenes.images, captions, SYSTEMS["InfoNCE, more sentences"], TINY)
    text, hard = batch.inputs["text"], batch.inputs["hard"]
    assert hard.shape == (len(scenes), 2, text.shape[1])
    assert all(sorted(hard[:, k].tolist()) == sorted(text.tolist()) for k in range(2))
    own = (hard == text[:, None]).all(-1).float().mean()
    assert own < 0.1
    altered = samples(model, scenes.images, captions, SYSTEMS[SHIPPED], TINY).inputs["hard"]
    assert altered.shape == hard.shape
    assert not (altered == text[:, None]).all(-1).any()


def test_the_first_weights_are_those_of_the_seed(scenes) -> None:
    words = EnglishWords(("red",))
    first, again, other = (
        untrained(words, SYSTEMS["InfoNCE"], SceneRetrievalConfig(), s) for s in (0, 0, 1)
    )
    weights = [m.state_dict()["heads.image.weight"] for m in (first, again, other)]
    assert torch.equal(weights[0], weights[1])
    assert not torch.equal(weights[0], weights[2])
