"""The speed of the training loop."""

import torch
import torch.nn.functional as F
from torch import nn

from benchmarks.compare import compare
from mmbook.datasets.digits.items import Corruption, draw, load_bank
from mmbook.models import recogniser
from mmbook.training import TrainingConfig, fit


def training_loop() -> None:
    """Forty steps of `fit` against the plainest loop with the same model and optimiser."""
    samples = draw(load_bank("train"), 5120, corruption=Corruption(image_noise=(0.0, 1.0)))
    samples = samples.only("image")
    config = TrainingConfig(steps=40, batch_size=128)

    def ours() -> None:
        fit(recogniser(["image"], 2), samples, config, progress=False)

    def reference() -> None:
        model = recogniser(["image"], 2)
        optimiser = torch.optim.AdamW(model.parameters())
        for batch in samples.batches(128):
            F.cross_entropy(model(batch.inputs), batch.target).backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimiser.step()
            optimiser.zero_grad()

    compare("40 training steps with fit / a bare loop", ours, reference)


BENCHMARKS = (training_loop,)
