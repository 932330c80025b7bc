"""Drawing sentences: what is read, what noise and guidance decide, and what is minimised."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import nn

from mmbook.batch import Batch
from mmbook.losses import between
from mmbook.models import SceneDrawing, SceneDrawingConfig, load_pretrained, save_pretrained
from mmbook.models.captioning import CaptionWords
from mmbook.models.config import ConfigError
from mmbook.models.scene_drawing import FlowMatching
from mmbook.preprocessing.text.characters import TextError
from mmbook.training import Averaged

WORDS = CaptionWords(("a", "red", "blue", "star"))
CONFIG = SceneDrawingConfig(WORDS, size=8, width=16, channels=8, layers=1)
SENTENCES = ["a red star", "a star"]


def built(**settings) -> SceneDrawing:
    torch.manual_seed(0)
    return replace(CONFIG, **settings).build()


def test_sentences_become_pictures() -> None:
    model = built().train()
    pictures = model.draw(SENTENCES)
    assert pictures.shape == (2, 3, 8, 8)
    assert pictures.min() >= 0 and pictures.max() <= 1
    assert model.training
    assert model.draw(SENTENCES).equal(pictures)
    assert not model.draw(SENTENCES, seed=1).isclose(pictures).all()
    assert not model.draw(["a blue star", "a star"])[0].isclose(pictures[0]).all()
    torch.testing.assert_close(model.predict("a red star"), pictures[0])


def test_chinese_sentences_are_cut_into_words() -> None:
    model = built(tokenizer=CaptionWords(("一个", "红色", "的", "五角星"), "zh"))
    assert model.draw(["一个红色的五角星"]).shape == (1, 3, 8, 8)


def test_one_step_of_the_flow_is_what_the_model_draws_at_once() -> None:
    model = built().eval()
    ids, noise = torch.tensor([[4, 5, 7]]), torch.randn(1, 192)
    torch.testing.assert_close(model.follow(ids, noise), model({"text": ids}, noise))
    many = built(steps=5).eval().follow(ids, noise)
    assert not many.isclose(model.follow(ids, noise)).all()


def test_guidance_is_between_what_a_sentence_and_what_none_says() -> None:
    ids, noise = torch.tensor([[4, 5, 7]]), torch.randn(1, 192)
    none, one, three = (built(guidance=g).eval().follow(ids, noise) for g in (0.0, 1.0, 3.0))
    torch.testing.assert_close(three, none + 3 * (one - none))
    other = built(guidance=0.0).eval().follow(torch.tensor([[4, 6, 7]]), noise)
    torch.testing.assert_close(other, none)
    assert not one.isclose(none).all()


@pytest.mark.parametrize(
    ("sentences", "message"),
    [
        ([], "a list of one or more"),
        ("a red star", "a list of one or more"),
        (["a red ring"], "'a red ring' has a word that is none of: a, red, blue, star"),
        (["a star", ""], "text 1, '', is empty"),
    ],
)
def test_sentences_that_cannot_be_read_are_refused(sentences, message: str) -> None:
    with pytest.raises(TextError, match=message):
        built().draw(sentences)


def test_bad_settings_and_noise_are_refused() -> None:
    with pytest.raises(ConfigError, match="steps must be 1 or more, not 0"):
        replace(CONFIG, steps=0)
    with pytest.raises(ValueError, match=r"noise must be \(batch, 192\), not \(1, 3, 8, 8\)"):
        built()({"text": torch.tensor([[4]])}, torch.randn(1, 3, 8, 8))


def test_a_folder_gives_the_same_model(tmp_path: Path) -> None:
    model = built(steps=2, guidance=2.0)
    save_pretrained(tmp_path / "m", model.config, model)
    again = load_pretrained(tmp_path / "m")
    assert again.config == model.config
    assert again.draw(SENTENCES, 3).equal(model.draw(SENTENCES, 3))


def batch() -> Batch:
    generator = torch.Generator().manual_seed(1)
    text = torch.tensor([[4, 5, 7], [4, 7, 0], [4, 6, 7]])
    return Batch({"image": torch.rand(3, 3, 8, 8, generator=generator), "text": text})


def test_the_loss_is_that_of_flow_matching_at_the_times_it_draws() -> None:
    model, samples = built().eval(), batch()
    torch.manual_seed(2)
    found = FlowMatching(untold=0, middle=1.0, spread=0.5)(model, samples)
    torch.manual_seed(2)
    torch.rand(3)  # whose sentence is hidden
    time = torch.sigmoid(1 + 0.5 * torch.randn(3))
    images = 2 * samples.inputs["image"] - 1
    noise = torch.randn_like(images)
    x = between(noise, images, time)
    end = model.decoder(model.encoder(samples.inputs["text"]), x, time)
    left = (1 - time)[:, None, None, None]
    torch.testing.assert_close(found.total, ((end - images) / left).square().sum())
    assert found.count == images.numel()


def test_hidden_sentences_have_no_say_and_teach_nothing() -> None:
    model, samples = built(), batch()
    FlowMatching(untold=1)(model, samples).total.backward()
    assert not any(p.grad is not None and p.grad.any() for p in model.encoder.parameters())
    model.zero_grad()
    FlowMatching(untold=0)(model, samples).total.backward()
    assert all(p.grad is not None and p.grad.any() for p in model.encoder.parameters())


def test_a_network_with_a_mean_beside_it_flows_itself() -> None:
    model, samples = built(), batch()
    torch.manual_seed(2)
    expected = FlowMatching()(model, samples).total
    torch.manual_seed(2)
    torch.testing.assert_close(FlowMatching()(Averaged(model), samples).total, expected)


def test_what_is_no_drawing_does_not_flow() -> None:
    with pytest.raises(ValueError, match="only a SceneDrawing flows, not a Linear"):
        FlowMatching()(nn.Linear(1, 1), batch())
