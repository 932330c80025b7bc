"""Curves of recorded results: a line for each system, labelled, with error bars."""

import matplotlib.pyplot as plt
import pytest

from mmbook.plotting.results import plot_noise_curves


def test_each_system_is_a_labelled_line() -> None:
    _, axes = plt.subplots()
    curve = {None: (0.9, 0.01), 0.0: (0.5, 0.02)}
    plot_noise_curves(axes, {"image alone": curve, "early, dropout": curve}, "noise")
    axes.figure.canvas.draw()
    assert [tick.get_text() for tick in axes.get_xticklabels()] == ["clean", "0"]
    labels = axes.get_legend_handles_labels()[1]
    assert labels == ["image alone", "early, dropout"]
    assert list(axes.containers[0].lines[0].get_ydata()) == [0.9, 0.5]
    assert axes.get_xlabel() == "noise"
    plt.close()


def test_an_unknown_system_is_refused() -> None:
    _, axes = plt.subplots()
    with pytest.raises(KeyError, match="middle"):
        plot_noise_curves(axes, {"middle": {None: (1.0, 0.0)}}, "noise")
    plt.close()
