"""Captions and drawn digits as pages run them: the networks behind one tensor are the models."""

import json
from functools import cache
from xml.etree import ElementTree

import numpy as np
import onnxruntime
import pytest
import torch
from torch import Tensor

from mmbook.datasets.scenes.rendering import backgrounds, render
from mmbook.datasets.small.spoken_digits import CHINESE, ENGLISH
from mmbook.models import Captioner
from mmbook.models.captioning import Language
from mmbook.models.looking import attention_maps
from tests.live.small_models import small_captioner, small_drawing
from tools.live.captioning import SCENES, CaptionWriter, offered, page_of
from tools.live.digit_drawing import DRAWINGS, LENGTH, WordDrawer, inputs_of
from tools.live.digit_drawing import page_of as page_of_digits
from tools.live.export import onnx_bytes
from tools.live.models import captions, digits_from_words
from tools.live.packing import LARGEST

KINDS: list[tuple[Language, bool]] = [("en", False), ("en", True), ("zh", False), ("zh", True)]


@cache
def pictures() -> Tensor:
    scenes = offered()
    return render(scenes, backgrounds([""] * len(scenes), 64))


def values_of(model: Captioner, ids: list[int], image: Tensor) -> Tensor:
    values = torch.zeros(CaptionWriter(model).shape)
    values[: len(ids)] = torch.tensor(ids).float()
    values[model.config.longest :] = image.flatten() / 255
    return values


@torch.no_grad()
def written(model: Captioner, image: Tensor) -> tuple[list[int], list[Tensor]]:
    """The ids that a page would write, and what it would show for each."""
    writer, page, rows = CaptionWriter(model).eval(), page_of(model), []
    ids = [page["bos"]]
    while len(rows) < page["longest"]:
        row = writer(values_of(model, ids, image))[len(rows)]
        chosen = int(row[: len(page["tokens"])].argmax())
        if chosen == page["eos"]:
            break
        ids.append(chosen)
        rows.append(row)
    return ids[1:], rows


@pytest.mark.parametrize(("language", "recurrent"), KINDS)
def test_a_page_writes_what_the_captioner_writes(language: Language, recurrent: bool) -> None:
    model = small_captioner(language, recurrent=recurrent)
    page, wanted = page_of(model), model.caption(pictures())
    assert len(set(wanted)) > 1
    for image, caption in zip(pictures(), wanted, strict=True):
        ids, _ = written(model, image)
        words = [word for i in ids if (word := page["tokens"][i])]
        assert page["blank"].join(words).replace(" ,", ",") == caption


@pytest.mark.parametrize("recurrent", [False, True])
def test_a_page_shows_where_the_captioner_looked(recurrent: bool) -> None:
    model = small_captioner(recurrent=recurrent)
    said = model.caption(pictures())
    page, image = page_of(model), pictures()[said.index(max(said, key=len))]
    ids, rows = written(model, image)
    maps = attention_maps(model, image)
    assert [page["tokens"][i] for i in ids] == list(maps.words)
    known = len(page["tokens"])
    for word, (i, row) in enumerate(zip(ids, rows, strict=True)):
        assert row[i].log().isclose(maps.log_probabilities[word], atol=1e-4)
        torch.testing.assert_close(row[known:], maps.mean()[word].flatten())
        assert len(row) == known + page["cells"]


def test_what_stands_behind_the_words_so_far_changes_nothing() -> None:
    model = small_captioner()
    writer, image = CaptionWriter(model).eval(), pictures()[0]
    with torch.no_grad():
        one, other = (writer(values_of(model, ids, image)) for ids in ([2, 9], [2, 9, 12, 7, 5]))
    torch.testing.assert_close(one[:2], other[:2])
    assert not torch.allclose(one[2:5], other[2:5])


def test_the_exported_networks_are_the_models() -> None:
    writer, drawer = captions(small_captioner()), digits_from_words(small_drawing())
    words = values_of(small_captioner(), [2, 9, 12], pictures()[3])
    for model, values in ((writer, words), (drawer, inputs_of(small_drawing(), "three", 4))):
        session = onnxruntime.InferenceSession(onnx_bytes(model))
        (found,) = session.run([model.output], {model.input: values.numpy()})
        with torch.no_grad():
            assert np.abs(np.asarray(found) - model.module(values).numpy()).max() < 1e-5


def test_scenes_of_each_number_are_offered_of_pairs_that_are_seen_and_that_are_not() -> None:
    scenes, train = offered(), set(SCENES.pairs("train"))
    assert [len(scene) for scene in scenes] == [1, 1, 2, 2, 3, 3, 4, 4]
    for place, scene in enumerate(scenes):
        pairs = {(item.shape, item.colour) for item in scene}
        assert pairs <= train if place % 2 == 0 else not pairs & train


@pytest.mark.parametrize("word", ["three", "七", "no"])
def test_a_page_draws_what_the_model_draws(word: str) -> None:
    model = small_drawing()
    with torch.no_grad():
        found = WordDrawer(model).eval()(inputs_of(model, word, seed=3))
    torch.testing.assert_close(found, model.predict(word, DRAWINGS, seed=3)[:, 0])


def test_the_page_knows_the_words_and_characters() -> None:
    model = small_drawing()
    page = page_of_digits(model)
    assert page["words"] == [*ENGLISH, *CHINESE]
    assert max(map(len, page["words"])) <= page["length"] == LENGTH
    ids = [page["characters"].index(sign) + page["first"] for sign in "seven"]
    assert ids == model.tokenizer.encode("seven")


def test_pages_and_stills_can_be_written_and_are_small() -> None:
    model = small_captioner()
    made = captions(model), digits_from_words(small_drawing())
    for each in made:
        assert json.loads(json.dumps(each.page))
        assert len(each.still) < LARGEST / 40
        ElementTree.fromstring(each.still)
    assert model.caption(pictures()[:1])[0] in made[0].still
    assert all(f">{word}<" in made[1].still for word in ("three", "七", "eight"))
