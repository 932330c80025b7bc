"""The pictures of the chapter on information hold what they are given."""

import pytest
import torch
from matplotlib.axes import Axes

from mmbook.plotting.concepts.information import (
    plot_answers,
    plot_bias,
    plot_parts,
    plot_through_noise,
)

COPY = {"redundancy": 3.0, "unique 1": 0.0, "unique 2": 0.0, "synergy": 0.0}
MIXED = {"redundancy": 0.3, "unique 1": 0.2, "unique 2": 0.1, "synergy": 0.4}


def widths(ax: Axes) -> list[float]:
    return [round(patch.get_width(), 3) for patch in ax.patches]


def test_one_square_a_game() -> None:
    table = torch.arange(100.0).reshape(10, 10)
    axes = plot_answers({name: table for name in "abcd"})
    assert [ax.get_title() for ax in axes[:4]] == list("abcd")
    assert all(len(ax.images) == 1 for ax in axes[:4])
    assert not any(ax.axison for ax in axes[4:])


def test_pairs_that_do_not_occur_stay_empty() -> None:
    table = torch.full((10, 10), torch.nan)
    table[0, 0] = 1.0
    (image,) = plot_answers({"a": table})[0].images
    assert image.get_array().mask.sum() == 99


def test_bars_add_up_to_all_bits() -> None:
    ax = plot_parts({"copy": COPY, "mixed": MIXED})
    assert widths(ax) == [3.0, 0.0, 0.0, 0.0, 0.3, 0.2, 0.1, 0.4]
    assert ax.patches[7].get_x() == pytest.approx(0.6)
    assert [label.get_text() for label in ax.get_yticklabels()] == ["copy", "mixed"]


def test_measured_bars_stand_beside_exact_ones() -> None:
    ax = plot_parts({"copy": COPY}, {"copy": MIXED})
    assert widths(ax) == [3.0, 0.0, 0.0, 0.0, 0.3, 0.2, 0.1, 0.4]
    assert ax.patches[4].get_y() > ax.patches[0].get_y()


def test_rounding_below_zero_draws_nothing() -> None:
    assert widths(plot_parts({"copy": COPY | {"synergy": -1e-16}}))[3] == 0


def test_one_line_a_quantity() -> None:
    ax = plot_through_noise(["none", "some"], {"both": [1.0, 0.5], "synergy": [0.0, 0.2]})
    assert [line.get_label() for line in ax.lines] == ["both", "synergy"]
    assert ax.get_ylabel() == "bits"


def test_bias_shows_measurement_formula_and_limit() -> None:
    ax = plot_bias([10, 100], [1.0, 0.5], [2.0, 0.4], limit=3.3)
    assert len(ax.lines) == 3
    assert ax.get_xscale() == ax.get_yscale() == "log"
