"""Images that are almost the same: a fingerprint of 63 bits that survives small changes."""

import math

import numpy as np
import torch
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from torch import Tensor

from mmbook.preprocessing.images.colour import to_grey
from mmbook.preprocessing.images.resampling import resample
from mmbook.preprocessing.images.transforms import check_shape

SIDE, WAVES = 32, 8
CHUNK = 2048  # images, or rows of the table of distances, that are held at a time


def perceptual_hash(images: Tensor) -> Tensor:
    """Which of the slowest waves of light and dark are in an image more than most of them?

    The image is averaged to 32 x 32 grey pixels, which forgets size and detail, and written as a
    sum of cosine waves (the discrete cosine transform, cosines · image · cosines^T). Of the 8 x 8
    slowest all but the first, which is the mean brightness, are compared with their median.
    images: (n, 1 or 3, height, width), uint8 or float. Returns (n, 63) bool.
    Source: Zauner 2010 (pHash).
    """
    check_shape(images)
    places = (torch.arange(SIDE, device=images.device) + 0.5) / SIDE
    waves = torch.arange(WAVES, device=images.device)[:, None]
    cosines = (math.pi * waves * places).cos()  # (8, 32), row k has k half waves
    parts = [
        cosines @ resample(to_grey(chunk.float()), SIDE, SIDE, "area") @ cosines.T
        for chunk in images.split(CHUNK)
    ]
    strengths = torch.cat(parts).flatten(1)[:, 1:]  # (n, 63)
    return strengths > strengths.median(dim=1, keepdim=True).values


def hamming_distance(first: Tensor, second: Tensor) -> Tensor:
    """In how many bits each pair differs: (n, bits) and (m, bits) bool to (n, m) int32."""
    a, b = (2.0 * bits - 1 for bits in (first, second))  # signs, so a product counts agreement
    return ((first.shape[1] - a @ b.mT) / 2).int()


def near_duplicates(hashes: Tensor, most: int = 8) -> list[list[int]]:
    """Groups of images whose fingerprints differ in at most `most` bits, from one to the next.

    hashes: (n, bits) bool. Returns each group of two or more as sorted places, in order.
    """
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
