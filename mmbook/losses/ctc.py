"""Connectionist temporal classification: a sequence of labels without their times."""

import torch.nn.functional as F

from mmbook.batch import Padded
from mmbook.layers.checks import can_look
from mmbook.losses.cross_entropy import class_targets
from mmbook.losses.loss import Loss
from mmbook.tokens import Tokens


def ctc(logits: Tokens, targets: Padded, blank: int = 0) -> Loss:
    """-log p(labels) of each sequence, summed over all ways to spread the labels over the tokens.

    logits: (n, length, classes) with real tokens first. targets: (n, labels) classes other than
    `blank`, which stands between two equal ones. Counts sequences. The loss is infinite where there
    are more labels, and blanks that must stand between them, than tokens.
    Raises ValueError where the numbers of sequences differ, blank is no class, and (where
    `can_look`) on targets that are no such classes, or a token that is real behind one that is not.
    Source: Graves et al. (2006).
    """
    if len(logits.values) != len(targets):
        raise ValueError(
            f"{len(logits.values)} sequences of logits need as many targets, not {len(targets)}"
        )
    classes = logits.values.shape[-1]
    if type(blank) is not int or not 0 <= blank < classes:
        raise ValueError(f"blank must be a class, a whole number in [0, {classes}), not {blank!r}")
    labels = class_targets(targets.filled())
    if can_look(labels):
        real = labels[targets.mask]
        wrong = (real < 0) | (real >= classes) | (real == blank)
        if wrong.any():
            raise ValueError(
                f"targets must be classes in [0, {classes}) other than blank, {blank}, not "
                f"{int(real[wrong][0])}"
            )
    if can_look(logits.mask) and (gaps := logits.mask[:, 1:] & ~logits.mask[:, :-1]).any():
        row = int(gaps.any(dim=1).int().argmax())
        raise ValueError(f"real tokens must come first, but padding is before one in row {row}")
    scores = logits.values.masked_fill(~logits.mask.unsqueeze(-1), 0).log_softmax(dim=-1)
    total = F.ctc_loss(
        scores.transpose(0, 1),  # (length, n, classes)
        labels,
        logits.mask.sum(dim=1),
        targets.lengths,
        blank,
        reduction="sum",
    )
    return Loss(total, len(targets))
