"""What is drawn of CTC is what was given: every step with its shape, only paths that exist."""

import pytest
import torch

from mmbook.losses.alignments import align
from mmbook.plotting.ctc import STEPS, draw_lattice, draw_transcriber, plot_peaks


def test_each_step_has_its_shape() -> None:
    texts = {text.get_text() for text in draw_transcriber().texts}
    for name, what, shape in STEPS:
        assert {name, what, shape} <= texts


@pytest.mark.parametrize(("labels", "arrows"), [("ab", 8), ("aa", 2)])
def test_a_lattice_has_the_steps_of_whole_paths_alone(labels: str, arrows: int) -> None:
    axes = draw_lattice(labels, 3)
    assert sum(bool(getattr(a, "arrow_patch", None)) for a in axes.texts) == arrows
    assert [t.get_text() for t in axes.texts][:5] == ["–", labels[0], "–", labels[1], "–"]


def test_shares_are_written_where_a_path_can_be() -> None:
    shares = align(torch.zeros(3, 3), [1, 2]).occupancy
    axes = draw_lattice("ab", 3, shares, ["t = 1", "t = 2", "t = 3"])
    texts = [t.get_text() for t in axes.texts]
    assert "t = 2" in texts and texts.count("0.80") == 2
    written = sum(float(t) for t in texts if t.replace(".", "").isdigit())
    assert written == pytest.approx(3, abs=0.05)


def test_peaks_are_named_and_words_are_bands() -> None:
    scores = torch.full((5, 3), 0.05)
    scores[:, 0] = 0.9
    scores[2] = torch.tensor([0.1, 0.9, 0.0])
    axes = plot_peaks(scores, ("a", " "), [(0.0, 0.05)])
    assert [t.get_text() for t in axes.texts] == ["a"]
    assert axes.texts[0].get_position()[0] == pytest.approx(0.04)
    assert len(axes.patches) == 1 and len(axes.lines) == 2


def test_a_letter_at_the_edge_is_named_too() -> None:
    scores = torch.tensor([[0.1, 0.9], [0.9, 0.1], [0.2, 0.8]])
    assert [t.get_text() for t in plot_peaks(scores, ("f",)).texts] == ["f", "f"]
