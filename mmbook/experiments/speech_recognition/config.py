"""Settings of the experiment on speech recognition."""

from dataclasses import dataclass, field

from mmbook.datasets.digits.strings import StringConfig
from mmbook.datasets.real.fsdd import WORDS
from mmbook.models.transcription import TranscriberConfig
from mmbook.training import TrainingConfig

LETTERS = tuple(sorted({" ", *"".join(WORDS)}))
CTC, CAUSAL, GUESS = "CTC", "CTC, causal", "one word"
KNOWN, NEW = "known", "new"  # whose voices a test has


def _training(steps: int, learning_rate: float) -> TrainingConfig:
    return TrainingConfig(
        steps=steps, batch_size=16, learning_rate=learning_rate, weight_decay=0.01, warmup=0.1
    )


@dataclass(frozen=True)
class SpeechRecognitionConfig:
    """The networks, the strings they are trained and tested on, and their training.

    Seed s leaves out the s-th part of the speakers, of `folds`. systems: what is
    trained. takes: of each synthetic word (mini). strings: that each test joins. train, test: how
    strings are joined. synthetic: share of the training strings that the book's synthetic voices
    say (full). width: of the beam search.
    """

    seeds: tuple[int, ...] = (0, 1, 2)
    folds: int = 3
    systems: tuple[str, ...] = (CTC,)
    takes: int = 3
    strings: int = 100
    train: StringConfig = field(
        default_factory=lambda: StringConfig(speed=(0.85, 1.15), snr_db=(15.0, 45.0))
    )
    test: StringConfig = field(default_factory=StringConfig)
    synthetic: float = 0.25
    model: TranscriberConfig = field(
        default_factory=lambda: TranscriberConfig(
            mels=24, stages=(8, 16), width=64, dropout=0.1, letters=LETTERS, words=WORDS
        )
    )
    width: int = 8
    training: TrainingConfig = field(default_factory=lambda: _training(600, 8e-3))


TIERS = {
    "mini": SpeechRecognitionConfig(),
    "full": SpeechRecognitionConfig(
        seeds=(0, 1, 2, 3, 4, 5),
        folds=6,
        model=TranscriberConfig(letters=LETTERS, words=WORDS),
        training=_training(1200, 6e-3),
    ),
}
