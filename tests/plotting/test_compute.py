"""What is drawn of compute is what was given, and every arrow has its shape."""

import numpy
import pytest
from matplotlib.colors import to_rgb
from matplotlib.patches import Rectangle

from mmbook.plotting.compute import (
    LIVES,
    STEP,
    draw_processes,
    draw_training_step,
    plot_scaling,
)


def test_a_step_has_its_parts_with_shapes_between_and_what_it_keeps() -> None:
    axes = draw_training_step()
    texts = [text.get_text() for text in axes.texts]
    for name, shape in STEP:
        assert name in texts and (not shape or shape in texts)
    for name, shape in LIVES:
        assert f"{name} {shape}" in texts
    assert sum("kept for the way back" in text for text in texts) == 1


def test_a_sharded_process_holds_half_of_the_weights() -> None:
    panels = draw_processes().figure.axes
    for axes, shape, height in zip(panels, ("$(P)$", "$(P / 2)$"), (1.0, 0.5), strict=True):
        texts = [text.get_text() for text in axes.texts]
        assert texts.count(f"weights {shape}") == 2 and texts.count("samples $(B / 2)$") == 2
        boxes = [patch for patch in axes.patches if isinstance(patch, Rectangle)]
        filled = [box for box in boxes if to_rgb(box.get_facecolor())[0] < 0.9]
        assert [p.get_height() for p in filled] == [height, height]


def test_runs_and_laws_are_drawn_on_logarithmic_axes() -> None:
    axes = plot_scaling(
        {"small": ([1e6, 1e7], [3, 2.5]), "large": ([1e7, 1e9], [2.8, 2.0])},
        {"law": lambda x: 10 * x**-0.1},
    )
    assert axes.get_xscale() == axes.get_yscale() == "log"
    lines = {line.get_label(): line for line in axes.lines}
    assert numpy.asarray(lines["large"].get_ydata()).tolist() == [2.8, 2.0]
    x, y = (numpy.asarray(values) for values in lines["law"].get_data())
    numpy.testing.assert_allclose(y, 10 * x**-0.1)
    assert x[0] == pytest.approx(1e6) and x[-1] == pytest.approx(1e9)
