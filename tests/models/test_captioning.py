"""A captioner: its words, what it looks at, how it writes, and what is refused."""

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from mmbook.batch import Padded
from mmbook.datasets.scenes.captions import describe
from mmbook.datasets.scenes.layout import SceneConfig, draw_scenes
from mmbook.decoders import MaskedHistory, beam_search, generate
from mmbook.losses import IGNORED
from mmbook.models import Captioner, CaptionerConfig, load_pretrained, save_pretrained
from mmbook.models.captioning import (
    CaptionWords,
    FeatureGridEncoderConfig,
    RecurrentDecoderConfig,
    TransformerDecoderConfig,
    caption_batch,
)
from mmbook.models.config import ConfigError
from mmbook.models.language import next_token_loss
from mmbook.models.retrieval import SquareImage
from mmbook.preprocessing.images.transforms import ImageError
from mmbook.preprocessing.text.special import BOS, EOS

WORDS = CaptionWords(("a", "red", "blue", "star", "ring", "and", ","))
ENCODER = FeatureGridEncoderConfig(width=8, stages=(4,), strides=(2, 2))
DECODERS = {"gru": RecurrentDecoderConfig(), "transformer": TransformerDecoderConfig(heads=2)}


@pytest.fixture(scope="module", params=DECODERS)
def model(request: pytest.FixtureRequest) -> Captioner:
    torch.manual_seed(0)
    config = CaptionerConfig(
        WORDS, ENCODER, DECODERS[request.param], SquareImage(16), ("red", "blue"), longest=9
    )
    built = config.build().eval()
    for parameter in built.model.parameters():  # so that captions differ from picture to picture
        parameter.data *= 3
    return built


@pytest.fixture
def images() -> torch.Tensor:
    return torch.from_numpy(np.stack([picture(seed) for seed in range(4)])).movedim(-1, 1)


def picture(seed: int, height: int = 16, width: int = 16) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


def test_english_sentences_come_back() -> None:
    tokenizer = WORDS.build()
    text = "a red star, a blue ring and a star"
    assert len(tokenizer.encode(text)) == 10
    assert tokenizer.decode(tokenizer.encode(text)) == text


def test_chinese_sentences_come_back_in_words() -> None:
    words = ("有", "一个", "红色", "的", "小", "五角星", "，", "左上方", "心形")
    tokenizer = CaptionWords(words, "zh").build()
    text = "左上方有一个红色的小五角星，左上方有一个心形"
    assert tokenizer.split(text)[:7] == ["左上方", "有", "一个", "红色", "的", "小", "五角星"]
    assert tokenizer.decode(tokenizer.encode(text)) == text


def test_the_picture_decides_what_is_written(model: Captioner, images: torch.Tensor) -> None:
    ids = torch.tensor([[BOS, 4, 5]] * 4)
    logits = model({"image": images, "text": ids})
    assert logits.shape == (4, 3, len(WORDS.build()))
    others = model({"image": images.flip(0), "text": ids})
    torch.testing.assert_close(others, logits.flip(0))
    assert (others - logits).abs().amax(dim=(1, 2)).min() > 1e-3


def test_words_that_are_masked_are_not_read(model: Captioner, images: torch.Tensor) -> None:
    assert isinstance(model.model, MaskedHistory)
    red, blue, star = (
        model({"image": images, "text": torch.tensor([[BOS, i]] * 4)})[:, -1]
        for i in model.tokenizer.vocabulary.encode(["red", "blue", "star"])
    )
    assert torch.equal(red, blue) and not torch.equal(red, star)


def test_bytes_and_numbers_are_the_same_picture(model: Captioner, images: torch.Tensor) -> None:
    seen, numbers = model.look(images), model.look(images / 255)
    torch.testing.assert_close(seen.values, numbers.values, atol=1e-4, rtol=1e-4)
    assert seen.values.shape == (4, 16, 8)


def test_one_candidate_is_the_most_probable_word(model: Captioner, images: torch.Tensor) -> None:
    prompts = Padded.of([torch.tensor([BOS])] * 4)
    with torch.inference_mode():
        found = generate(model.model, model.look(images), prompts, EOS, model.config.longest)
    rows = zip(found.values.tolist(), found.lengths.tolist(), strict=True)
    expected = [model.tokenizer.decode(row[:length]) for row, length in rows]
    assert model.caption(images) == expected
    assert len(set(expected)) > 1
    assert max(len(model.tokenizer.encode(text)) for text in expected) <= model.config.longest


def test_several_candidates_are_those_of_the_search(model: Captioner, images: torch.Tensor) -> None:
    with torch.inference_mode():
        ids, _ = beam_search(model.model, model.look(images), BOS, EOS, 9, 3, rows=4)
    expected = [model.tokenizer.decode(row) for row in ids.values.tolist()]
    # What stands behind the end of a sentence is ends alone, which are not shown.
    assert model.caption(images, beam=3) == expected


def test_predict_reads_what_people_have(model: Captioner) -> None:
    assert model.predict(Image.fromarray(picture(2))) == model.predict(picture(2))
    wide = model.predict(picture(3, 9, 40), beam=2)
    assert isinstance(wide, str)
    with pytest.raises(ImageError):
        model.predict(np.zeros((4, 4)))


def test_the_mode_of_the_model_stays(model: Captioner, images: torch.Tensor) -> None:
    model.train()
    before = model.caption(images)
    assert model.training and before == model.caption(images)  # batch norm learned nothing
    model.eval()


def test_a_folder_gives_the_same_model(
    model: Captioner, images: torch.Tensor, tmp_path: Path
) -> None:
    save_pretrained(tmp_path / "m", model.config, model)
    again = load_pretrained(tmp_path / "m")
    assert again.config == model.config
    assert again.caption(images, beam=2) == model.caption(images, beam=2)


def test_it_learns_from_pictures_and_captions(model: Captioner, images: torch.Tensor) -> None:
    captions = ["a red star", "a ring", "a blue star and a ring", "a star, a ring"]
    batch = caption_batch(model.tokenizer, images, captions)
    assert {*batch.inputs} == {"image", "text"}
    counted = (batch.targets["next"] != IGNORED).sum(dim=1).tolist()
    assert counted == [4, 3, 7, 6]  # the words and the end
    learner = model.config.build()
    loss = next_token_loss(learner, batch)
    assert int(loss.count) == sum(counted)
    loss.mean().backward()
    assert all(p.grad is not None and p.grad.isfinite().all() for p in learner.parameters())


def test_the_captions_of_scenes_fit(model: Captioner) -> None:
    longest = CaptionerConfig(WORDS).longest
    for scene in draw_scenes(SceneConfig(objects=(4, 4)), "train", 20):
        assert len(WORDS.build().encode(describe(scene, "scene", "")["en"])) < longest


def test_what_does_not_fit_is_said(model: Captioner, images: torch.Tensor) -> None:
    with pytest.raises(ConfigError, match="'green' is none of the tokenizer's words"):
        CaptionerConfig(WORDS, masked=("red", "green"))
    with pytest.raises(ValueError, match="one number of samples"):
        caption_batch(model.tokenizer, images, ["a star"])
    one = Padded.of([torch.tensor([BOS])] * 4)
    with pytest.raises(ValueError, match="pictures must be a tensor"):
        model({"image": Padded(images, one.lengths), "text": one})
    with pytest.raises(ValueError, match="width must be from 1"):
        model.caption(images, beam=0)
    with pytest.raises(ValueError, match="images must have shape"):
        model.caption(images[:, :1])
