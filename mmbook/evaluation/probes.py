"""How much plain classifiers can tell from a representation."""

import torch
from sklearn.svm import SVC
from torch import Tensor

from mmbook.preprocessing.standardiser import Standardiser

MACHINE, NEIGHBOUR = "support vector machine", "nearest neighbour"


def probe(rows: Tensor, labels: Tensor, test: Tensor, penalty: float) -> dict[str, float]:
    """Shares of right answers on the test rows, of a support vector machine and nearest neighbours.

    rows: (n, numbers). labels: (n,). test: (n,) boolean. Both see standardised numbers and the
    same distances; the machine's kernel is exp(-squared distance / numbers).
    Raises ValueError where the numbers of rows differ or the test rows are no boolean mask.
    """
    if test.dtype != torch.bool or not test.shape == labels.shape == rows.shape[:1]:
        raise ValueError(
            f"{len(rows)} rows need labels ({len(rows)},), not {tuple(labels.shape)}, and a "
            f"boolean mask of those to test on as long, not {tuple(test.shape)} {test.dtype}"
        )
    train = ~test
    rows = Standardiser.fit(rows[train], axis=1)(rows)
    squares = torch.cdist(rows, rows[train]).square() / rows.shape[1]  # (n, train)
    kernel = torch.exp(-squares).double().numpy()
    machine = SVC(C=penalty, kernel="precomputed").fit(kernel[train], labels[train])
    nearest = labels[train][squares[test].argmin(dim=1)]
    right = torch.from_numpy(machine.predict(kernel[test])) == labels[test]
    return {
        MACHINE: right.double().mean().item(),
        NEIGHBOUR: (nearest == labels[test]).double().mean().item(),
    }
