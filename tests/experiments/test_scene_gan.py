"""Drawing scenes end to end and tiny, and the parts that decide what is claimed."""

from dataclasses import replace
from pathlib import Path
from random import Random

import pytest
import torch

from mmbook.batch import Batch
from mmbook.datasets.scenes.captions import describe
from mmbook.datasets.scenes.collection import Scenes
from mmbook.datasets.scenes.layout import SceneConfig, SceneObject
from mmbook.datasets.scenes.words import LANGUAGES
from mmbook.experiments.scene_captioning.training import captions_of
from mmbook.experiments.scene_gan import TIERS, SceneGanConfig, run
from mmbook.experiments.scene_gan.config import ADVERSARIES, FLOW, SHIPPED, SYSTEMS
from mmbook.experiments.scene_gan.measure import Jury, groups, nearest_sentences
from mmbook.experiments.scene_gan.run import NEAREST, OTHERWISE, REAL
from mmbook.experiments.scene_gan.training import (
    InUnitRange,
    Trainer,
    altered,
    described,
    load,
    untrained,
)
from mmbook.models import load_pretrained
from mmbook.preprocessing.text.special import UNK
from mmbook.training import TrainingConfig

ONE_STEP = TrainingConfig(steps=1, batch_size=8, device="cpu")
TINY = SceneGanConfig(
    scenes=SceneConfig(objects=(1, 2), radii=((0.14, 0.16), (0.21, 0.23))),
    adversaries=ONE_STEP,
    flow=ONE_STEP,
    judge=ONE_STEP,
    count=24,
    size=16,
    width=16,
    channels=8,
    layers=1,
    steps=3,
    tested=6,
    seeds=(0,),
    systems=(ADVERSARIES, FLOW, f"{FLOW}, Chinese"),
)


class Knows:
    """A judge that is told what it sees."""

    def __init__(self, captions: dict[int, list[str]]) -> None:
        self.captions = captions

    def caption(self, images: torch.Tensor) -> list[str]:
        return self.captions[len(images)]


@pytest.fixture(scope="module")
def scenes() -> Scenes:
    return load(TINY, "train", 24)


def test_every_system_is_measured_on_all_sentences(tmp_path: Path) -> None:
    result = run("mini", replace(TINY, seeds=(0, 1)), tmp_path)
    assert result.baselines == [REAL, NEAREST]
    assert set(result.systems) == {REAL, NEAREST, *TINY.systems}
    for system in result.systems:
        for metric in ("complete", "every", "shape", "colour", "size", "place"):
            assert {"new", "held out"} <= {*result.curve(system, metric, "sentences")}
    for other in OTHERWISE:
        assert 0 <= result.summary(FLOW, "complete", sentences="new", **other)[0] <= 1
    with pytest.raises(ValueError):
        result.summary(ADVERSARIES, "complete", sentences="new", steps=1)
    for system, name in SHIPPED.items():
        model = load_pretrained(tmp_path / "seed-1" / name)
        assert (model.config.steps, model.config.guidance) == (3, 1.5)
        known = load(TINY, "test", 2)
        language = SYSTEMS[system].language
        assert model.draw(captions_of(known, language)).shape == (2, 3, 16, 16)


@pytest.mark.parametrize("tier", TIERS)
def test_what_is_held_out_is_neither_shown_nor_named(tier: str) -> None:
    config = replace(TIERS[tier], size=16)
    held_out = set(config.scenes.pairs("test"))
    assert len(held_out) == len(config.scenes.shapes) * len(config.scenes.colours) / 4
    chance = Random(0)
    for scene in load(config, "train", 300).objects:
        untrue = altered(scene, config.scenes.pairs("train"), chance)
        assert not held_out & {item[:2] for item in (*scene, *untrue)}
    asked = load(config, "test", 100)
    assert {item[:2] for scene in asked.objects for item in scene} <= held_out


@pytest.mark.parametrize("tier", TIERS)
def test_both_ways_start_from_one_network_and_differ_in_how_it_is_followed(tier: str) -> None:
    flow, adversaries = (described(SYSTEMS[s], TIERS[tier]) for s in (FLOW, ADVERSARIES))
    assert (adversaries.steps, adversaries.guidance) == (1, 1)
    assert replace(flow, steps=1, guidance=1.0) == adversaries
    assert flow.steps > 1 and flow.guidance > 1
    first, second = (untrained(SYSTEMS[s], TINY, 1).state_dict() for s in (FLOW, ADVERSARIES))
    name = "network.decoder.enter.weight"
    assert first[name].equal(second[f"generator.{name}"])


def test_an_altered_scene_differs_in_one_attribute_of_one_object() -> None:
    config, chance, changed = SceneConfig(objects=(1, 3)), Random(1), set()
    for scene in load(replace(TINY, scenes=config), "train", 200).objects:
        other = altered(scene, config.pairs("train"), chance)
        (pair,) = [(a, b) for a, b in zip(scene, other, strict=True) if a != b]
        (name,) = [n for n in SceneObject._fields if len({getattr(x, n) for x in pair}) > 1]
        changed.add(name)
        assert describe(scene, "scene", "") != describe(other, "scene", "")
    assert changed == {"shape", "colour", "size", "x", "y"}


def test_a_scene_that_cannot_be_altered_is_refused() -> None:
    scene = (SceneObject("star", "red", "small", 0.2, 0.2, 0.1),)
    with pytest.raises(ValueError, match=r"no other (shape|colour) is known of a red star"):
        for seed in range(50):
            altered(scene, [("star", "red"), ("ring", "blue")], Random(seed))


@pytest.mark.parametrize("language", LANGUAGES)
def test_samples_are_pictures_with_a_true_and_an_untrue_sentence(
    language, scenes: Scenes, tmp_path: Path
) -> None:
    samples = Trainer(TINY, tmp_path).samples(language)
    tokenizer = described(replace(SYSTEMS[FLOW], language=language), TINY).tokenizer.build()
    said = [tokenizer.decode(row) for row in samples.inputs["text"].tolist()]
    assert said == [*captions_of(scenes, language)]
    untrue = samples.inputs["untrue"]
    assert not (untrue == UNK).any()
    false = [tokenizer.decode(row) for row in untrue.tolist()]
    assert all(one != other for one, other in zip(said, false, strict=True))
    assert samples.inputs["image"].equal(scenes.images)


def test_bytes_become_numbers_up_to_one() -> None:
    images = torch.tensor([[0, 51, 255]], dtype=torch.uint8)
    found = InUnitRange()(Batch({"image": images, "text": torch.ones(1, 2)})).inputs
    torch.testing.assert_close(found["image"], torch.tensor([[0.0, 0.2, 1.0]]))
    assert set(found) == {"image", "text"}


def test_sentences_are_grouped_by_what_was_known_of_them(scenes: Scenes) -> None:
    heard = set(captions_of(scenes, "en"))
    fresh = load(TINY, "validation", 30)
    tested = {"validation": fresh, "test": load(TINY, "test", 5)}
    found = groups(scenes, tested)
    assert not heard & {*captions_of(found["new"], "en")}
    assert len(found["held out"]) == 5
    again = groups(scenes, {**tested, "validation": scenes[:4]})
    assert set(again) == {"known", "held out"} and len(again["known"]) == 4


def test_the_nearest_sentence_shares_most_words_in_the_same_places() -> None:
    known = ["a small red star at the top left", "a large red ring at the top left"]
    asked = ["a large blue ring at the top right", known[0]]
    assert nearest_sentences(known, asked).tolist() == [1, 0]


def test_a_jury_scores_what_its_judge_says_of_each_group(scenes: Scenes) -> None:
    asked = {"new": scenes[:4], "held out": scenes[4:7]}
    said = {len(part): [*captions_of(part, "en")] for part in asked.values()}
    said[3] = said[3][1:] + said[3][:1]  # of other scenes
    jury = Jury(Knows(said), asked)  # type: ignore[arg-type]
    found = {where["sentences"]: v for m, v, where in jury.real() if m == "complete"}
    assert found == {"new": 1, "held out": 0}
    same = {where["sentences"]: v for m, v, where in jury.nearest(scenes) if m == "complete"}
    assert same == found
