"""Pictures of captioning: what they show is what they are given."""

import matplotlib.pyplot as plt
import pytest

from mmbook.plotting.captions import draw_captioner, plot_learning, plot_shares


def test_the_drawing_names_every_shape_once() -> None:
    words = [text.get_text() for text in draw_captioner().texts]
    for shape in ("(B, 3, 64, 64)", "(B, 64, 96)", "(B, t) ids", "(B, t, 96)", "(B, t, V)"):
        assert words.count(shape) == 1
    plt.close("all")


@pytest.mark.parametrize("low", [0.0, 60.0])
def test_bars_end_at_their_means_and_say_them(low: float) -> None:
    bars = {
        "plain": {"seen": (0.98, 0.01), "held out": (0.81, 0.02)},
        "both": {"seen": (0.982, 0.001), "held out": (0.978, 0.009)},
    }
    axes = plot_shares(bars, "true (%)", low)
    ends = [bar.get_x() + bar.get_width() for bar in axes.patches]
    assert ends == pytest.approx([98, 98.2, 81, 97.8])
    assert [text.get_text() for text in axes.texts] == ["98.0", "98.2", "81.0", "97.8"]
    assert axes.get_xlim()[0] == low
    assert [label.get_text() for label in axes.get_yticklabels()] == [*bars]
    legend = axes.get_legend()
    assert legend and [text.get_text() for text in legend.get_texts()] == ["seen", "held out"]
    plt.close("all")


def test_learning_stands_at_its_steps() -> None:
    curves = {"seen": {500: (0.6, 0.1), 1000: (0.9, 0.0)}, "held out": {500: (0.2, 0.1)}}
    axes = plot_learning(curves, "true (%)")
    first, second = (axes.containers[i].lines[0] for i in (0, 1))
    assert [*first.get_xdata()] == [500, 1000] and [*first.get_ydata()] == [60, 90]
    assert [*second.get_ydata()] == [20]
    assert [tick.get_text() for tick in axes.get_xticklabels()] == ["500", "1 000"]
    plt.close("all")
