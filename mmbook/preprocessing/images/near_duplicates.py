"""Images that are almost the same: a fingerprint of 63 bits that survives small changes."""

import math

import numpy as np
import torch
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from torch import Tensor

from mmbook.preprocessing.images.colour import to_grey
from mmbook.preprocessing.images.resampling import resample
from mmbook.preprocessing.images.transforms import ImageError, check_images, check_shape
from mmbook.preprocessing.ranges import check_setting

SIDE, WAVES = 32, 8
GREY_LEVEL = 1 / 255
FAINT = SIDE**2 / 2 * GREY_LEVEL / 8  # the strength of a wave of an eighth of a grey level
CHUNK = 2048  # images, or rows of the table of distances, that are held at a time


def perceptual_hash(images: Tensor) -> Tensor:
    """Which of the slowest waves of light and dark are in an image more than most of them?

    The image is averaged to 32 x 32 grey pixels, which forgets size and detail, and written as a
    sum of cosine waves (the discrete cosine transform, cosines · image · cosines^T). Of the 8 x 8
    slowest all but the first, which is the mean brightness, are compared with their median; what
    lies above it by less than one grey level of one pixel is rounding and does not count.
    images: (n, 1 or 3, height, width), uint8 or float with white at 1. Returns (n, 63) bool: an
    image of one shade has no bit set, even with the noise of one grey level in its pixels, and
    one of few waves, as a ramp, has few.
    Raises ImageError where the shape is another or a pixel is NaN or infinite.
    Source: Zauner 2010 (pHash).
    """
    highest = 1 if check_shape(images).is_floating_point() else 255
    places = (torch.arange(SIDE, device=images.device) + 0.5) / SIDE
    waves = torch.arange(WAVES, device=images.device)[:, None]
    cosines = (math.pi * waves * places).cos()  # (8, 32), row k has k half waves
    small = [
        resample(to_grey(check_images(chunk / highest)), SIDE, SIDE, "area").float()
        for chunk in images.split(CHUNK)
    ]
    strengths = (cosines @ torch.cat(small) @ cosines.T).flatten(1)  # (n, 64)
    white = (strengths[:, :1].abs() / SIDE**2).clamp(min=1)  # more than 1 where it is 255
    above = strengths[:, 1:] - strengths[:, 1:].median(dim=1, keepdim=True).values
    seen = above.abs().amax(dim=1, keepdim=True) > FAINT * white
    return seen & (above > GREY_LEVEL * white)


def hamming_distance(first: Tensor, second: Tensor) -> Tensor:
    """In how many bits each pair differs: (n, bits) and (m, bits) bool to (n, m) int32.

    Raises ImageError where the hashes are not boolean or not equally long.
    """
    for hashes in (first, second):
        if hashes.ndim != 2 or hashes.dtype != torch.bool or hashes.shape[1] != first.shape[1]:
            raise ImageError(
                f"hashes must be boolean (n, {first.shape[-1]}), got {hashes.dtype} "
                f"{tuple(hashes.shape)}"
            )
    a, b = (2.0 * bits - 1 for bits in (first, second))  # signs, so a product counts agreement
    return ((first.shape[1] - a @ b.mT) / 2).int()


def near_duplicates(hashes: Tensor, most: int = 8) -> list[list[int]]:
    """Groups of images whose fingerprints differ in at most `most` bits, from one to the next.

    hashes: (n, bits) bool. Returns each group of two or more as sorted places, in order.
    """
    check_setting(most, "most", low=0, error=ImageError)
    if not len(hashes):
        return []
    near = [
        (hamming_distance(chunk, hashes) <= most).nonzero().cpu() + torch.tensor([start, 0])
        for start, chunk in zip(range(0, len(hashes), CHUNK), hashes.split(CHUNK), strict=True)
    ]
    one, other = torch.cat(near).T.numpy()
    links = coo_array((np.ones(len(one)), (one, other)), shape=(len(hashes), len(hashes)))
    _, group = connected_components(links, directed=False)
    members = [np.flatnonzero(group == number).tolist() for number in np.unique(group)]
    return sorted(places for places in members if len(places) > 1)
