"""The trained systems of one variant and one seed."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import torch

from mmbook.batch import Batch
from mmbook.decoders import Classifier
from mmbook.evaluation import accuracy, predict
from mmbook.experiments.av_mnist.config import (
    CLASSES,
    ENCODERS,
    FUSIONS,
    SYSTEMS,
    AvMnistConfig,
    System,
)
from mmbook.experiments.harness.trained import trained
from mmbook.fusion import LateFusion, ModalityDropout
from mmbook.models import MultimodalModel, classifier
from mmbook.training import seed_everything


def network(system: System, width: int) -> MultimodalModel:
    """A system with its first weights: the same encoders in all."""
    encoders = {m: ENCODERS[m](width=width) for m in system.modalities}
    if system.fusion == "late":
        return classifier(encoders, width, CLASSES, dropout=system.dropout)
    fusion = FUSIONS[system.fusion](system.modalities, width)
    if system.dropout:
        fusion = torch.nn.Sequential(ModalityDropout(system.dropout), fusion)
    return MultimodalModel(encoders, fusion, Classifier(width, CLASSES))


@dataclass(frozen=True)
class Trained:
    """A system after training, with the rate that it was trained with, and the seconds of that."""

    model: MultimodalModel
    rate: float
    seconds: float


def begin_with(model: MultimodalModel, alone: MultimodalModel) -> None:
    """Give a system what a sense alone has learned: its encoder, and what late fusion adds."""
    for sense, encoder in alone.encoders.items():
        model.encoders[sense].load_state_dict(encoder.state_dict())
        if isinstance(model.fusion, LateFusion) and isinstance(alone.fusion, LateFusion):
            answer = alone.fusion.heads[sense]
            model.fusion.heads[sense].load_state_dict(answer.state_dict())


class Trainer:
    """Trains the systems of one variant and seed, and adds up the seconds.

    rates: {system: learning rate}; a system that has none here gets the one of the settings that
    does best on the validation samples, and has it from then on. splits: the seed's samples, and
    "fresh" and "fresh again", other training pairs, of which none is seen twice.
    """

    def __init__(
        self,
        config: AvMnistConfig,
        variant: str,
        seed: int,
        splits: Mapping[str, Batch],
        rates: dict[str, float],
        folder: Path,
    ) -> None:
        self.config, self.variant, self.seed = config, variant, seed
        self.splits, self.rates, self.folder = splits, rates, folder
        self.done: dict[str, Trained] = {}
        self.seconds = 0.0

    def train(self, name: str) -> Trained:
        """The system of that name, with its rate."""
        tried = [self.rates[name]] if name in self.rates else self.config.rates
        found = [self._train(name, rate) for rate in tried]
        self.seconds += sum(one.seconds for one in found)
        best = max(found, key=self._validated) if len(found) > 1 else found[0]
        self.rates[name] = best.rate
        self.done[name] = best
        return best

    def _validated(self, one: Trained) -> float:
        held_out = self.splits["validation"].only(*one.model.encoders)
        return accuracy(predict(one.model, held_out), held_out.target)

    def _train(self, name: str, rate: float) -> Trained:
        system = SYSTEMS[name]
        seed_everything(self.seed)
        model = network(system, self.config.width)
        for alone in system.begins:
            begin_with(model, self.done[alone].model)
        settings = self.config.training
        seconds = trained(
            model,
            self._samples(system).only(*system.modalities),
            replace(
                settings,
                steps=settings.steps * system.rounds,
                seed=self.seed,
                learning_rate=rate,
            ),
            self.folder / f"seed-{self.seed}",
            f"{self.variant}, {name}, {rate:g}",
            __name__,
        )
        return Trained(model, rate, seconds)

    def _samples(self, system: System) -> Batch:
        """What a system is trained on."""
        if not system.fresh:
            return self.splits["train"]
        if system.rounds > 1:
            return Batch.joined([self.splits["fresh"], self.splits["fresh again"]])
        return self.splits["fresh again" if system.begins else "fresh"]
