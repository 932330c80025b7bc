"""One call over all data sets."""

from mmbook.datasets.digits import Degradation, draw, load_bank
from mmbook.datasets.tasks import Task
from mmbook.samples import Samples


def load_digits(
    *,
    split: str,
    size: int,
    tier: str = "mini",
    task: str | Task = "copy",
    degradation: Degradation | None = None,
    seed: int = 0,
) -> Samples:
    """Trimodal digits: see `mmbook.datasets.digits`."""
    return draw(load_bank(split, tier), size, task=task, degradation=degradation, seed=seed)


LOADERS = {"digits": load_digits}


def load(name: str, **options) -> Samples:
    """Load samples of the named data set; the options are those of its loader in LOADERS.

    Raises ValueError for an unknown name.
    """
    if name not in LOADERS:
        raise ValueError(f"there is no data set {name!r}; there are {', '.join(LOADERS)}")
    return LOADERS[name](**options)
