"""How good are generated images: as asked, as various as real ones, as wide, and not copied?

No one number says it. Images are compared as vectors, (n, width): their pixels, or what a trained
network, the judge, makes of them.
"""

import torch
from torch import Tensor

from mmbook.evaluation.metrics import checked_scores, class_numbers

CHUNK = 1_000  # rows whose distances to all others are in memory at a time


def class_accuracies(scores: Tensor, targets: Tensor) -> Tensor:
    """The share of each class that a judge takes for what was asked for: (classes,) float64.

    scores: (n, classes) of the judge; targets: (n,), what was asked for. The worst class is the
    least of these. Raises ValueError as `accuracy` does, and where a class was never asked for.
    """
    scores, targets = checked_scores(scores, targets)
    counts = targets.bincount(minlength=scores.shape[1])
    if not counts.all():
        raise ValueError(f"class {int(counts.argmin())} was never asked for")
    right = (scores.argmax(dim=1) == targets).double()
    return right.new_zeros(scores.shape[1]).index_add(0, targets, right) / counts


def class_spreads(vectors: Tensor, labels: Tensor, classes: int = 10) -> Tensor:
    """The mean distance of two different samples of a class: (classes,) float64.

    vectors: (n, width); labels: (n,). Generated over real it says how various they are: 0 where one
    image is drawn again and again, 1 where they differ as real ones do. Raises ValueError for other
    shapes, NaN, and a class with fewer than two samples.
    """
    vectors = _checked(vectors, "vectors")
    labels = class_numbers(labels, classes, "labels")
    if len(labels) != len(vectors):
        raise ValueError(f"{len(vectors)} vectors need as many labels, not {len(labels)}")
    found = []
    for label in range(classes):
        own = vectors[labels == label]
        if len(own) < 2:
            raise ValueError(f"class {label} has {len(own)} samples, and a distance needs two")
        apart = _distances(own, own).fill_diagonal_(0)
        found.append(apart.sum() / (len(own) * (len(own) - 1)))
    return torch.stack(found)


def frechet_distance(first: Tensor, second: Tensor) -> float:
    """The squared Fréchet distance of two sets of vectors, each taken for a Gaussian.

    |μ₁ - μ₂|² + Tr(Σ₁ + Σ₂ - 2 (Σ₁ Σ₂)^½); vectors: (n, width) and (m, width). It is of the size of
    the features' squares, and shrinks with n: compare it with its floor, the distance of as many
    real images from the same others. Raises ValueError for other shapes, NaN, and sets of no more
    samples than the vectors are wide, whose covariance is not known. Source: Heusel et al. (2017).
    """
    first, second = _checked_pair(first, second)
    means = (first.mean(dim=0) - second.mean(dim=0)).square().sum()
    one, other = _covariance(first), _covariance(second)
    # Σ₁^½ Σ₂ Σ₁^½ has the eigenvalues of Σ₁ Σ₂, and is symmetric.
    values, vectors = torch.linalg.eigh(one)
    root = vectors * values.clamp(min=0).sqrt() @ vectors.T
    shared = torch.linalg.eigvalsh(root @ other @ root).clamp(min=0).sqrt().sum()
    return (means + one.trace() + other.trace() - 2 * shared).item()


def _covariance(vectors: Tensor) -> Tensor:
    """(width, width), of (n, width)."""
    if len(vectors) <= vectors.shape[1]:
        raise ValueError(
            f"{len(vectors)} samples do not tell the covariance of vectors of width "
            f"{vectors.shape[1]}: more than that are needed"
        )
    centred = vectors - vectors.mean(dim=0)
    return centred.T @ centred / (len(vectors) - 1)


def precision_and_recall(
    real: Tensor, generated: Tensor, neighbours: int = 3
) -> tuple[float, float]:
    """What share of the generated looks real, and what share of the real is reached.

    vectors: (n, width) and (m, width), n and m of one size. Around each sample is a ball that
    reaches to the `neighbours`-th nearest of its own set. Precision is the share of the generated
    in the ball of some real one; recall, or coverage, that of the real in the ball of some
    generated one. Raises ValueError for other shapes, NaN, and no more samples than neighbours.
    Source: Kynkäänniemi et al. (2019).
    """
    real, generated = _checked_pair(real, generated)
    if neighbours < 1 or min(len(real), len(generated)) <= neighbours:
        raise ValueError(
            f"the {neighbours}-th nearest neighbour needs more samples than that, not {len(real)} "
            f"real and {len(generated)} generated; neighbours must be 1 or more"
        )
    return _share_within(generated, real, neighbours), _share_within(real, generated, neighbours)


def nearest_distances(vectors: Tensor, known: Tensor) -> Tensor:
    """How far each vector is from the nearest one that is known: (n,) float64.

    vectors: (n, width); known: (m, width), such as all training images. A generator that copies
    them is nearer to them than unseen real images are. Raises ValueError for other shapes and NaN.
    """
    vectors, known = _checked_pair(vectors, known)
    centre = known.mean(dim=0)  # small numbers lose less in the product of matrices
    vectors, known = (vectors - centre).float(), (known - centre).float()  # a third of the time
    parts = [_distances(part, known).amin(dim=1) for part in vectors.split(CHUNK)]
    return torch.cat(parts).double()


def _share_within(asked: Tensor, samples: Tensor, neighbours: int) -> float:
    """The share of those asked about that are in the ball of one of the samples."""
    # The nearest of its own set is the sample itself, hence one more.
    radii = torch.cat(
        [
            _distances(part, samples).kthvalue(neighbours + 1, dim=1).values
            for part in samples.split(CHUNK)
        ]
    )
    inside = [(_distances(part, samples) <= radii).any(dim=1) for part in asked.split(CHUNK)]
    return torch.cat(inside).double().mean().item()


def _distances(first: Tensor, second: Tensor) -> Tensor:
    """(n, m) Euclidean distances, by products of matrices: many times as fast as by differences."""
    return torch.cdist(first, second, compute_mode="use_mm_for_euclid_dist")


def _checked(vectors: Tensor, name: str) -> Tensor:
    if vectors.ndim != 2 or not vectors.numel() or vectors.is_complex():
        raise ValueError(
            f"{name} must be (n, width), real and not empty, not {tuple(vectors.shape)}"
        )
    if not vectors.isfinite().all():
        raise ValueError(f"{name} hold NaN or infinity")
    return vectors.double()


def _checked_pair(first: Tensor, second: Tensor) -> tuple[Tensor, Tensor]:
    first, second = _checked(first, "the first vectors"), _checked(second, "the second vectors")
    if first.shape[1] != second.shape[1]:
        raise ValueError(
            f"both sets need vectors of one width, not of {first.shape[1]} and {second.shape[1]}"
        )
    return first, second
