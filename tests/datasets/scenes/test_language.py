import re
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mmbook.datasets.scenes.asking import Setting
from mmbook.datasets.scenes.captions import (
    LEVELS,
    describe,
    indefinite,
    noun,
    place_of,
    relation_of,
)
from mmbook.datasets.scenes.checking import answer_question, check_caption
from mmbook.datasets.scenes.collection import SORT_OF_CLEVR, SORT_OF_CLEVR_KINDS
from mmbook.datasets.scenes.grammar import (
    Mention,
    SceneLanguageError,
    parse_caption,
    parse_question,
)
from mmbook.datasets.scenes.layout import SceneConfig, SceneObject, draw_scenes
from mmbook.datasets.scenes.questions import DEFAULT_KINDS, KINDS, answers_of, ask
from mmbook.datasets.scenes.words import COLOURS, LANGUAGES, SHAPES, SIZES, say

DEFAULT = SceneConfig()
LARGE = SceneConfig(radii=((0.08, 0.1),), held_out=0, objects=(2, 6))  # of one size
CONFIGS = (DEFAULT, SORT_OF_CLEVR, LARGE)
SPLITS = ("train", "test")
SCENES = {
    (config, split): draw_scenes(config, split, 200) for config in CONFIGS for split in SPLITS
}
drawn = st.tuples(st.sampled_from(list(SCENES)), st.integers(0, 199))


@settings(max_examples=200)
@given(drawn, st.sampled_from(LEVELS), st.text(max_size=3))
def test_captions_are_true_in_both_languages_and_say_the_same(chosen, level, key):
    (config, split), number = chosen
    scene = SCENES[config, split][number]
    sentences = describe(scene, level, key)
    assert parse_caption(sentences["en"], "en") == parse_caption(sentences["zh"], "zh")
    for language in LANGUAGES:
        verdict = check_caption(sentences[language], scene, language, clearance=config.clearance)
        assert all(verdict.true)
        assert verdict.complete == (
            level == "scene" or len(scene) == 1 or (level == "relation" and len(scene) == 2)
        )
    assert sentences == describe(scene, level, key)


@settings(max_examples=150)
@given(drawn, st.text(max_size=3), st.sampled_from([None, *KINDS]))
def test_questions_have_the_answer_that_the_referee_finds(chosen, key, kind):
    (config, split), number = chosen
    scene = SCENES[config, split][number]
    setting = Setting(config, config.pairs(split))
    kinds = DEFAULT_KINDS if kind is None else (kind,)
    asked = ask(scene, setting, key, each=4, kinds=kinds)
    assert len({question.text.en for question in asked}) == len(asked) <= 8
    for question in asked:
        found = parse_question(question.text.en, "en")
        assert found == parse_question(question.text.zh, "zh")
        assert found[0] == question.kind
        assert question.answer in answers_of(config, kinds)
        for language, text in zip(LANGUAGES, question.text, strict=True):
            answer = answer_question(text, scene, language, clearance=config.clearance)
            assert answer == question.answer
    assert asked == ask(scene, setting, key, each=4, kinds=kinds)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_asked_with_every_answer(kind):
    config = SORT_OF_CLEVR if kind == "count shape" else SceneConfig(held_out=0, objects=(3, 4))
    setting = Setting(config, config.pairs("train"))
    scenes = draw_scenes(config, "train", 400)
    asked = [
        q for i, s in enumerate(scenes) for q in ask(s, setting, f"{i}", each=2, kinds=(kind,))
    ]
    assert {question.answer for question in asked} == set(answers_of(config, (kind,)))
    assert len(asked) > 400


def test_questions_about_pairs_ask_for_those_of_the_split_only():
    for split in SPLITS:
        setting = Setting(DEFAULT, DEFAULT.pairs(split))
        for number, scene in enumerate(SCENES[DEFAULT, split]):
            for question in ask(scene, setting, f"{number}", each=5):
                _, about = parse_question(question.text.en, "en")
                for mention in (about.a, about.b):
                    pair = (mention.shape, mention.colour)
                    assert "" in pair or pair in setting.pairs


def test_a_single_object_has_no_relations():
    scene = (SceneObject("star", "red", "small", 0.3, 0.3, 0.1),)
    asked = ask(scene, Setting(DEFAULT, DEFAULT.pairs("train")), "", each=5)
    assert len(asked) == 5
    assert not any(KINDS[question.kind].relational for question in asked)
    assert describe(scene, "relation", "") == {"en": "a small red star", "zh": "一个红色的小五角星"}


STAR = SceneObject("star", "red", "small", 0.2, 0.2, 0.1)
HEART = SceneObject("heart", "blue", "large", 0.8, 0.3, 0.15)
RING = SceneObject("ring", "red", "large", 0.7, 0.8, 0.15)
TRIO = (STAR, HEART, RING)


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("what shape is the blue object?", "heart"),
        ("what colour is the ring?", "red"),
        ("is the red star small or large?", "small"),
        ("is there a red heart?", "no"),
        ("is there a red object?", "yes"),
        ("is the blue heart on the left or on the right?", "right"),
        ("is the red ring at the top or at the bottom?", "bottom"),
        ("is the red star left of the red ring?", "yes"),
        ("is the red star below the red ring?", "no"),
        ("are the blue heart and the red ring the same size?", "yes"),
        ("what shape is the object closest to the red ring?", "heart"),
        ("what colour is the object furthest from the red ring?", "red"),
        ("how many objects are above the red ring?", "two"),
        ("how many other objects have the shape of the red ring?", "zero"),
        ("红色的五角星是小的还是大的？", "small"),
        ("离红色的圆环最近的物体是什么形状？", "heart"),
        ("红色的五角星是否在红色的圆环的左边？", "yes"),
        ("红色的圆环的上方有几个物体？", "two"),
    ],
)
def test_the_referee_knows_what_a_reader_sees(text, answer):
    assert answer_question(text, TRIO, "en" if text.isascii() else "zh") == answer


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("what shape is the red object?", "2 fit it"),
        ("what colour is the square?", "0 fit it"),
        ("is the red star above the blue heart?", "too little"),
        ("what shape is the object closest to the blue heart?", "too little"),
        ("what shape is a red object?", "no question"),
        ("what shape is the pink object?", "no question"),
        ("is there a orange star?", "no question"),
        ("", "no question"),
    ],
)
def test_the_referee_refuses_what_is_open_or_not_understood(text, message):
    scene = (
        STAR,
        HEART,
        RING._replace(x=0.6, y=0.8),
        SceneObject("cross", "grey", "", 0.9, 0.9, 0),
    )
    near = (STAR, HEART, RING._replace(x=0.8, y=0.9), SceneObject("cross", "grey", "", 0.2, 0.3, 0))
    with pytest.raises(SceneLanguageError, match=message):
        answer_question(text, near if "closest" in text else scene, "en", clearance=0.15)


@pytest.mark.parametrize(
    ("text", "true", "complete"),
    [
        ("a small red star", [True], False),
        ("a large red star", [False], False),
        ("a small red star left of a large blue heart", [True], False),
        ("a small red star right of a large blue heart", [False], False),
        ("a small red star left of a small red star", [False], False),
        (
            "a small red star at the top left and a large blue heart at the top left",
            [True, False],
            False,
        ),
        (
            "a small red star at the top left, a large blue heart at the top right and "
            "a large red ring at the bottom right",
            [True, True, True],
            True,
        ),
        (
            "a small red star at the top left, a small red star at the top left and "
            "a large red ring at the bottom right",
            [True, True, True],
            False,
        ),
        ("左上方有一个红色的小五角星，右上方有一个红色的大心形", [True, False], False),
        ("一个蓝色的大心形的左边有一个红色的小五角星", [True], False),
        ("一个红色的小五角星的左边有一个蓝色的大心形", [False], False),
    ],
)
def test_captions_are_judged_part_by_part(text, true, complete):
    verdict = check_caption(text, TRIO, "en" if text.isascii() else "zh")
    assert list(verdict.true) == true
    assert verdict.complete == complete


@settings(max_examples=100)
@given(st.text(max_size=30) | st.lists(st.sampled_from([*"一个红色的大圆形 "])).map("".join))
def test_any_text_is_read_or_refused(text):
    for language in LANGUAGES:
        for read in (parse_caption, parse_question):
            try:
                read(text, language)
            except SceneLanguageError as error:
                assert repr(text) in str(error)


def test_nouns_name_every_combination_and_are_read_back():
    for size, colour, shape in (
        (size, colour, shape)
        for size in ("", *SIZES)
        for colour in ("", *COLOURS)
        for shape in ("object", *SHAPES)
    ):
        said = Mention(size, colour, "" if shape == "object" else shape)
        for language in LANGUAGES:
            phrase = indefinite(noun(language, size=size, colour=colour, shape=shape), language)
            assert parse_caption(phrase, language)[0].a == said


def test_articles_and_chinese_word_order():
    assert indefinite(noun("en", colour="orange", shape="ring"), "en") == "an orange ring"
    assert indefinite(noun("en", size="small", colour="orange"), "en") == "a small orange object"
    assert noun("zh", size="large", colour="orange", shape="ring") == "橙色的大圆环"
    assert noun("zh", size="large", shape="ring") == "大圆环"


def test_chinese_sentences_are_chinese():
    for (config, split), scenes in SCENES.items():
        setting = Setting(config, config.pairs(split))
        kinds = SORT_OF_CLEVR_KINDS if config is SORT_OF_CLEVR else DEFAULT_KINDS
        for number, scene in enumerate(scenes[:50]):
            for level in LEVELS:
                text = describe(scene, level, f"{number}")["zh"]
                assert re.fullmatch(r"[\u4e00-\u9fff，]+", text)
                assert text.count("一个") == (
                    len(parse_caption(text, "zh")) + (level == "relation" and len(scene) > 1)
                )
            for question in ask(scene, setting, f"{number}", each=3, kinds=kinds):
                assert re.fullmatch(r"[\u4e00-\u9fff]+？", question.text.zh)


def test_places_and_relations_follow_the_longer_axis():
    assert [place_of(item) for item in TRIO] == ["top left", "top right", "bottom right"]
    assert [relation_of(one, other) for one, other in permutations(TRIO, 2)] == [
        "left of",
        "above",
        "right of",
        "above",
        "below",
        "below",
    ]


def test_unknown_names_list_the_known_ones():
    with pytest.raises(ValueError, match="no level 'word'; there are object, relation, scene"):
        describe(TRIO, "word", "")
    for read in (parse_caption, parse_question):
        with pytest.raises(ValueError, match="no language 'de'; there are en, zh"):
            read("ein Stern", "de")
    with pytest.raises(ValueError, match="no language 'de'"):
        say("red", "de")
    with pytest.raises(ValueError, match="'pink' is no word for scenes"):
        say("pink", "zh")
