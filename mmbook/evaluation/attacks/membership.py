"""Was this sample in the training set? Attacks by loss and by likelihood ratio, and their measure.

A score is higher where a sample looks more like a member.
"""

import math

import torch
from torch import Tensor
from torch.distributions import Normal

from mmbook.evaluation.metrics import checked_scores

LEAST_SPREAD = 1e-3  # of the shadow models' logits, so that a few equal ones decide nothing alone


def logit_of_target(scores: Tensor, targets: Tensor) -> Tensor:
    """log(p / (1 - p)) of the probability of the right class, (n,): nearly normal over models.

    scores: (n, classes), before the softmax. targets: (n,). The loss is log(1 + exp(-logit)), so a
    threshold on one is a threshold on the other. Raises ValueError for other shapes or NaN.
    Source: Carlini et al. 2022, section V.
    """
    scores, targets = checked_scores(scores, targets)
    own = targets.unsqueeze(1)
    others = scores.scatter(1, own, -math.inf).logsumexp(dim=1)  # (n,)
    return scores.gather(1, own).squeeze(1) - others


def likelihood_ratio(observed: Tensor, shadows: Tensor, members: Tensor) -> Tensor:
    """log N(observed; with) - log N(observed; without), a score for each sample, (n,).

    observed: (n,), the logits of the attacked model. shadows: (models, n), those of models that
    the attacker trained. members: (models, n) boolean, true where a sample was in the training of a
    shadow model. Each sample has a mean of its own with and without it; the two standard deviations
    are common to all samples, which is steadier where shadow models are few.
    Raises ValueError for other shapes, NaN, or a sample that was always or never in.
    Source: Carlini et al. 2022, algorithm 1.
    """
    if shadows.shape != members.shape or shadows.ndim != 2 or members.dtype != torch.bool:
        raise ValueError(
            f"shadows and members must be (models, n), the second boolean, not "
            f"{tuple(shadows.shape)} and {members.dtype} {tuple(members.shape)}"
        )
    if observed.shape != shadows.shape[1:]:
        raise ValueError(f"observed must be {tuple(shadows.shape[1:])}, not {observed.shape}")
    if observed.isnan().any() or shadows.isnan().any():
        raise ValueError("the logits hold NaN")
    counts = members.sum(dim=0)  # (n,), how many shadow models had each sample
    if not ((counts > 0) & (counts < len(members))).all():
        raise ValueError(
            "each sample must be in the training of some shadow models, and not of all"
        )
    beliefs = []
    for group in (members, ~members):
        mean = (shadows * group).sum(dim=0) / group.sum(dim=0)  # (n,)
        spread = (shadows - mean)[group].square().mean().sqrt().clamp(min=LEAST_SPREAD)
        beliefs.append(Normal(mean, spread).log_prob(observed))
    return beliefs[0] - beliefs[1]


def roc_curve(scores: Tensor, members: Tensor) -> tuple[Tensor, Tensor]:
    """False and true positive rates at every threshold, from (0, 0) to (1, 1), both (k,) float64.

    scores: (n,). members: (n,) boolean. Equal scores are let through together.
    Raises ValueError for other shapes, NaN, or where members or others are missing.
    """
    if scores.shape != members.shape or scores.ndim != 1 or members.dtype != torch.bool:
        raise ValueError(
            f"scores and members must be (n,), the second boolean, not {tuple(scores.shape)} and "
            f"{members.dtype} {tuple(members.shape)}"
        )
    if scores.isnan().any():
        raise ValueError("the scores hold NaN")
    if members.all() or not members.any():
        raise ValueError("a curve needs members and others")
    order = scores.argsort(descending=True)
    sorted_scores, hits = scores[order], members[order].double()
    last = torch.cat([sorted_scores.diff() != 0, torch.ones(1, dtype=torch.bool)])
    found = hits.cumsum(0)[last] / hits.sum()
    alarms = (1 - hits).cumsum(0)[last] / (1 - hits).sum()
    zero = found.new_zeros(1)
    return torch.cat([zero, alarms]), torch.cat([zero, found])


def true_positive_rate(scores: Tensor, members: Tensor, false_positive_rate: float) -> float:
    """The largest share of members found with at most this share of others accused.

    Raises ValueError unless the rate is from 0 to 1, or where `roc_curve` does.
    """
    if not 0 <= false_positive_rate <= 1:
        raise ValueError(f"the false positive rate is from 0 to 1, not {false_positive_rate!r}")
    alarms, found = roc_curve(scores, members)
    return float(found[alarms <= false_positive_rate + 1e-12].max())


def membership_advantage(scores: Tensor, members: Tensor, threshold: float) -> float:
    """The share of members above a threshold, less that of others: 0 for guessing, 1 at most.

    The threshold has to come from elsewhere, such as the shadow models: the best one for these very
    samples would find an advantage in noise. Raises ValueError where `roc_curve` does, or for NaN.
    Source: Yeom et al. 2018.
    """
    if math.isnan(threshold):
        raise ValueError("the threshold is NaN")
    roc_curve(scores, members)
    above = scores > threshold
    return float(above[members].double().mean() - above[~members].double().mean())


def advantage_bound(epsilon: float, delta: float = 0.0) -> float:
    """The largest advantage that any attack has against (epsilon, delta)-privacy.

    From TPR <= exp(epsilon) FPR + delta, and the same for the other answer: where both are tight,
    TPR - FPR = (exp(epsilon) - 1 + 2 delta) / (exp(epsilon) + 1).
    Raises ValueError unless epsilon >= 0 and 0 <= delta <= 1. Source: Kairouz et al. 2015.
    """
    if not epsilon >= 0:
        raise ValueError(f"epsilon must be zero or positive, not {epsilon!r}")
    if not 0 <= delta <= 1:
        raise ValueError(f"delta must be from 0 to 1, not {delta!r}")
    half = math.tanh(epsilon / 2)  # (e^eps - 1) / (e^eps + 1), without an overflow
    return half + delta * (1 - half)
