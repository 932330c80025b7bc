"""The pictures of flows: the shapes that they write are those of the package's network."""

import pytest
import torch
from torch import nn

from mmbook.decoders.flow import FlowDecoder
from mmbook.models.scene_drawing import SceneDrawingConfig
from mmbook.plotting.concepts.flows import (
    DOWN,
    MIDDLE,
    PICTURE,
    UP,
    draw_flow,
    draw_painter,
    plot_crowds,
    plot_lines_and_paths,
)
from mmbook.tokens import Tokens


def sizes(name: str) -> tuple[int, ...]:
    return tuple(int(size) for size in name.split(" × "))


def test_the_painter_has_the_shapes_that_are_drawn() -> None:
    made = SceneDrawingConfig.__dataclass_fields__
    decoder = FlowDecoder(made["width"].default, made["size"].default)
    found: dict[nn.Module, tuple[int, ...]] = {}
    parts = [decoder.down_block, decoder.down, decoder.up, decoder.leave]
    for part in parts:
        part.register_forward_hook(lambda own, _, out: found.update({own: out.shape[1:]}))
    decoder.cells.register_forward_hook(
        lambda own, _, out: found.update({own: out.values.shape[1:]})
    )
    ends = decoder(Tokens.of(torch.randn(2, 5, 96)), torch.randn(2, 3, 32, 32), torch.rand(2))
    assert decoder.enter.in_channels == sizes(DOWN[0][1])[0]
    assert [found[part] for part in parts[:2]] == [sizes(made) for _, made in DOWN[1:]]
    assert found[decoder.cells] == sizes(MIDDLE[1])
    assert [found[part] for part in parts[2:]] == [sizes(made) for _, made in UP[:2]]
    assert ends.shape[1:] == sizes(UP[2][1]) == sizes(PICTURE)
    assert len(decoder.up_blocks) == 2 and MIDDLE[0] == "2 transformer layers"


def test_every_part_is_in_the_drawing() -> None:
    words = {text.get_text() for text in draw_painter().texts}
    assert {name for part in (*DOWN, *UP) for name in part} <= words
    assert {MIDDLE[0], f"cells: {MIDDLE[1]}", "sentence: L ids", "tokens: L × 96"} <= words


def test_learning_and_drawing_go_through_the_same_network() -> None:
    words = [text.get_text() for text in draw_flow().texts]
    assert words.count("network v") == 2
    assert {"noise $x_0$: B × d", "squared error", "x + v / n"} <= {*words}


def test_lines_and_paths_are_drawn_over_time() -> None:
    lines = torch.tensor([[0.0, 1.0], [2.0, 3.0], [4.0, 5.0]])
    one, other = plot_lines_and_paths(lines, -lines)
    first = one.lines[0]
    assert list(first.get_xdata()) == [0, 0.5, 1] and list(first.get_ydata()) == [0, 2, 4]
    assert list(other.lines[1].get_ydata()) == [-1, -3, -5]


@pytest.mark.parametrize("paths", [torch.zeros(3, 4), torch.zeros(3)])
def test_paths_of_another_shape_are_refused(paths: torch.Tensor) -> None:
    with pytest.raises(ValueError, match=r"must both be \(times, n\), not"):
        plot_lines_and_paths(torch.zeros(3) if paths.ndim == 1 else torch.zeros(3, 5), paths)


def test_crowds_have_a_panel_for_each_title() -> None:
    points, target = torch.zeros(7, 2), torch.ones(4, 2)
    rows = {"a": [points, points], "b": [points, points + 1]}
    panels = plot_crowds(rows, ["x", "y"], target)
    assert [panel.get_ylabel() for panel in panels] == ["a", "", "b", ""]
    assert [panel.get_title() for panel in panels] == ["x", "y", "", ""]
    should, are = panels[3].collections
    assert len(should.get_offsets()) == 4 and (are.get_offsets() == 1).all()
    assert len(plot_crowds(rows, ["x", "y"])[0].collections) == 1


def test_a_row_that_lacks_a_panel_is_refused() -> None:
    with pytest.raises(ValueError, match=r"2 titles, but these rows have as many panels: \{'a': 1"):
        plot_crowds({"a": [torch.zeros(3, 2)]}, ["x", "y"])
