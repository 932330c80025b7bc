"""The weights of cross-attention: they are those that the modules used, and belong to the words."""

import pytest
import torch
from torch import Tensor, nn

from mmbook.decoders import MaskedHistory, RecurrentDecoder, TransformerDecoder
from mmbook.layers import MultiHeadAttention
from mmbook.models import Captioner, CaptionerConfig
from mmbook.models.captioning import (
    CaptionWords,
    FeatureGridEncoderConfig,
    RecurrentDecoderConfig,
    TransformerDecoderConfig,
    caption_batch,
)
from mmbook.models.looking import (
    CaptionWord,
    attention_maps,
    cross_attentions,
    cross_weights,
    watched_cross_attention,
)
from mmbook.tokens import Tokens

WORDS = CaptionWords(("a", "red", "blue", "star", "ring", "and", ","))
ENCODER = FeatureGridEncoderConfig(width=8, stages=(4,), strides=(2, 2))
DECODERS = {"gru": RecurrentDecoderConfig(), "transformer": TransformerDecoderConfig(heads=2)}
CAPTION = "a red star, a blue ring"


@pytest.fixture(params=DECODERS)
def captioner(request: pytest.FixtureRequest) -> Captioner:
    torch.manual_seed(0)
    decoder = DECODERS[request.param]
    built = CaptionerConfig(WORDS, ENCODER, decoder, masked=("red", "blue"), longest=9).build()
    for parameter in built.model.parameters():  # so that weights differ from cell to cell
        parameter.data *= 3
    return built.eval()


@pytest.fixture
def image() -> Tensor:
    return torch.rand(3, 16, 24, generator=torch.Generator().manual_seed(1))


def mixed(part: MultiHeadAttention, weights: Tensor, memory: Tensor) -> Tensor:
    """What a module has to return, if these are its weights."""
    v = part.keys(memory)[1].repeat_interleave(part.heads // part.kv_heads, dim=1)
    return part.output((weights @ v).transpose(1, 2).flatten(2))


@pytest.mark.parametrize("kv_heads", [4, 2])
@pytest.mark.parametrize("masked", ["nothing", "keys", "queries and keys"])
def test_weights_times_values_are_the_output(masked: str, kv_heads: int) -> None:
    torch.manual_seed(0)
    part = MultiHeadAttention(16, 4, kv_heads=kv_heads)
    x, memory = torch.randn(3, 5, 16), torch.randn(3, 7, 16)
    seen = {
        "nothing": None,
        "keys": torch.arange(7) < torch.tensor([[7], [3], [1]]),
        "queries and keys": torch.rand(3, 5, 7) < 0.5,
    }[masked]
    if seen is not None and seen.ndim == 3:
        seen[..., 0] = True  # each query sees something
    weights = cross_weights(part, x, memory, seen)
    assert weights.shape == (3, 4, 5, 7)
    assert torch.equal(weights, cross_weights(part, x, part.keys(memory), seen))
    torch.testing.assert_close(weights.sum(dim=-1), torch.ones(3, 4, 5))
    torch.testing.assert_close(mixed(part, weights, memory), part(x, memory, seen))


def test_padding_has_no_weight_and_who_sees_nothing_has_none() -> None:
    part = MultiHeadAttention(8, 2)
    memory = torch.full((2, 3, 8), float("nan"))
    memory[0, :2] = 1.0
    weights = cross_weights(
        part, torch.randn(2, 1, 8), memory, torch.tensor([[1, 1, 0], [0, 0, 0]]).bool()
    )
    torch.testing.assert_close(weights[0, :, 0], torch.tensor([[0.5, 0.5, 0.0]] * 2))
    assert (weights[1] == 0).all()


def test_watching_sees_what_the_decoder_mixed(captioner: Captioner, image: Tensor) -> None:
    batch = caption_batch(captioner.tokenizer, image.expand(2, -1, -1, -1), [CAPTION, "a star"])
    parts = cross_attentions(captioner.model)
    outputs: list[Tensor] = []
    hooks = [part.register_forward_hook(lambda _, __, y: outputs.append(y)) for part in parts]
    before = captioner(batch.inputs)
    outputs.clear()
    with watched_cross_attention(captioner.model) as seen:
        after = captioner(batch.inputs)
    for hook in hooks:
        hook.remove()
    captioner(batch.inputs)
    assert torch.equal(before, after)
    assert len(seen) == len(outputs) == len(parts)  # and none from outside
    memory = captioner.look(batch.inputs["image"]).values
    for part, weights, output in zip(parts, seen, outputs, strict=True):
        torch.testing.assert_close(mixed(part, weights, memory), output)


def test_hooks_go_after_an_error(captioner: Captioner) -> None:
    with pytest.raises(KeyError), watched_cross_attention(captioner.model):
        raise KeyError
    assert all(not part._forward_pre_hooks for part in cross_attentions(captioner.model))


def test_a_map_for_each_word(captioner: Captioner, image: Tensor) -> None:
    maps = attention_maps(captioner, image, CAPTION)
    assert maps.words == ("a", "red", "star", ",", "a", "blue", "ring")
    parts = cross_attentions(captioner.model)
    assert maps.weights.shape == (len(parts), parts[0].heads, 7, 4, 6)  # 16 × 24 pixels over 4
    torch.testing.assert_close(maps.mean().sum(dim=(1, 2)), torch.ones(7))
    # The first map is that of a decoder that has read the beginning alone.
    with watched_cross_attention(captioner.model) as seen:
        captioner(caption_batch(captioner.tokenizer, image[None], ["ring"]).inputs)
    torch.testing.assert_close(maps.weights[:, :, 0].flatten(-2), torch.cat(seen)[:, :, 0])


def test_its_own_sentence_is_the_most_probable(captioner: Captioner, image: Tensor) -> None:
    captioner.train()
    caption = captioner.caption(image[None])[0]
    maps, again = attention_maps(captioner, image), attention_maps(captioner, image, caption)
    assert captioner.training and maps.words == again.words
    assert torch.equal(maps.weights, again.weights)
    captioner.eval()
    batch = caption_batch(captioner.tokenizer, image[None], [caption])
    best = captioner(batch.inputs).log_softmax(dim=-1).amax(dim=-1)[0, : len(maps.words)]
    torch.testing.assert_close(maps.log_probabilities, best)


@pytest.mark.parametrize(
    ("decoder", "parts"),
    [
        (TransformerDecoder(9, 8, 2, layers=3, cross=True), 3),
        (RecurrentDecoder(9, 8, cross=True, heads=2), 1),
        (MaskedHistory(RecurrentDecoder(9, 8, cross=True), [4], 1), 1),
    ],
)
def test_who_looks(decoder: nn.Module, parts: int) -> None:
    found = cross_attentions(decoder)
    assert len(found) == parts and all(isinstance(part, MultiHeadAttention) for part in found)


def test_self_attention_is_not_watched() -> None:
    decoder = TransformerDecoder(9, 8, 2, layers=2, cross=True)
    with watched_cross_attention(decoder) as seen:
        decoder(Tokens.of(torch.randn(1, 5, 8)), torch.tensor([[4, 5, 6]]))
    assert [weights.shape for weights in seen] == [(1, 2, 3, 5)] * 2


def test_what_does_not_fit_is_said(
    captioner: Captioner, image: Tensor, monkeypatch: pytest.MonkeyPatch
) -> None:
    for decoder in (TransformerDecoder(9, 8, 2), RecurrentDecoder(9, 8), nn.Linear(2, 2)):
        with pytest.raises(ValueError, match="no cross-attention"):
            cross_attentions(decoder)
    with pytest.raises(ValueError, match="image must be"):
        attention_maps(captioner, image[None])
    with pytest.raises(ValueError, match="without words"):
        attention_maps(captioner, image, " ")
    with pytest.raises(ValueError, match="without rotary"):
        part = MultiHeadAttention(8, 2, rotary=True)
        cross_weights(part, torch.randn(1, 2, 8), torch.randn(1, 3, 8))
    monkeypatch.setattr(captioner, "look", lambda images: Tokens.of(torch.zeros(1, 23, 8)))
    with pytest.raises(ValueError, match="23 picture tokens are no grid over 16 × 24"):
        attention_maps(captioner, image, CAPTION)


def test_a_captioner_is_asked_for_one_word_of_each_caption(captioner):
    images = torch.rand(2, 3, 16, 16)
    captions = ["a blue ring", CAPTION]
    asked = CaptionWord(captioner, captions, ("red", "ring"))
    words = captioner.tokenizer.vocabulary
    assert words.decode(asked.target.tolist()) == ["ring", "red"] and asked.places.tolist() == [
        2,
        1,
    ]
    batch = caption_batch(captioner.tokenizer, images, captions)
    with torch.no_grad():
        expected = captioner(batch.inputs)[[0, 1], [2, 1]].log_softmax(-1)
        torch.testing.assert_close(asked(images), expected)
    maps = attention_maps(captioner, images[1], CAPTION)
    said = asked(images)[1, asked.target[1]]
    torch.testing.assert_close(said.detach(), maps.log_probabilities[1])


def test_a_caption_without_such_a_word_is_refused(captioner):
    with pytest.raises(ValueError, match="needs one of the words \\['star'\\]"):
        CaptionWord(captioner, ["a blue ring"], ("star",))
    with pytest.raises(ValueError, match="2 captions need as many pictures, not 3"):
        CaptionWord(captioner, ["a ring", "a ring"], ("ring",))(torch.rand(3, 3, 16, 16))
