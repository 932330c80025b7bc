"""The drawing of an inspector, and which fault is where."""

import numpy as np
import pytest
import torch

from mmbook.models.inspection import SpeechInspectorConfig
from mmbook.models.inspection.network import VARYING
from mmbook.plotting.inspector import draw_inspector, plot_estimates, plot_faults
from mmbook.preprocessing.audio.faults import FAULTS


def test_the_shapes_drawn_are_those_of_the_network() -> None:
    config = SpeechInspectorConfig()
    panel = draw_inspector(config.mels, 10, config.width, len(FAULTS), VARYING)
    drawn = [text.get_text() for text in panel.texts]
    inspector, frames = config.build().eval(), torch.zeros(1, 20, config.window)
    tokens = inspector.tokens(frames, torch.ones(1, 20, dtype=torch.bool))
    for x in (*inspector.features(frames).values(), tokens.values):
        assert f"(B, T, {x.shape[-1]})" in drawn
    gathered = inspector.gathering(tokens, inspector.features.power(frames))
    for x in (gathered.pooled.mean(), gathered.moments.both()):
        assert f"(B, {', '.join(map(str, x.shape[1:]))})" in drawn
    assert drawn.count(f"(B, T, {config.width})") == 3
    assert f"(B, T, {inspector.locate.out_features})" in drawn


def test_a_fault_is_dark_where_it_is() -> None:
    there = torch.tensor([0.0, 1.0, 0.25, 0.0])
    above, below = plot_faults(torch.rand(4, 8), {"noise": there, "hum": 1 - there}, 0.5)
    (rows,) = below.images
    assert np.asarray(rows.get_array()).tolist() == [[0, 1, 0.25, 0], [1, 0, 0.75, 1]]
    assert [label.get_text() for label in below.get_yticklabels()] == ["noise", "hum"]
    assert list(rows.get_extent())[:2] == list(above.images[0].get_extent())[:2] == [-0.25, 1.75]


def test_each_fault_needs_all_frames() -> None:
    with pytest.raises(ValueError, match=r"4 frames, not \{3\}"):
        plot_faults(torch.rand(4, 8), {"noise": torch.zeros(3)}, 0.5)
    with pytest.raises(ValueError, match="4 frames"):
        plot_faults(torch.rand(4, 8), {}, 0.5)


def test_only_what_is_known_is_drawn() -> None:
    truth, said = torch.tensor([1.0, torch.nan, 3.0]), torch.tensor([2.0, 5.0, 3.0])
    panels = plot_estimates(truth, {"one": said, "other": -said}, "SNR (dB)")
    drawn = [np.asarray(panel.collections[0].get_offsets()).tolist() for panel in panels]
    assert drawn == [[[1, 2], [3, 3]], [[1, -2], [3, -3]]]
    assert [panel.get_title() for panel in panels] == ["one", "other"]
