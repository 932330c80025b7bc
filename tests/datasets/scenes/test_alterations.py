"""Altered sentences are of the grammar, false of their scene, and keep the words they promise."""

from collections import Counter
from random import Random

import pytest

from mmbook.datasets.scenes.alterations import (
    ALTERATIONS,
    bound_wrongly,
    paraphrased,
    relation_in,
    sentence,
    without_sizes,
)
from mmbook.datasets.scenes.checking import check_caption
from mmbook.datasets.scenes.collection import load_scenes
from mmbook.datasets.scenes.grammar import Mention, SceneLanguageError, Statement
from mmbook.datasets.scenes.layout import SceneConfig
from mmbook.datasets.scenes.words import LANGUAGES


@pytest.fixture(scope="module")
def scenes():
    return load_scenes(
        "train", size=16, count=200, level="relation", config=SceneConfig(objects=(2, 2))
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_sentence_that_is_read_and_written_is_the_same(scenes, language):
    for (text,) in scenes.captions[language]:
        assert sentence(relation_in(text, language), language) == text


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", ALTERATIONS)
def test_an_altered_sentence_is_false(scenes, language, name):
    chance = Random(name)
    for (text,), scene in zip(scenes.captions[language], scenes.objects, strict=True):
        altered = sentence(ALTERATIONS[name](relation_in(text, language), chance), language)
        assert not all(check_caption(altered, scene, language).true), (text, altered)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_other_way_round_it_is_as_true(scenes, language):
    for (text,), scene in zip(scenes.captions[language], scenes.objects, strict=True):
        other = sentence(paraphrased(relation_in(text, language), Random(0)), language)
        assert other != text
        assert check_caption(other, scene, language).complete


def test_exchanging_keeps_the_words(scenes):
    chance = Random(0)
    kept = 0
    for (text,) in scenes.captions["en"]:
        statement = relation_in(text, "en")
        for name in ("order", "binding"):
            altered = sentence(ALTERATIONS[name](statement, chance), "en")
            words, before = (
                Counter(word for word in s.split() if word not in ("a", "an"))
                for s in (altered, text)
            )
            assert sum((words - before).values()) <= (name == "binding")
            kept += words == before
    assert kept > 300


def test_what_is_said_of_one_object_alone_is_not_exchanged():
    said = relation_in("a red star left of a large blue heart", "en")
    sizes = {(o.a.size, o.b.size) for o in (bound_wrongly(said, Random(n)) for n in range(20))}
    assert sizes == {("", "large")}


@pytest.mark.parametrize("language", LANGUAGES)
def test_without_sizes_it_is_as_true(scenes, language):
    for (text,), scene in zip(scenes.captions[language], scenes.objects, strict=True):
        shorter = sentence(without_sizes(relation_in(text, language)), language)
        assert len(shorter) < len(text)
        assert check_caption(shorter, scene, language).complete


def test_what_relates_nothing_is_one_object():
    statement = Statement(Mention(colour="orange", shape="star"))
    assert sentence(statement, "en") == "an orange star"
    assert sentence(statement, "zh") == "一个橙色的五角星"


def test_a_sentence_about_one_object_relates_none():
    with pytest.raises(SceneLanguageError, match="how two objects lie"):
        relation_in("a small red star", "en")


def test_there_are_two_languages():
    statement = relation_in("a red star left of a blue heart", "en")
    assert sentence(statement, "zh") == "一个蓝色的心形的左边有一个红色的五角星"
    with pytest.raises(ValueError, match="no language"):
        sentence(statement, "de")
