"""The pictures of the chapter on text hold what they are given."""

from html.parser import HTMLParser

import pytest
import torch
from matplotlib.axes import Axes

from mmbook.plotting.language import (
    draw_levels,
    draw_text_way,
    plot_masks,
    plot_readings,
    plot_token_costs,
    plot_zipf,
    sentence_table,
)


def widths(ax: Axes) -> list[float]:
    return [round(patch.get_width(), 3) for patch in ax.patches]


def test_a_table_has_a_cell_for_each_part() -> None:
    spans: list[int] = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            if tag == "td":
                spans.append(int(dict(attrs)["colspan"] or 0))

    text = sentence_table({"bytes": [("e5", 1), ("a5", 1)], "signs": [("<女>", 2)]}, "Girl & co")
    Reader().feed(text)
    assert spans == [1, 1, 2]
    assert "&lt;女&gt;" in text and "Girl &amp; co" in text and "bytes, 2" in text


@pytest.mark.parametrize("rows", [{"a": [("x", 1)], "b": [("y", 2)]}, {"a": [("x", 0)]}])
def test_rows_must_cover_the_same(rows: dict) -> None:
    with pytest.raises(ValueError, match="same bytes"):
        sentence_table(rows, "wrong")


def test_the_way_of_a_text_names_each_step_and_shape() -> None:
    words = [text.get_text() for text in draw_text_way().texts]
    for step in ("normalise", "encode", "pad", "embed", "decode"):
        assert words.count(step) == 1
    for shape in ("(L,)", "(B, L)", "(B, L, D)"):
        assert sum(f"${shape}$" in text for text in words) == 1


def test_each_level_but_the_lowest_counts() -> None:
    words = [text.get_text() for text in draw_levels(["nothing", "after red", "after a red"]).texts]
    assert words.count("counts $(V,)$") == words.count("probabilities $(V,)$") == 2
    assert words.count("answer $(V,)$") == words.count("after red") == 1


def test_zipf_shows_points_and_law() -> None:
    ax = plot_zipf({"en": [1, 4, 2], "zh": [3, 3]}, {"en": 1.0, "zh": 0.0})
    assert len(ax.lines) == 4
    assert list(ax.lines[0].get_ydata()) == [4, 2, 1]
    assert sum(ax.lines[1].get_ydata()) == pytest.approx(7)
    assert ax.get_xscale() == ax.get_yscale() == "log"


def test_a_bar_for_each_tokenizer_and_language() -> None:
    ax = plot_token_costs({"en": {"en": 2.0, "zh": 9.0}, "both": {"en": 3.0, "zh": 4.0}})
    assert sorted(widths(ax)) == [2.0, 3.0, 4.0, 9.0]
    assert [label.get_text() for label in ax.get_yticklabels()] == [
        "trained on en",
        "trained on both",
    ]


def test_five_ways_to_read_have_a_bar_each() -> None:
    ax = plot_readings({"a": {way: 0.1 for way in "vwxyz"}}, {"a": 0.5})
    assert widths(ax) == [0.1] * 5


def test_a_bar_for_each_question_and_way() -> None:
    ax = plot_readings({"a": {"x": 0.5, "y": 1.0}, "b": {"x": 0.2, "y": 0.1}}, {"a": 0.5, "b": 0.0})
    assert sorted(widths(ax)) == [0.1, 0.2, 0.5, 1.0]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["a", "b"]
    assert len(ax.collections) == 2


def test_masks_are_drawn_cell_by_cell() -> None:
    axes = plot_masks({"one": torch.tensor([[True, False]]), "two": torch.ones(3, 4).bool()})
    assert [ax.get_title() for ax in axes] == ["one", "two"]
    assert [ax.collections[0].get_array().size for ax in axes] == [2, 12]
    assert axes[0].collections[0].get_array().ravel().tolist() == [0.75, 0.12]
