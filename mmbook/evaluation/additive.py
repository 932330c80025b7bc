"""What remains of a model of two senses when neither may change what the other means."""

from torch import Tensor


def additive_projection(scores: Tensor) -> Tensor:
    """The additive scores nearest to those of a model: f(a) + g(b) - mean, for all combinations.

    scores: (n, m, classes), of each of n inputs of one sense with each of m of the other. Returns
    the same shape: the mean over the other sense of each, less the mean of all. Where the model is
    additive nothing changes; a model that is right only before has used an interaction. Of n
    samples, what they would get is the diagonal of the n x n. Raises ValueError for another shape.
    Source: Hessel and Lee (2020), who call it EMAP.
    """
    if scores.ndim != 3 or 0 in scores.shape:
        raise ValueError(f"scores must be (n, m, classes), not {tuple(scores.shape)}")
    over_second, over_first = scores.mean(1, keepdim=True), scores.mean(0, keepdim=True)
    return over_second + over_first - over_first.mean(1, keepdim=True)
