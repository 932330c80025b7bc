"""What changes training images by chance, as one object: an augmentation policy."""

from dataclasses import dataclass

import torch.nn.functional as F

from mmbook.batch import Batch
from mmbook.preprocessing.images.augmentation import (
    random_affine,
    random_crop,
    random_erase,
    random_flip,
)
from mmbook.preprocessing.images.transforms import ImageError
from mmbook.preprocessing.ranges import check_setting


@dataclass(frozen=True)
class Augmentation:
    """Changes each "image" of a batch by chance; nothing by default.

    degrees, zoom, shift: the largest turn, change of size and shift (share of the side).
    margin: pixels of black that are put around, before the old size is cut out at random.
    mirror: left and right, for every other image. erase: the share of images of which a
    rectangle is covered. The labels are kept, so choose what does not change them.
    Raises ImageError, by its name, where a setting is out of its range.
    """

    degrees: float = 0.0
    zoom: float = 0.0
    shift: float = 0.0
    margin: int = 0
    mirror: bool = False
    erase: float = 0.0

    def __post_init__(self) -> None:
        for name in ("degrees", "shift"):
            check_setting(getattr(self, name), name, low=0, error=ImageError)
        for name in ("zoom", "erase"):
            check_setting(getattr(self, name), name, low=0, high=1, error=ImageError)
        check_setting(self.margin, "margin", low=0, whole=True, error=ImageError)
        if self.zoom == 1:
            raise ImageError("zoom must be below 1: at 1 an image may shrink to nothing")

    def __call__(self, samples: Batch) -> Batch:
        images = samples.inputs["image"]
        if self.degrees or self.zoom or self.shift:
            scale = (1 - self.zoom, 1 + self.zoom)
            images = random_affine(images, degrees=self.degrees, scale=scale, shift=self.shift)
        if self.margin:
            padded = F.pad(images, [self.margin] * 4)
            images = random_crop(padded, images.shape[-1])
        if self.mirror:
            images = random_flip(images)
        if self.erase:
            images = random_erase(images, probability=self.erase, area=(0.02, 0.2))
        return Batch({**samples.inputs, "image": images}, samples.targets, samples.present)
