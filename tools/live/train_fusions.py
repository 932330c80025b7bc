"""Train the networks of the fusion explorer: `python -m tools.live.train_fusions`.

On the book's generated digits (scikit-learn's images, synthetic voices), each sample with noise of
its own from the whole range of the sliders. First an eye and an ear learn alone; then they stay as
they are, late fusion multiplies what they believe, and the other two learn to join what they see
and hear, each sense hidden now and then. The weights go to data/fusion-explorer, in half precision.
One processor core takes five minutes.
"""

import sys

import torch
from torch import nn

from mmbook.batch import Batch
from mmbook.command_line import reported
from mmbook.datasets.digits.bank import load_bank
from mmbook.datasets.digits.items import Corruption, DigitBank, draw
from mmbook.encoders import KeptTokens
from mmbook.evaluation.environment import commit
from mmbook.fusion import ModalityDropout
from mmbook.models import MultimodalModel, expert
from mmbook.training import TrainingConfig, fit, save_weights, seed_everything
from mmbook.training.saving.checkpoints import digest
from tools.live.fusions import SENSES, WEIGHTS, WIDTH, ThreeFusions

SEED = 0
NOISE = (0.0, 3.0)  # standard deviations on pixels in [0, 1]
SNR_DB = (-20.0, 30.0)
PRACTICE = 24_000
HIDDEN = 0.3  # how often a sense is hidden, of early and attention fusion
SETTINGS = {"batch_size": 128, "weight_decay": 0.05, "warmup": 0.05, "seed": SEED, "device": "cpu"}
ALONE = TrainingConfig(steps=3000, learning_rate=3e-3, **SETTINGS)
JOINED = TrainingConfig(steps=2000, learning_rate=2e-3, **SETTINGS)


def samples(bank: DigitBank, count: int, seed: int, corruption: Corruption) -> Batch:
    """Digits seen and heard with noise; what leaves the range of a picture is cut off."""
    batch = draw(bank, count, corruption=corruption, seed=seed).only(*SENSES)
    return Batch({**batch.inputs, "image": batch.inputs["image"].clamp(0, 1)}, batch.targets)


def practice(bank: DigitBank) -> Batch:
    """Samples to train on, noise and speed of each its own."""
    corruption = Corruption(NOISE, audio_speed=(0.8, 1.25), audio_snr_db=SNR_DB)
    return samples(bank, PRACTICE, SEED, corruption)


def train(practice: Batch, progress: bool = True) -> ThreeFusions:
    """Train eye, ear and fusions on samples of both senses."""
    seed_everything(SEED)
    model = ThreeFusions()
    late = model.fusions["late"][0]  # type: ignore[index]
    for sense in SENSES:
        alone = expert(sense, 0, width=WIDTH)
        fit(alone, practice.only(sense), ALONE, progress=progress)
        model.encoders[sense].load_state_dict(alone.encoders[sense].state_dict())
        late.heads[sense].load_state_dict(alone.fusion.heads[sense].state_dict())  # type: ignore[union-attr]
    kept = taken_in(model.eval(), practice)
    for name in ("early", "attention"):
        join, decoder = model.fusions[name]  # type: ignore[misc]
        learner = MultimodalModel(
            {sense: KeptTokens() for sense in SENSES},
            nn.Sequential(ModalityDropout(HIDDEN), join),
            decoder,
        )
        fit(learner, kept, JOINED, progress=progress)
    return model.eval()


@torch.no_grad()
def taken_in(model: ThreeFusions, batch: Batch) -> Batch:
    """The same samples as eye and ear take them in, as tokens."""
    parts = [model.encode(part.inputs) for part in batch.batches(500)]
    tokens = {sense: torch.cat([part[sense].values for part in parts]) for sense in SENSES}
    return Batch(tokens, batch.targets)


@reported
def main(words: list[str]) -> int:
    """Train and write from the command line."""
    bank = load_bank("train")
    model = train(practice(bank))
    facts = {
        "command": "python -m tools.live.train_fusions",
        "commit": commit(),
        "seed": SEED,
        "data": digest({"images": bank.images, "clips": bank.clips}),
    }
    save_weights(WEIGHTS, model.half(), facts)
    print(f"{WEIGHTS}: {WEIGHTS.stat().st_size:,} bytes, {facts}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
