"""Pictures of explanations show what they are given."""

import pytest
import torch

from mmbook.plotting.explaining import (
    draw_two_questions,
    plot_maps,
    plot_sense_values,
    plot_tests,
)


def test_the_drawing_says_every_shape():
    panel = draw_two_questions(classes=32, side=48, square=6)
    said = " ".join(text.get_text() for text in panel.texts)
    assert said.count("(3, 48, 48)") == 3
    assert "one of (32)" in said and "of (8, 8)" in said and "64 times" in said


def test_maps_and_pictures_stand_side_by_side():
    picture = torch.randint(0, 255, (3, 8, 8), dtype=torch.uint8)
    given = -torch.rand(4, 4)  # what counts is how large
    axes = plot_maps([("seen", picture), ("map", given), ("none", torch.zeros(4, 4))], columns=2)
    assert [panel.get_title() for panel in axes] == ["seen", "map", "none"]
    assert (axes[0].images[0].get_array() == picture.movedim(0, -1).numpy()).all()
    torch.testing.assert_close(torch.tensor(axes[1].images[0].get_array()), given.abs())
    with pytest.raises(ValueError, match="not \\(2, 3, 4, 4\\)"):
        plot_maps([("two", torch.zeros(2, 3, 4, 4))])


def test_each_value_of_a_test_is_a_dot():
    found = {"a": {"trained": [0.9], "random": [0.4, 0.5]}, "b": {"trained": [0.2], "random": [0]}}
    left, right = plot_tests({"share": found, "rank": found}, {"share": 0.5})
    assert [label.get_text() for label in left.get_yticklabels()] == ["a", "b"]
    dots = [list(line.get_xdata()) for line in left.lines if line.get_linestyle() == "None"]
    assert dots == [[0.9], [0.4, 0.5], [0.2], [0]]
    dashed = [line for line in (*left.lines, *right.lines) if line.get_linestyle() == "--"]
    assert len(dashed) == 1 and dashed[0].axes is left
    (legend,) = left.figure.legends
    assert [text.get_text() for text in legend.get_texts()] == ["trained", "random"]


def test_each_sense_is_a_bar_of_each_account():
    account = {"image": 0.5, "audio": -0.2}
    axes = plot_sense_values(
        {"clean": {"alone": account, "shared": account}, "noisy": {"x": account}}
    )
    assert [bar.get_height() for bar in axes[0].patches] == [0.5, -0.2, 0.5, -0.2]
    assert [panel.get_title() for panel in axes] == ["clean", "noisy"]
    (legend,) = axes[0].figure.legends
    assert [text.get_text() for text in legend.get_texts()] == ["image", "audio"]
