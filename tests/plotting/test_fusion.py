"""Pictures of fusion: what they show is what they were given."""

import matplotlib.pyplot as plt
import pytest
from matplotlib.axes import Axes

from mmbook.plotting.fusion import (
    draw_game_scores,
    draw_hidden_sense,
    draw_meeting_places,
    draw_overconfidence,
    draw_starving,
)


def words(axes: Axes) -> list[str]:
    return [text.get_text() for text in axes.texts]


def upwards(axes: Axes) -> list[str]:
    """The boxes of one column from below to above, those of two senses side by side named once."""
    texts = sorted(axes.texts, key=lambda text: text.get_position()[1])
    boxes = [text.get_text() for text in texts]
    return list(dict.fromkeys(box for box in boxes if box in ("encoder", "fusion", "decoder")))


def test_the_senses_meet_later_and_later() -> None:
    drawn = draw_meeting_places()
    assert [upwards(axes) for axes in drawn] == [
        ["fusion", "encoder", "decoder"],
        ["encoder", "fusion", "decoder"],
        ["encoder", "decoder", "fusion"],
    ]
    assert [words(axes).count("decoder") for axes in drawn] == [1, 1, 2]
    plt.close("all")


def test_what_the_arrows_carry_has_its_shape() -> None:
    feature, intermediate, decision = map(words, draw_meeting_places())
    assert r"$L \times d$" in feature and r"$L_1 \times d$" not in feature
    assert {r"$L_1 \times d$", r"$L_2 \times d$"} <= set(intermediate)
    assert decision.count("$c$") == 3  # of each sense, and of both
    plt.close("all")


def test_each_sense_passes_a_mask_of_its_own_before_they_meet() -> None:
    axes = draw_hidden_sense()
    assert [words(axes).count(part) for part in ("encoder", "mask", "fusion")] == [2, 2, 1]
    heights = {text.get_text(): text.get_position()[1] for text in axes.texts}
    assert heights["encoder"] < heights["mask"] < heights["fusion"] < heights["decoder"]
    assert sum("(n,)" in text for text in words(axes)) == 2
    assert {"$(n, L_1, d)$", "$(n, L_2, d)$"} <= set(words(axes))
    plt.close("all")


def test_every_score_is_written_and_references_stand_below() -> None:
    scores = {
        "majority": {"parity": (0.5, 0.0), "and": (0.75, 0.01)},
        "sum": {"parity": (0.503, 0.004), "and": (0.96, 0.0)},
    }
    axes = draw_game_scores(scores, ["majority"])
    assert [tick.get_text() for tick in axes.get_yticklabels()] == ["sum", "majority"]
    assert words(axes) == ["50.3 ± 0.4", "96.0 ± 0.0", "50.0 ± 0.0", "75.0 ± 1.0"]
    assert axes.lines[0].get_ydata()[0] == 0.5
    with pytest.raises(ValueError, match=r"these differ: \['sum'\]"):
        draw_game_scores(scores | {"sum": {"and": (1.0, 0.0)}}, [])
    plt.close("all")


def test_each_measurement_is_a_bar_in_each_group() -> None:
    bars = {
        "joint": {"both": (0.9, 0.01), "word missing": (0.3, 0.1)},
        "dropout": {"both": (0.8, 0.01), "word missing": (0.7, 0.1)},
    }
    axes = draw_starving(bars, (0.75, 0.0), "alone")
    assert [round(bar.get_height(), 2) for bar in axes.patches] == [0.9, 0.8, 0.3, 0.7]
    assert axes.lines[-1].get_ydata()[0] == 0.75 or axes.get_lines()[0].get_ydata()[0] == 0.75
    plt.close("all")


def test_each_way_has_a_bar_for_known_and_for_new_voices() -> None:
    bars = {
        "none": {"known": (-0.01, 0.0), "new": (0.14, 0.02)},
        "oracle": {"known": (-0.11, 0.0), "new": (0.0, 0.01)},
    }
    axes = draw_overconfidence(bars)
    assert [round(bar.get_width(), 2) for bar in axes.patches] == [-0.01, 0.14, -0.11, 0.0]
    assert [tick.get_text() for tick in axes.get_yticklabels()] == ["none", "oracle"]
    plt.close("all")
