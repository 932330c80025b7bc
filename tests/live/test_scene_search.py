"""The search of scenes that pages run: its network and its index are the model's."""

import base64
from functools import cache

import numpy as np
import onnxruntime
import pytest
import torch

from mmbook.datasets.scenes.alterations import sentence
from mmbook.datasets.scenes.checking import check_caption
from mmbook.datasets.scenes.grammar import Mention, Statement
from mmbook.datasets.scenes.words import COLOURS, RELATIONS, SHAPES, SIZES
from mmbook.models import load_pretrained
from mmbook.models.retrieval import ImageSearch
from tools.live.packing import FOLDER, handed_over, unpack
from tools.live.scene_search import (
    INDEXED,
    LENGTH,
    SCENES,
    SENTENCES,
    Index,
    SceneSearcher,
    index,
    inputs_of,
)


@cache
def model() -> ImageSearch:
    return load_pretrained("scene-search")


@cache
def found() -> Index:
    return index(model())


@cache
def shipped() -> dict:
    return handed_over((FOLDER / "scene-search.js").read_text(encoding="utf-8"))


def some_sentences(seed: int) -> list[str]:
    """As many as a run takes, of any words of the grammar, some without sizes or colours."""
    chance = np.random.default_rng(seed)

    def mention() -> Mention:
        words = [str(chance.choice([*table, ""])) for table in (SIZES, COLOURS)]
        return Mention(*words, str(chance.choice([*SHAPES])))

    relations = chance.choice([*RELATIONS], SENTENCES)
    made = [sentence(Statement(mention(), mention(), str(r)), "en") for r in relations]
    return [text.replace("an ", "a ") for text in made]


@pytest.mark.parametrize("seed", range(3))
def test_the_shipped_network_gives_the_vectors_of_the_model(seed: int) -> None:
    texts, image = some_sentences(seed), found().scenes.images[seed].float() / 255
    wanted = torch.cat([model().embed_sentences(texts), model().embed_images(image[None])])
    values = inputs_of(model(), texts, image)
    with torch.no_grad():
        searcher = SceneSearcher(model()).eval()
        torch.testing.assert_close(searcher(values), wanted, atol=1e-5, rtol=0)
    session = onnxruntime.InferenceSession(unpack(shipped()["onnx"]))
    (said,) = session.run(None, {"values": values.numpy()})
    assert np.abs(np.asarray(said) - wanted.numpy()).max() < 1e-5


def test_a_sentence_alone_and_one_among_others_have_one_vector() -> None:
    texts = some_sentences(4)
    with torch.no_grad():
        searcher = SceneSearcher(model()).eval()
        alone = searcher(inputs_of(model(), texts[:1]))[0]
        torch.testing.assert_close(alone, searcher(inputs_of(model(), texts))[0])


@pytest.mark.parametrize("name", ["pictures", "said"])
def test_the_shipped_index_is_the_model_s(name: str) -> None:
    vectors = np.frombuffer(base64.b64decode(shipped()[name]), "<f4").reshape(INDEXED, -1)
    assert np.abs(vectors - getattr(found(), name).numpy()).max() < 1e-5
    assert vectors.shape[1] == shipped()["space"]


def test_the_index_shows_what_training_never_shows_with_true_captions() -> None:
    shown = {(item.shape, item.colour) for scene in found().scenes.objects for item in scene}
    assert not shown & set(SCENES.pairs("train"))
    assert len(set(found().captions)) == INDEXED
    pairs = zip(found().captions, found().scenes.objects, strict=True)
    assert all(all(check_caption(text, scene, "en").true) for text, scene in pairs)
    assert not any(name.startswith("test-0-") for name in found().scenes.names)


def test_the_words_of_the_page_are_the_model_s_and_fit_a_run() -> None:
    content = shipped()
    text = some_sentences(5)[0]
    ids = [content["words"].index(word) + content["first"] for word in text.split()]
    assert ids == model().tokenizer.encode(text)
    assert (content["sentences"], content["length"]) == (SENTENCES, LENGTH)
    longest = sentence(Statement(*[Mention("small", "red", "heart")] * 2, "left of"), "en")
    assert len(longest.split()) <= LENGTH
