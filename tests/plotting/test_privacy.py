"""What is drawn of privacy is what was given, and every arrow has its shape."""

from matplotlib.patches import Rectangle

from mmbook.plotting.privacy import (
    STEP,
    draw_federated_round,
    draw_private_step,
    plot_membership,
    plot_privacy_cost,
)


def test_a_step_has_its_boxes_in_order_with_the_shapes_between() -> None:
    axes = draw_private_step()
    texts = [text.get_text() for text in axes.texts]
    for name, _, shape in STEP[:-1]:
        assert name in texts and shape in texts
    assert sum(isinstance(patch, Rectangle) for patch in axes.patches) == len(STEP)
    inside = axes.get_xlim(), axes.get_ylim()
    for text in axes.texts:
        x, y = text.get_position()
        assert inside[0][0] <= x <= inside[0][1] and inside[1][0] <= y <= inside[1][1]


def test_each_client_keeps_its_samples_and_sends_weights() -> None:
    texts = [text.get_text() for text in draw_federated_round(("a", "b")).texts]
    assert texts.count("$(P)$") == 2 and "$(n_1, d)$ stay here" in texts
    assert {"a\ntrains a copy", "b\ntrains a copy"} <= set(texts)


def test_curves_of_attacks_stay_on_logarithmic_axes() -> None:
    axes = plot_membership(
        {"loss": ([0, 0.01, 1], [0, 0.0, 1]), "ratio": ([0, 0.5, 1], [0.2, 0.9, 1])}
    )
    assert axes.get_xscale() == axes.get_yscale() == "log"
    lines = {line.get_label(): line for line in axes.lines}
    assert list(lines["loss"].get_xdata()) == [0.01, 1]
    assert min(lines["loss"].get_ydata()) == 1e-3
    assert [t.get_text() for t in axes.get_legend().get_texts()] == ["loss", "ratio"]


def test_cost_is_over_epsilon_beside_what_no_noise_gives_and_others_published() -> None:
    axes = plot_privacy_cost(
        {"ours": {8.0: (0.9, 0.01), 1.0: (0.8, 0.02)}}, {"ours": 0.95}, {"theirs": (3, 0.9)}
    )
    labels = [t.get_text() for t in axes.get_legend().get_texts()]
    assert set(labels) == {"ours", "theirs"} and axes.get_xscale() == "log"
    assert [t.get_text() for t in axes.get_xticklabels()] == ["1", "8"]
    assert any(list(line.get_ydata()) == [0.95, 0.95] for line in axes.lines)
