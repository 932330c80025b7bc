"""Captions of scenes end to end and tiny, and the parts that decide what is claimed."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from mmbook.datasets.scenes.captions import describe
from mmbook.datasets.scenes.grammar import parse_caption
from mmbook.datasets.scenes.layout import SceneConfig, SceneObject
from mmbook.datasets.scenes.scoring import ATTRIBUTES
from mmbook.datasets.scenes.words import COLOURS, LANGUAGES, SHAPES
from mmbook.experiments.scene_captioning import TIERS, run
from mmbook.experiments.scene_captioning.causes import (
    HISTORIES,
    read_out,
    tokens_of_objects,
    with_histories,
)
from mmbook.experiments.scene_captioning.config import (
    BEST,
    SHIPPED,
    SYSTEMS,
    SceneCaptioningConfig,
    Stage,
    System,
)
from mmbook.experiments.scene_captioning.curve import shorter
from mmbook.experiments.scene_captioning.measure import apart, exchanged, nearest
from mmbook.experiments.scene_captioning.training import (
    Trainer,
    captions_of,
    load,
    settings_of,
    shown,
    untrained,
)
from mmbook.layers.modes import evaluating
from mmbook.models import load_pretrained
from mmbook.preprocessing.text.special import BOS, UNK
from mmbook.training import TrainingConfig

ONE_STEP = TrainingConfig(steps=1, batch_size=8, device="cpu")
TINY = SceneCaptioningConfig(
    seeds=(0, 1),
    objects=Stage(TIERS["mini"].objects.scenes, 16, 20, ONE_STEP),
    scenes=Stage(SceneConfig(), 16, 30, ONE_STEP),
    tested=12,
    beam=2,
    width=8,
)


def test_every_system_is_measured_on_both_kinds_of_pairs(tmp_path: Path) -> None:
    result = run("mini", TINY, tmp_path)
    blind = ["nearest picture", f"{BEST}, pictures exchanged", "no picture"]
    assert result.baselines == blind
    assert set(result.systems) == {*SYSTEMS, *blind}
    for system in result.systems:
        for metric in ("complete", "count", "unreadable", "every", *ATTRIBUTES):
            assert [*result.curve(system, metric, "pairs")] == ["seen", "held out"]
    for system in SYSTEMS:
        for metric in ("complete", "unreadable"):
            assert [*result.curve(system, metric, "pairs", beam=2)] == ["seen", "held out"]
    assert set(result.parameters) == set(SYSTEMS)
    for system, name in SHIPPED.items():
        model = load_pretrained(tmp_path / "seed-1" / name)
        assert model.config.tokenizer.language == SYSTEMS[system].language
        images = load(TINY.scenes, "test", 3).images
        assert len(model.caption(images, beam=2)) == 3


def test_a_tier_without_the_best_system_has_no_exchanged_pictures(tmp_path: Path) -> None:
    few = replace(TINY, seeds=(0,), systems=("scenes only",))
    assert run("mini", few, tmp_path).baselines == ["nearest picture"]


@pytest.mark.parametrize("tier", TIERS)
def test_what_is_held_out_is_neither_shown_nor_named(tier: str) -> None:
    config = TIERS[tier]
    held_out = set(config.scenes.scenes.pairs("test"))
    assert len(held_out) == 16
    for stage in (config.objects, config.scenes):
        assert set(stage.scenes.pairs("test")) == held_out
        drawn = load(replace(stage, size=16), "train", 150)
        assert not held_out & {(item.shape, item.colour) for s in drawn.objects for item in s}
        for language in LANGUAGES:
            for text in captions_of(drawn, language):
                said = {(s.a.shape, s.a.colour) for s in parse_caption(text, language)}
                assert said and not held_out & said
    tested = load(replace(config.scenes, size=16), "test", 150)
    assert {(item.shape, item.colour) for s in tested.objects for item in s} <= held_out


def test_objects_are_as_large_in_pixels_as_in_scenes() -> None:
    for config in TIERS.values():
        alone, among = (
            [[end * stage.size for end in ends] for ends in stage.scenes.radii]
            for stage in (config.objects, config.scenes)
        )
        assert alone == among


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_word_is_known_and_captions_come_back(language: str) -> None:
    tokenizer = untrained(System(language=language), TINY, 0).tokenizer
    for split in ("train", "test"):
        for text in captions_of(load(TINY.scenes, split, 100), language):
            ids = tokenizer.encode(text)
            assert UNK not in ids
            assert tokenizer.decode(ids) == text


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_masked_are_colours_and_shapes(language: str) -> None:
    model = untrained(System(masked=True, language=language), TINY, 0)
    words = model.tokenizer.vocabulary.words
    hidden = [w for i, w in enumerate(words, 4) if model.model.read_as[i] != i]
    tables = [t.keys() if language == "en" else t.values() for t in (COLOURS, SHAPES)]
    assert hidden == [word for table in tables for word in table]
    plain = untrained(System(language=language), TINY, 0)
    assert plain.config.masked == ()
    weights = [m.state_dict()["encoder.norm.weight"] for m in (model, plain)]
    assert torch.equal(*weights)


def test_systems_that_skip_the_first_stage_train_longer_in_the_second() -> None:
    config = TIERS["full"]
    both = dict(settings_of(SYSTEMS[BEST], config, 1))
    alone = dict(settings_of(SYSTEMS["scenes only"], config, 1))
    assert [*both] == ["objects", "scenes"] and [*alone] == ["scenes"]
    more = alone["scenes"].steps - both["scenes"].steps
    assert more == round(config.step_cost * both["objects"].steps) > 0
    assert {s.seed for s in (*both.values(), *alone.values())} == {1}


def test_the_second_stage_begins_with_all_weights_of_the_first(tmp_path: Path) -> None:
    """A rate of nearly nothing leaves what the first stage has learned."""
    still = replace(TINY.scenes, training=replace(ONE_STEP, learning_rate=1e-12))
    config = replace(TINY, scenes=still)
    model, _ = Trainer(config, tmp_path).train("two", SYSTEMS[BEST], 0)
    first, _ = Trainer(config, tmp_path / "one").train("one", SYSTEMS["scenes only"], 0)
    start = untrained(SYSTEMS[BEST], config, 0)
    name = "encoder.layers.0.0.weight"
    found, untouched, fresh = (m.state_dict()[name] for m in (model, first, start))
    torch.testing.assert_close(untouched, fresh, atol=1e-9, rtol=0)
    assert (found - fresh).abs().max() > 1e-5


def test_who_is_blind_sees_empty_pictures() -> None:
    images = load(TINY.scenes, "train", 3).images
    assert shown(images, System()) is images
    empty = shown(images, System(blind=True))
    assert empty.shape == images.shape and empty.unique().numel() == 1
    model = untrained(System(blind=True), TINY, 0)
    logits = model({"image": empty, "text": torch.full((3, 2), BOS)})
    assert logits.var(dim=0).max() < 1e-8


def test_the_nearest_picture_of_a_training_picture_is_itself() -> None:
    scenes = load(TINY.scenes, "train", 30)
    found = {metric: value for metric, value, _ in nearest(scenes, scenes[5:15])}
    assert found["complete"] == found["every"] == 1
    others = {metric: value for metric, value, _ in nearest(scenes[:5], scenes[5:15])}
    assert others["complete"] < 1


def test_numbers_of_objects_and_pairs_are_measured_apart() -> None:
    places = ((0.2, 0.2), (0.8, 0.2), (0.2, 0.8))
    three = tuple(
        SceneObject(shape, "red", "small", *place, 0.1)
        for shape, place in zip(("star", "ring", "cross"), places, strict=True)
    )
    scenes = (three[:1], three[:2], three)
    captions = [describe(scene, "scene", "")["en"] for scene in scenes]
    captions[2] = captions[2].replace("star", "heart")  # so that one pair of three is right
    found = {
        (metric, *where.values()): value for metric, value, where in apart(captions, scenes, "en")
    }
    assert found == {
        ("complete", 1): 1,
        ("complete", 2): 1,
        ("related", 2): 1,
        ("complete", 3): 0,
        ("related", 3): pytest.approx(1 / 3),
    }


def test_exchanged_captions_are_those_of_the_scene_before() -> None:
    scenes = load(TINY.scenes, "test", 6)

    class Knows:
        def caption(self, images: torch.Tensor) -> list[str]:
            return [*captions_of(scenes, "en")]

    found = {metric: value for metric, value, _ in exchanged(Knows(), SYSTEMS[BEST], scenes)}
    assert found["complete"] == 0 and found["unreadable"] == 0
    same = load(TINY.scenes, "test", 1)
    scenes = same
    alone = {metric: value for metric, value, _ in exchanged(Knows(), SYSTEMS[BEST], same)}
    assert alone["complete"] == 1


def test_causes_are_measured_of_the_four_that_are_compared(tmp_path: Path) -> None:
    one = replace(TINY, seeds=(0,), systems=("scenes only", BEST, f"{BEST}, GRU"))
    result = run("full", one, tmp_path)
    for system in ("scenes only", BEST):
        for pairs in ("seen", "held out"):
            for history in HISTORIES:
                result.select(system, "shape_after", pairs=pairs, history=history)
            result.select(system, "shape_read_out", pairs=pairs, fitted="seen")
        result.select(system, "shape_read_out", pairs="held out", fitted="all")
    curve = result.curve("scenes only", "complete", "one_step_in", pairs="held out")
    assert [*curve] == [8, 4, 2]
    with pytest.raises(ValueError, match="GRU"):
        result.select(f"{BEST}, GRU", "shape_after", pairs="seen", history="true")


def test_a_system_of_two_stages_has_no_learning_curve(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="2 stages"):
        next(shorter(Trainer(TINY, tmp_path), BEST, SYSTEMS[BEST], 0, (2,)))


def test_changed_histories_change_only_what_they_should() -> None:
    """Another colour is another colour, masked words are unknown, and grammar stays."""
    scenes = load(TINY.scenes, "train", 40)
    model = untrained(System(), TINY, 0)
    read: dict[int, torch.Tensor] = {}

    class Listens(torch.nn.Module):
        tokenizer, pad = model.tokenizer, model.pad

        def forward(self, inputs: dict[str, torch.Tensor]) -> torch.Tensor:
            read[len(read)] = inputs["text"]
            return torch.zeros(*inputs["text"].shape, len(model.tokenizer))

    values = [*with_histories(Listens(), scenes, "en", torch.Generator().manual_seed(0))]
    assert [where["history"] for _, _, where in values] == [*HISTORIES]
    assert all(value == 0 for _, value, _ in values)
    true, other, masked = (read[i] for i in range(3))
    words = {
        name: torch.tensor(model.tokenizer.vocabulary.encode([*table]))
        for name, table in (("colour", COLOURS), ("shape", SHAPES))
    }
    colour, shape = (torch.isin(true, words[name]) for name in ("colour", "shape"))
    assert (other[colour] != true[colour]).all()
    assert torch.isin(other[colour], words["colour"]).all()
    assert torch.equal(other[~colour], true[~colour])
    assert (masked[colour | shape] == UNK).all()
    assert torch.equal(masked[~(colour | shape)], true[~(colour | shape)])


def test_a_read_out_sees_the_tokens_in_which_objects_lie() -> None:
    scenes = load(TINY.scenes, "train", 30)
    model = untrained(System(), TINY, 0)
    cells, shapes = tokens_of_objects(model, scenes)
    assert cells.shape == (sum(map(len, scenes.objects)), TINY.width)
    with evaluating(model), torch.inference_mode():
        grid = model.look(scenes.images[3:4]).values[0].reshape(2, 2, TINY.width)
    row = sum(map(len, scenes.objects[:3]))
    for item, cell, shape in zip(scenes.objects[3], cells[row:], shapes[row:], strict=False):
        torch.testing.assert_close(cell, grid[int(2 * item.y), int(2 * item.x)])
        assert [*SHAPES][shape] == item.shape


def test_what_a_read_out_was_fitted_on_is_said_and_matters() -> None:
    """The scenes it is fitted on are read better than chance would have it."""
    scenes = load(replace(TINY.scenes, size=32), "train", 40)
    model = untrained(System(), replace(TINY, width=96), 0)
    found = [*read_out(model, scenes, {"seen": scenes, "held out": scenes})]
    assert [where for _, _, where in found] == [
        {"pairs": "seen", "fitted": "seen"},
        {"pairs": "held out", "fitted": "seen"},
        {"pairs": "held out", "fitted": "all"},
    ]
    assert all(value > 2 / len(SHAPES) for _, value, _ in found)
