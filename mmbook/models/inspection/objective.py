"""What an inspector minimises: three kinds of questions in one sum."""

from dataclasses import dataclass

from torch import nn

from mmbook.batch import Batch, outputs_of
from mmbook.losses.detection import frame_cross_entropy, known_huber, label_cross_entropy
from mmbook.losses.loss import Loss
from mmbook.models.inspection.network import Inspection


@dataclass(frozen=True)
class InspectionLoss:
    """The loss of an `InspectionNetwork`, for an `Objective`: (model, batch) -> Loss of samples.

    frames, faults: weights of the cross-entropy of each frame and of each recording. snr, stoi,
    pesq: weights of the errors of the numbers, in units of the scales. yes: how many times a frame
    with a fault counts. What is unknown of a sample, NaN, adds nothing.

    batch: targets {"faults": (n, frames, 9) boolean, "snr", "stoi", "pesq": (n,)}; a recording has
    a fault that one of its frames has.
    """

    frames: float = 1.0
    faults: float = 1.0
    snr: float = 0.5
    stoi: float = 0.3
    pesq: float = 0.3
    yes: float = 1.0
    snr_scale: float = 5.0
    stoi_scale: float = 0.05
    pesq_scale: float = 0.3

    def __call__(self, model: nn.Module, batch: Batch) -> Loss:
        found: Inspection = outputs_of(model, batch)
        truth = batch.targets["faults"]
        mask = found.mask.unsqueeze(-1)
        weight = found.frames.new_full((truth.shape[-1],), self.yes)
        total = self.frames * frame_cross_entropy(found.frames, truth, found.mask, weight).total
        anywhere = (truth & mask).any(dim=1)
        total = total + self.faults * label_cross_entropy(found.faults, anywhere).total
        for name in ("snr", "stoi", "pesq"):
            targets, scale = batch.targets[name].to(found.snr), getattr(self, f"{name}_scale")
            loss = known_huber(getattr(found, name), targets, scale)
            total = total + getattr(self, name) * loss.total
        return Loss(total, len(batch))
