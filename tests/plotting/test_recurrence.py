"""What the pictures of recurrence show: lines, labels and places, not pixels."""

import pytest
import torch

from mmbook.plotting.recurrence import (
    draw_lstm,
    plot_both_directions,
    plot_knowledge,
    plot_memory,
    plot_perplexities,
    plot_reach,
    plot_surprise,
    plot_unrolled,
)


def test_every_step_has_the_same_two_weights() -> None:
    texts = [text.get_text() for text in plot_unrolled(["dog", "bites", "man"]).texts]
    assert texts.count("$W$") == texts.count("$U$") == 3
    assert "$x_3$ = man" in texts and "$h_0 = 0$" in texts
    assert texts.count("$(D)$") == texts.count(r"$(D_{\mathrm{in}})$") == 3


def test_an_lstm_has_four_boxes_that_read_both_and_three_products_and_a_sum() -> None:
    texts = [text.get_text() for text in draw_lstm().texts]
    boxes = [text.split("\n")[0] for text in texts if "\n" in text]
    assert boxes == ["forget", "input", "proposal", "output"]
    assert texts.count(r"$(D), (D_{\mathrm{in}})$") == 4
    assert texts.count("×") == 3 and texts.count("+") == 1
    assert {"$c_t$  $(D)$", "$h_t$  $(D)$"} <= set(texts)


def test_a_strip_for_each_network_with_the_last_input_first() -> None:
    panel = plot_reach({"a": torch.tensor([1.0, 1e-3, 0.0]), "b": torch.tensor([1.0, 1e2, 1e4])})
    values = panel.images[0].get_array().tolist()
    assert values[0] == pytest.approx([0, -3, -12], abs=1e-6)
    assert values[1] == pytest.approx([0, 2, 4], abs=1e-6)
    assert [label.get_text() for label in panel.get_yticklabels()] == ["a", "b"]


def test_a_panel_for_each_task_and_a_line_for_each_network() -> None:
    found = {"RNN": {5: (1.0, 0.0), 40: (0.1, 0.02)}, "GRU": {5: (1.0, 0.0), 40: (0.9, 0.3)}}
    axes = plot_memory({"first symbol": found, "copy": found}, chance=0.125)
    assert [panel.get_title() for panel in axes] == ["first symbol", "copy"]
    (legend,) = axes[0].get_figure().legends
    assert {text.get_text() for text in legend.get_texts()} == {"RNN", "GRU", "chance"}
    assert axes[1].lines[0].get_ydata().tolist() == [1.0, 0.1]
    assert [label.get_text() for label in axes[0].get_xticklabels()] == ["5", "40"]


def test_a_panel_for_each_text_and_a_line_for_each_model() -> None:
    curves = {"Kneser-Ney": {100: (80.0, 2.0), 1000: (40.0, 1.0)}, "GRU": {100: (120.0, 9.0)}}
    axes = plot_perplexities({"one": curves, "two": curves})
    assert [panel.get_title() for panel in axes] == ["one", "two"]
    assert len(axes[0].containers) == 2
    assert [label.get_text() for label in axes[1].get_xticklabels()] == ["100", "1,000"]
    assert axes[0].get_xscale() == axes[0].get_yscale() == "log"


def test_a_bar_for_each_word() -> None:
    panel = plot_surprise(["a", "girl", "."], torch.tensor([1.0, 5.0, 0.5]))
    assert [bar.get_height() for bar in panel.patches] == [1.0, 5.0, 0.5]
    assert [label.get_text() for label in panel.get_xticklabels()] == ["a", "girl", "."]


def test_both_directions_join_in_a_token_of_their_widths() -> None:
    panel = plot_both_directions(["a", "red", "star"], 44)
    texts = [text.get_text() for text in panel.texts]
    assert {"a", "red", "star", "ids\n(n, L)", "tokens\n(n, L, 44)"} <= set(texts)
    assert "states\n2 × (n, L, 22)" in texts
    thick = [box for box in panel.patches if box.get_linewidth() > 2]
    middles = [box.get_bbox().x0 + box.get_bbox().width / 2 for box in thick]
    assert middles == pytest.approx([0, 2], abs=0.01) and len(panel.patches) == 15


def test_knowledge_is_a_square_a_word_and_reader() -> None:
    shares = torch.tensor([[0.0, 1.0], [0.5, 1.0]])
    axes = plot_knowledge({"English": (["a", "star"], shares)}, ["GRU", "both"])
    assert torch.equal(torch.tensor(axes[0].images[0].get_array()), shares)
    assert [label.get_text() for label in axes[0].get_xticklabels()] == ["a", "star"]
    assert [label.get_text() for label in axes[0].get_yticklabels()] == ["GRU", "both"]
    assert axes[0].get_title() == "English"
