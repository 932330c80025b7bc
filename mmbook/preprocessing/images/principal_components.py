"""Images as sums of a few patterns, so that most of what tells them apart can be removed."""

from dataclasses import dataclass
from typing import Self

import torch
from torch import Tensor

from mmbook.preprocessing.images.transforms import ImageError
from mmbook.preprocessing.ranges import check_floating


@dataclass(frozen=True, eq=False)
class PrincipalComponents:
    """The directions in which images differ most, one at a right angle to all before it.

    mean: (pixels,). directions: (pixels, pixels), a column each. variances: (pixels,) of the images
    along each, falling; their sum is the energy of the images: their mean squared distance from the
    mean image. All float64. Source: Pearson 1901.
    """

    mean: Tensor
    directions: Tensor
    variances: Tensor

    @classmethod
    def of(cls, images: Tensor) -> Self:
        """Fitted on images (n, ...). Raises ValueError for fewer than two, or where all are one."""
        flat = images.flatten(1).double()
        if len(flat) < 2:
            raise ValueError(f"components need two images or more, not {len(flat)}")
        mean = flat.mean(dim=0)
        centred = flat - mean
        variances, directions = torch.linalg.eigh(centred.T @ centred / len(flat))  # rising
        variances = variances.flip(0).clamp(min=0)
        if not variances[0] > 0:
            raise ValueError("components need images that differ: all of these are the same")
        return cls(mean, directions.flip(1), variances)

    def gains(self, share: float) -> Tensor:
        """What each component is multiplied by to leave a share of the energy, (pixels,).

        The first ones stay whole, the one in which the share is reached is made smaller, so that
        exactly the share is left of the images that the components were fitted on, and the others
        become zero. Raises ValueError unless 0 < share <= 1.
        """
        if not 0 < share <= 1:
            raise ValueError(f"the share that is left must be above 0 and at most 1, not {share}")
        before = self.variances.cumsum(0) - self.variances
        room = (share * self.variances.sum() - before).clamp(min=0)
        return (room / self.variances.clamp(min=1e-12)).clamp(max=1).sqrt()

    def keep(self, images: Tensor, share: float) -> Tensor:
        """Images (n, ...) with that share of the energy: the mean image and the first components.

        Returns the same shape and type; values may leave the range of the images. Raises ImageError
        for whole numbers, ValueError for images of another size, and as `gains` does.
        """
        flat = check_floating(images, "images", ImageError).flatten(1)
        if flat.shape[1] != len(self.mean):
            raise ValueError(f"images must have {len(self.mean)} values, not {flat.shape[1]}")
        gains = self.gains(share)
        used = int((gains > 0).sum())
        places = (flat - self.mean) @ self.directions[:, :used]  # (n, used) float64
        kept = self.mean + (places * gains[:used]) @ self.directions[:, :used].T
        return kept.to(images.dtype).reshape(images.shape)
