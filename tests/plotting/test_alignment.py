"""Pictures of a shared space: what they show is what they were given."""

import torch

from mmbook.plotting.alignment import (
    draw_bindings,
    draw_space,
    draw_two_encoders,
    plot_floor,
    plot_similarities,
)


def test_both_ways_have_the_same_shapes_behind_the_encoder() -> None:
    words = [text.get_text() for text in draw_two_encoders().texts]
    assert words.count("(B, 96)") == 2
    assert words.count("(B, d)") == 4


def test_pairs_and_what_fits_too_have_frames() -> None:
    related = torch.tensor([[1, 0, 1], [0, 1, 0], [1, 0, 1]]).bool()
    axes = plot_similarities(torch.eye(3), list("abc"), list("xyz"), related)
    styles = [frame.get_linestyle() for frame in axes.patches]
    assert styles.count("-") == 3 and styles.count("--") == 2
    assert [tick.get_text() for tick in axes.get_yticklabels()] == ["a", "b", "c"]


def test_the_loss_lies_between_guessing_and_its_floor() -> None:
    axes = plot_floor([4.0, 3.0, 2.0], floor=1.9, chance=4.2)
    levels = {line.get_label(): list(line.get_ydata()) for line in axes.lines}
    assert levels["the floor"] == [1.9, 1.9]
    assert levels["guessing, log B"] == [4.2, 4.2]
    assert levels["loss"] == [4.0, 3.0, 2.0]


def test_what_was_never_paired_is_dashed() -> None:
    axes = draw_bindings({("image", "text"): (0.97, 0.01)}, {("image", "audio"): (0.8, 0.02)})
    assert [line.get_linestyle() for line in axes.lines] == ["-", "--"]
    words = [text.get_text() for text in axes.texts]
    assert words[:2] == ["97.0 ± 1.0 %", "80.0 ± 2.0 %"]


def test_a_label_stands_in_the_middle_of_its_points() -> None:
    points = torch.tensor([[0.0, 0.0], [2.0, 4.0], [5.0, 5.0]])
    axes = draw_space({"image": (points, ["1", "1", "2"])})
    places = {text.get_text(): text.get_position() for text in axes.texts}
    assert places == {"1": (1.0, 2.0), "2": (5.0, 5.0)}
