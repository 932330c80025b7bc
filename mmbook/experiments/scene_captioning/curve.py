"""How a captioner that learns from scenes only goes on as it is trained for longer."""

from collections.abc import Iterator
from dataclasses import replace

from mmbook.experiments.harness.trained import trained
from mmbook.experiments.scene_captioning.config import System
from mmbook.experiments.scene_captioning.training import Trainer, settings_of, untrained
from mmbook.models.captioning import Captioner
from mmbook.models.language import next_token_loss
from mmbook.training import Objective


def shorter(
    trainer: Trainer, name: str, system: System, seed: int, parts: tuple[int, ...]
) -> Iterator[tuple[int, Captioner, float]]:
    """Captioners trained from the start for one in so many steps, each with a schedule of its own.

    Yields the part, the captioner, and the seconds of its training. Raises ValueError for a system
    that has more than one stage.
    """
    (stage, settings), *more = settings_of(system, trainer.config, seed)
    if more:
        raise ValueError(f"{name} has {1 + len(more)} stages: only one can be made shorter")
    for part in parts:
        model = untrained(system, trainer.config, seed)
        seconds = trained(
            model,
            trainer.samples(model, stage, system),
            replace(settings, steps=max(1, settings.steps // part)),
            trainer.folder / f"seed-{seed}",
            f"{name}, one step in {part}",
            __name__,
            objectives=Objective(next_token_loss),
        )
        yield part, model, seconds
