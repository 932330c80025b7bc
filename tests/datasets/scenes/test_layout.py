import math
from itertools import combinations

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from mmbook.datasets.scenes.layout import SPLITS, SceneConfig, draw_scenes
from mmbook.datasets.scenes.words import COLOURS, SHAPES


def subsets(words):
    return st.lists(st.sampled_from(list(words)), min_size=2, unique=True).map(tuple)


@st.composite
def configs(draw):
    low = draw(st.floats(0.04, 0.1))
    two = draw(st.booleans())
    try:
        return SceneConfig(
            shapes=draw(subsets(SHAPES)),
            colours=draw(subsets(COLOURS)),
            radii=((low, 0.1), (0.11, 0.13)) if two else ((low, 0.12),),
            objects=draw(st.sampled_from([(1, 1), (1, 4), (2, 3), (5, 5)])),
            distinct_colours=draw(st.booleans()),
            held_out=draw(st.sampled_from([0, 2, 3, 4])),
            gap=draw(st.floats(0, 0.02)),
            clearance=draw(st.floats(0, 0.04)),
        )
    except ValueError as error:
        assert "change shapes, colours or held_out" in str(error)
        assume(False)


@settings(max_examples=15)
@given(configs(), st.sampled_from(SPLITS), st.integers(0, 3))
def test_scenes_are_what_the_configuration_asks_for(config, split, seed):
    pairs = set(config.pairs(split))
    for scene in draw_scenes(config, split, 30, start=240, seed=seed):
        assert config.objects[0] <= len(scene) <= config.objects[1]
        assert len({(item.shape, item.colour) for item in scene}) == len(scene)
        if config.distinct_colours:
            assert len({item.colour for item in scene}) == len(scene)
        for item in scene:
            assert (item.shape, item.colour) in pairs
            low, high = config.radii[config.sizes.index(item.size)]
            assert low - 1e-6 <= item.radius <= high + 1e-6
            for place in (item.x, item.y):
                assert (
                    item.radius + config.gap - 1e-6 <= place <= 1 - item.radius - config.gap + 1e-6
                )
                assert abs(place - 0.5) >= config.clearance - 1e-6
        for one, other in combinations(scene, 2):
            away = math.dist((one.x, one.y), (other.x, other.y))
            assert away >= one.radius + other.radius + config.gap - 1e-5


@settings(max_examples=15)
@given(st.integers(0, 700), st.integers(0, 300), st.sampled_from(SPLITS))
def test_a_scene_depends_on_split_number_and_seed_alone(start, count, split):
    assert draw_scenes(CONFIG, split, count, start=start) == ALL[split][start : start + count]


CONFIG = SceneConfig()
ALL = {split: draw_scenes(CONFIG, split, 1000) for split in SPLITS}


def test_other_splits_and_seeds_have_other_scenes():
    scenes = [*ALL["train"], *ALL["validation"], *ALL["test"]]
    scenes += draw_scenes(CONFIG, "train", 1000, seed=1)
    assert len(set(scenes)) == 4000


def test_scenes_stay_the_same_from_version_to_version():
    items = [(*item[:3], round(item.x, 3), round(item.y, 3)) for item in ALL["train"][1]]
    assert items == [
        ("heart", "orange", "small", 0.26, 0.44),
        ("cross", "red", "small", 0.228, 0.676),
        ("cross", "green", "large", 0.643, 0.649),
        ("diamond", "grey", "large", 0.428, 0.185),
    ]


def test_test_scenes_show_the_pairs_that_the_others_never_show():
    shown = {
        split: {(item.shape, item.colour) for scene in scenes for item in scene}
        for split, scenes in ALL.items()
    }
    assert shown["train"] == shown["validation"]
    assert not shown["train"] & shown["test"]
    assert len(shown["train"]) == 48
    assert len(shown["test"]) == 16
    for place, words in ((0, SHAPES), (1, COLOURS)):
        for word in words:  # each word loses equally many partners
            assert sum(pair[place] == word for pair in shown["test"]) == 2


def test_nothing_is_held_out_where_none_is_asked_for():
    config = SceneConfig(held_out=0)
    assert len(config.pairs("train")) == len(config.pairs("test")) == 64


def test_attributes_numbers_and_sides_are_balanced():
    scenes = draw_scenes(CONFIG, "train", 3000)
    items = [item for scene in scenes for item in scene]
    for count in range(1, 5):
        assert sum(len(scene) == count for scene in scenes) / 3000 == pytest.approx(1 / 4, abs=0.02)
    for name, words in (("shape", SHAPES), ("colour", COLOURS)):
        for word in words:
            share = sum(getattr(item, name) == word for item in items) / len(items)
            assert share == pytest.approx(1 / 8, abs=0.015)
    assert sum(item.size == "small" for item in items) / len(items) == pytest.approx(0.5, abs=0.02)
    assert sum(item.x < 0.5 for item in items) / len(items) == pytest.approx(0.5, abs=0.02)
    assert sum(item.y < 0.5 for item in items) / len(items) == pytest.approx(0.5, abs=0.02)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"shapes": ()}, "shapes must be some of circle"),
        ({"shapes": ("circle", "circle")}, "each once"),
        ({"colours": ("pink",)}, "colours must be some of red"),
        ({"radii": ()}, "one or two ranges"),
        ({"radii": ((0.1, 0.2), (0.15, 0.3))}, "do not overlap"),
        ({"radii": ((0.0, 0.1),)}, "between 0 and 0.5"),
        ({"radii": ((0.2, 0.6),)}, "between 0 and 0.5"),
        ({"shapes": 5}, "shapes must be some of circle"),
        ({"shapes": "circle"}, "shapes must be some of circle"),
        ({"colours": ("red", 1)}, "colours must be some of red"),
        ({"colours": (["red"],)}, "colours must be some of red"),
        ({"radii": (0.1, 0.2)}, "one or two ranges"),
        ({"radii": "ab"}, "one or two ranges"),
        ({"radii": 0.1}, "one or two ranges"),
        ({"radii": ((0.1,), (0.2,))}, "one or two ranges"),
        ({"objects": 3}, "within 1..9"),
        ({"objects": "14"}, "within 1..9"),
        ({"objects": (1,)}, "within 1..9"),
        ({"objects": (1, 4, 9)}, "within 1..9"),
        ({"objects": (1.5, 4)}, "within 1..9"),
        ({"objects": (0, 2)}, "within 1..9"),
        ({"objects": (3, 2)}, "within 1..9"),
        ({"gap": -0.1}, "must not be negative"),
        ({"noise": -1.0}, "must not be negative"),
        ({"held_out": -1}, "must not be negative"),
        ({"held_out": 1}, "'train' has only 0"),
        ({"shapes": ("ring",), "objects": (1, 3)}, "'test' has only 2"),
    ],
)
def test_impossible_configurations_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        SceneConfig(**options)


def test_impossible_draws_are_refused():
    with pytest.raises(ValueError, match="no split 'dev'"):
        draw_scenes(CONFIG, "dev", 1)
    with pytest.raises(ValueError, match="must not be negative"):
        draw_scenes(CONFIG, "train", 1, start=-1)
    crowded = SceneConfig(radii=((0.3, 0.3),), objects=(4, 4))
    with pytest.raises(ValueError, match="ask for fewer or smaller"):
        draw_scenes(crowded, "train", 1)
    assert draw_scenes(CONFIG, "train", 0) == ()
