"""Inspects a recording of speech: what is wrong with it, when, and how good it sounds."""

from dataclasses import dataclass
from typing import Any

import torch

from mmbook.layers.modes import evaluating
from mmbook.models.config import ConfigError
from mmbook.models.inspection.network import InspectionConfig, InspectionNetwork
from mmbook.models.inspection.reading import read_causally, read_in_windows
from mmbook.models.inspection.report import Report
from mmbook.models.inspection.verdict import heard, report_of
from mmbook.preprocessing.audio.faults import FAULTS


@dataclass(frozen=True)
class SpeechInspectorConfig(InspectionConfig, kind="speech-inspector"):
    """An `InspectionNetwork`, and from which probability each of FAULTS counts.

    thresholds: of a recording. frame_thresholds: of a frame. Raises ConfigError where these are not
    one for each.
    """

    thresholds: tuple[float, ...] = (0.5,) * len(FAULTS)
    frame_thresholds: tuple[float, ...] = (0.5,) * len(FAULTS)

    def __post_init__(self) -> None:
        super().__post_init__()
        for name in ("thresholds", "frame_thresholds"):
            values = getattr(self, name)
            if len(values) != len(FAULTS) or not all(0 < value <= 1 for value in values):
                raise ConfigError(f"{name} must be {len(FAULTS)} numbers in (0, 1], not {values}")

    def build(self) -> "SpeechInspector":
        """The model with random weights."""
        return SpeechInspector(self)


class SpeechInspector(InspectionNetwork):
    """An `InspectionNetwork` with `predict` on raw sound; trained and called like one."""

    config: SpeechInspectorConfig

    def __init__(self, config: SpeechInspectorConfig) -> None:
        super().__init__(config)

    @torch.inference_mode()
    def predict(self, samples: Any, rate: int) -> Report:
        """What is wrong with a recording, and when.

        samples: (samples,) or channels of them, of any length; see `as_waveform`. rate: of them,
        4000 to 192 000 Hz. What is longer than a window is read in windows, see `read_in_windows`;
        a causal inspector's memory is carried on. Raises AudioError where it is no sound.
        """
        sound = heard(samples, rate)
        with evaluating(self):
            read = read_causally if self.config.causal else read_in_windows
            logits, gathered = read(self, sound.waveform.to(self.detect.device))
            mask = torch.ones(1, len(logits), dtype=torch.bool, device=logits.device)
            found = self.conclude(logits[None], mask, gathered)
        return report_of(sound, found, self.config.thresholds, self.config.frame_thresholds)
