"""Boxes stand around their middle, and arrows say what goes along them."""

import matplotlib.pyplot as plt
import pytest
from matplotlib.colors import to_hex
from matplotlib.patches import Rectangle

from mmbook.plotting.boxes import draw_arrow, draw_box
from mmbook.plotting.style import BLUE


def test_a_box_stands_around_its_middle_and_an_arrow_names_what_it_carries() -> None:
    _, axes = plt.subplots()
    draw_box(axes, (2, 1), "linear", 1.0, BLUE, filled=True)
    draw_arrow(axes, (3, 1), (5, 1), "B × L")
    (box,) = (patch for patch in axes.patches if isinstance(patch, Rectangle))
    assert box.get_center() == pytest.approx((2, 1)) and to_hex(box.get_facecolor()) == BLUE.lower()
    places = {text.get_text(): text.get_position() for text in axes.texts if text.get_text()}
    assert places["linear"] == (2, 1) and places["B × L"][0] == 4
    plt.close("all")
