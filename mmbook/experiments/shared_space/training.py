"""Spaces with their first weights, and trained."""

from dataclasses import replace
from pathlib import Path

from mmbook.encoders import RecurrentEncoder
from mmbook.experiments.harness.trained import trained
from mmbook.experiments.shared_space.config import SharedSpaceConfig, System
from mmbook.experiments.shared_space.data import LANGUAGES, VOCABULARY, Senses, Shown, draw
from mmbook.experiments.shared_space.losses import objective_of
from mmbook.models import digit_encoders
from mmbook.models.alignment import SharedSpace
from mmbook.training import Objective, seed_everything

FIRST_BIAS = -10.0  # of the sigmoid loss: nearly all combinations are no pairs


class Trainer:
    """Trains spaces, each once, and adds up the seconds."""

    def __init__(self, config: SharedSpaceConfig, senses: Senses, folder: Path) -> None:
        self.config, self.senses, self.folder = config, senses, folder
        self.shown = Shown(senses.values)
        self.sizes: dict[str, int] = {}
        self._took: dict[tuple[str, int], float] = {}

    @property
    def seconds(self) -> float:
        """Of all training so far."""
        return sum(self._took.values())

    def train(self, system: System, seed: int, rate: float) -> SharedSpace:
        """A system of a seed, with this learning rate."""
        training = self.config.training
        steps = system.steps(training.steps)
        settings = replace(
            training,
            seed=seed,
            steps=steps,
            batch_size=system.batch,
            learning_rate=rate,
        )
        samples = draw(self.senses, system, steps * system.batch, seed)
        name = unit_name(system, steps, settings.learning_rate)
        model = untrained(system, self.config.width, seed)
        self._took[name, seed] = trained(
            model,
            samples,
            settings,
            self.folder / f"seed-{seed}",
            name,
            __name__,
            objectives=Objective(objective_of(system)),
            augment=self.shown,
        )
        self.sizes[" + ".join(system.senses)] = sum(p.numel() for p in model.parameters())
        return model


def unit_name(system: System, steps: int, rate: float) -> str:
    """What tells a run from all others of a seed: the same for systems that are trained alike."""
    pairs = " ".join(f"{a}-{b}" for a, b in system.pairs)
    scale = f"scale {system.scale:.4g}{'' if system.learned else ' fixed'}"
    without = "" if system.withheld == "nothing" else f", without {system.withheld}"
    return f"{system.loss}, {pairs}, {steps} of {system.batch}, {scale}, rate {rate:g}{without}"


def untrained(system: System, width: int, seed: int) -> SharedSpace:
    """A space with its first weights."""
    seed_everything(seed)
    encoders = digit_encoders([m for m in system.senses if m not in LANGUAGES], VOCABULARY, width)
    words = [m for m in system.senses if m in LANGUAGES]
    encoders |= {m: RecurrentEncoder(VOCABULARY, width=width) for m in words}
    bias = FIRST_BIAS if system.loss == "sigmoid" else None
    model = SharedSpace(encoders, width, space=width, scale=system.scale, bias=bias)
    model.log_scale.requires_grad_(system.learned)
    return model
