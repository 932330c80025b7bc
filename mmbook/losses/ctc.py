"""Connectionist temporal classification: a sequence of labels without their times."""

import torch.nn.functional as F

from mmbook.batch import Padded
from mmbook.losses.loss import Loss
from mmbook.tokens import Tokens


def ctc(logits: Tokens, targets: Padded, blank: int = 0) -> Loss:
    """-log p(labels) of each sequence, summed over all ways to spread the labels over the tokens.

    logits: (n, length, classes) with real tokens first. targets: (n, labels) classes other than
    `blank`, which stands between two equal ones. Counts sequences. The loss is infinite where there
    are more labels, and blanks that must stand between them, than tokens.
    Raises ValueError where the numbers of sequences differ. Source: Graves et al. (2006).
    """
    if len(logits.values) != len(targets):
        raise ValueError(
            f"{len(logits.values)} sequences of logits need as many targets, not {len(targets)}"
        )
    scores = logits.values.masked_fill(~logits.mask.unsqueeze(-1), 0).log_softmax(dim=-1)
    total = F.ctc_loss(
        scores.transpose(0, 1),  # (length, n, classes)
        targets.filled(),
        logits.mask.sum(dim=1),
        targets.lengths,
        blank,
        reduction="sum",
    )
    return Loss(total, len(targets))
