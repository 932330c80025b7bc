"""The pictures of adversaries: the shapes that they write are those of the package's networks."""

import pytest
import torch
from torch import nn

from mmbook.encoders.discriminator import DiscriminatorEncoder
from mmbook.models.drawing import DrawingConfig
from mmbook.plotting.concepts.adversaries import (
    DISCRIMINATOR,
    GENERATOR,
    draw_adversaries,
    plot_games,
)


def shapes(parts: list[nn.Module], run) -> list[str]:
    """What each part puts out of one sample, as the drawing writes it."""
    found: list[str] = []
    for part in parts:
        part.register_forward_hook(
            lambda _part, _given, out: found.append(" × ".join(map(str, out.shape[1:])))
        )
    run()
    return found


def test_the_generator_has_the_shapes_that_are_drawn() -> None:
    drawing = DrawingConfig("abc").build().eval()
    maps, ids = drawing.decoder.maps, torch.ones(4, 6, dtype=torch.long)
    found = shapes([maps[0], maps[1], maps[2]], lambda: drawing({"text": ids}, torch.randn(4, 64)))
    drawn = [made for _, made in GENERATOR]
    assert drawn[0] == str(maps[0].in_features)
    assert found == ["1568", *drawn[2:4]] and drawn[1] == "32 × 7 × 7" and 32 * 7 * 7 == 1568
    assert drawn[4].endswith("1 × 28 × 28")


def test_the_discriminator_has_the_shapes_that_are_drawn() -> None:
    encoder = DiscriminatorEncoder()
    parts = [*encoder.convolutions, encoder.compare, encoder.linear]
    found = shapes(parts, lambda: encoder(torch.randn(4, 1, 28, 28)))
    drawn = [made for _, made in DISCRIMINATOR]
    assert found[:4] == drawn[1:5] and drawn[5] == f"φ: {found[4]}"
    assert drawn[0] == "4 × 14 × 14" and encoder.convolutions[0].in_channels == 4


def test_every_part_is_in_the_drawing() -> None:
    words = {text.get_text() for text in draw_adversaries().texts}
    assert {name for name, _ in (*GENERATOR, *DISCRIMINATOR)} <= words
    assert {"e: 32", "noise z: 64", "word: 6 ids", "FiLM"} <= words


def test_games_have_a_row_for_each_way_to_play() -> None:
    centres, points = torch.tensor([[2.0, 0.0], [0.0, -2.0]]), torch.zeros(7, 2)
    panels = plot_games({"one": [points, points], "other": [points, points + 1]}, centres)
    assert [panel.get_ylabel() for panel in panels] == ["one", "", "other", ""]
    real, made = panels[3].collections
    assert len(real.get_offsets()) == 2 and (made.get_offsets() == 1).all()
    assert panels[0].get_xlim()[1] > 2


def test_rows_of_different_lengths_are_refused() -> None:
    points = torch.zeros(3, 2)
    with pytest.raises(ValueError, match="every row needs as many games"):
        plot_games({"a": [points], "b": [points, points]}, points)
