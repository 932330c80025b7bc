"""The chance changes of training pictures."""

from dataclasses import dataclass

import torch.nn.functional as F

from mmbook.preprocessing.augmentation import (
    random_affine,
    random_crop,
    random_erase,
    random_flip,
)
from mmbook.samples import Samples


@dataclass(frozen=True)
class Augmentation:
    """Changes each "picture" of a batch by chance; nothing by default.

    degrees, zoom, shift: the largest turn, change of size and shift (share of the side).
    margin: pixels of black that are put around, before the old size is cut out at random.
    mirror: left and right, for every other picture. erase: the share of pictures of which a
    rectangle is covered. The labels are kept, so choose what does not change them.
    """

    degrees: float = 0.0
    zoom: float = 0.0
    shift: float = 0.0
    margin: int = 0
    mirror: bool = False
    erase: float = 0.0

    def __call__(self, samples: Samples) -> Samples:
        pictures = samples.inputs["picture"]
        if self.degrees or self.zoom or self.shift:
            scale = (1 - self.zoom, 1 + self.zoom)
            pictures = random_affine(pictures, degrees=self.degrees, scale=scale, shift=self.shift)
        if self.margin:
            padded = F.pad(pictures, [self.margin] * 4)
            pictures = random_crop(padded, pictures.shape[-1])
        if self.mirror:
            pictures = random_flip(pictures)
        if self.erase:
            pictures = random_erase(pictures, probability=self.erase, area=(0.02, 0.2))
        return Samples(samples.inputs | {"picture": pictures}, samples.targets)
