"""The two lessons of a captioner: the shapes that are drawn are those of the package."""

import matplotlib.pyplot as plt
import torch

from mmbook.experiments.photo_captioning.config import TIERS
from mmbook.losses.self_critical import self_critical
from mmbook.plotting.concepts.lessons import draw_lessons


def test_the_drawing_names_the_shapes() -> None:
    axes = draw_lessons()
    words = "\n".join(text.get_text() for text in axes.texts)
    shown = TIERS["full"].sizes.shown
    assert words.count(f"B × 3 × {shown} × {shown}") == 2
    assert "B × K × t" in words and "advantages, B × K:" in words
    log_p = torch.zeros(2, 5, 7)  # (B, K, t), and scores (B, K)
    assert self_critical(log_p, log_p > -1, torch.ones(2, 5)).count == log_p.numel()
    plt.close("all")
