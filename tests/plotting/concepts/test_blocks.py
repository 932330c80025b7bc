"""The picture of a block: its parts are those of the package's block, in their order."""

import torch

from mmbook.layers.transformer import TransformerBlock
from mmbook.plotting.concepts.blocks import BLOCK, DECODER, MEMORY, SHAPE, draw_blocks, plot_parts


def test_the_parts_are_those_of_the_package_in_their_order():
    block = TransformerBlock(8, 2, cross=True)
    found: list[str] = []
    for name in ("attention", "cross_attention", "feed_forward"):
        part = block.get_submodule(name)
        part.register_forward_hook(lambda *_, name=name: found.append(name))
    assert block(torch.randn(2, 3, 8), memory=torch.randn(2, 5, 8)).shape == (2, 3, 8)
    names = {"attention": "self-attention", "cross_attention": "cross-attention"}
    names["feed_forward"] = "feed-forward\nD → 4D → D"
    assert [names[name] for name in found] == [name for name, _ in DECODER]
    assert (DECODER[0], DECODER[2]) == BLOCK
    assert block.feed_forward[0].out_features == 4 * 8


def test_every_arrow_has_a_shape():
    plain, decoder = draw_blocks()
    for panel, parts in ((plain, BLOCK), (decoder, DECODER)):
        words = [text.get_text() for text in panel.texts]
        assert words.count(SHAPE) == 3 * len(parts)  # to LN, to the part, and back
        assert words.count("+") == words.count("LN") == len(parts)
    assert MEMORY in [text.get_text() for text in decoder.texts]
    assert MEMORY not in [text.get_text() for text in plain.texts]


def test_parts_stand_in_their_order_with_their_means():
    axes = plot_parts({"complete": (24.4, 0.2), "one block": (25.4, 0.3)}, 26.6, "counts")
    assert [label.get_text() for label in axes.get_yticklabels()] == ["complete", "one block"]
    assert [bar.get_width() for bar in axes.patches] == [24.4, 25.4]
    assert [text.get_text() for text in axes.texts] == ["24.4", "25.4"]
    assert axes.get_legend().get_texts()[0].get_text() == "counts"
    assert axes.yaxis_inverted()
