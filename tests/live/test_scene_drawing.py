"""Scenes from sentences as pages draw them: the step behind one tensor is the model's."""

import json
from xml.etree import ElementTree

import numpy as np
import onnxruntime
import pytest
import torch

from mmbook.models.captioning import Language
from tests.live.small_models import small_scene_drawing
from tools.live.export import onnx_bytes
from tools.live.models import scenes_from_sentences
from tools.live.packing import LARGEST
from tools.live.scene_drawing import LENGTH, SHOWN, FlowStep, forming, inputs_of, page_of

LANGUAGES: tuple[Language, ...] = ("en", "zh")


@pytest.mark.parametrize("language", LANGUAGES)
def test_steps_lead_where_the_model_goes(language: Language) -> None:
    model = small_scene_drawing(language)
    (sentence,) = SHOWN[language]
    found = forming(model, sentence, seed=4)
    assert len(found) == model.config.steps + 1
    torch.testing.assert_close(found[-1], model.predict(sentence, seed=4), atol=1e-5, rtol=0)
    assert (found[-1] - found[0]).abs().max() > 0.1


def test_sentence_time_guidance_and_picture_all_matter() -> None:
    model = small_scene_drawing()
    step, pixels = FlowStep(model).eval(), torch.linspace(-1, 1, model.config.noise)
    asked = "a large red star at the top left"
    ways = [
        (asked, pixels, 0.2, 1.5),
        ("a small red star at the top left", pixels, 0.2, 1.5),
        (asked, -pixels, 0.2, 1.5),
        (asked, pixels, 0.6, 1.5),
        (asked, pixels, 0.2, 0.0),
    ]
    with torch.no_grad():
        found = [step(inputs_of(model, *way)) for way in ways]
        apart = [(one - found[0]).abs().max() for one in found[1:]]
        assert min(apart) > 1e-4
        without = [step(inputs_of(model, said, pixels, 0.2, 0.0)) for said, *_ in ways[:2]]
    torch.testing.assert_close(*without)  # no guidance at all: no sentence


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_exported_step_is_the_model_s(language: Language) -> None:
    model = small_scene_drawing(language)
    live = scenes_from_sentences(model)
    session = onnxruntime.InferenceSession(onnx_bytes(live))
    for time, guidance in ((0.0, 1.0), (0.5, 1.5), (0.98, 3.0)):
        pixels = torch.randn(model.config.noise, generator=torch.Generator().manual_seed(1))
        values = inputs_of(model, SHOWN[language][0], pixels, time, guidance)
        (found,) = session.run([live.output], {live.input: values.numpy()})
        with torch.no_grad():
            wanted = live.module(values).numpy()
        assert np.abs(np.asarray(found) - wanted).max() < 1e-4 and wanted.std() > 0.1


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_knows_the_words_and_the_still_says_the_sentence(language: Language) -> None:
    model = small_scene_drawing(language)
    page, (sentence,) = page_of(model), SHOWN[language]
    assert json.loads(json.dumps(page))
    known = model.tokenizer.encode(sentence)
    words = [page["words"][i - page["first"]] for i in known]
    assert page["first"] <= min(known) and len(known) <= page["length"] == LENGTH
    assert ("" if language == "zh" else " ").join(words) == sentence
    still = scenes_from_sentences(model).still
    assert len(still) < LARGEST / 40 and ElementTree.fromstring(still) is not None
    assert f">{sentence}<" in still
